"""Debian's Chromium without a window, driven by Selenium; nothing is fetched from anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
).split()


def missing():
    """What is not there, in words; empty if everything is."""
    parts = []
    try:
        import selenium  # noqa: F401
    except ImportError:
        parts.append("selenium (pip install selenium)")
    if _chromium() is None:
        parts.append("chromium (apt install chromium)")
    if shutil.which("chromedriver") is None:
        parts.append("chromedriver (apt install chromium-driver)")
    return ", ".join(parts)


def _chromium():
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


def start(profile: Path):
    """A browser with its own profile folder; the console is logged."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = _chromium()
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def screen(driver, width: int, height: int, scheme: str = "light", *, medium: str = "screen"):
    """Show the page as on a screen `width` x `height` CSS pixels with the colour scheme `light` or `dark`."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    calm = {"name": "prefers-reduced-motion", "value": "reduce"}
    wanted = [{"name": "prefers-color-scheme", "value": scheme}, calm]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": wanted})
