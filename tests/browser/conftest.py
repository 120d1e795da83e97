from __future__ import annotations

import os

import pytest
from chromium import missing, screen, start
from made_up import made_up_run

from proofs_check.claims import load
from proofs_check.report.html import render


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    absent = missing()
    if absent and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(f"REQUIRE_BROWSER is set, but there is no {absent}")
    if absent:
        pytest.skip(f"no {absent}; set REQUIRE_BROWSER=1 to fail instead")
    driver = start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def page(tmp_path_factory, browser):
    """The address of a page with every claim of the registry."""
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(render(made_up_run(load()), load()), encoding="utf-8")
    return path


@pytest.fixture
def shown(browser, page):
    """The browser on the overview, as on a desk; nothing may be left in the console after the test."""
    screen(browser, 1280, 900)
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get(page.as_uri())
    yield browser
    assert [line["message"] for line in browser.get_log("browser")] == []
