"""Every code block of the README and the documentation runs and prints what its page shows."""

from __future__ import annotations

import pytest
from doc_pages import PAGES, ROOT, Wrong, blocks_of, matches, normal, reader, run_console, run_page, with_formulas

#: at most so many blocks of all pages are not run; each says why on its page
NOT_RUN = 10
_NAMES = [str(p.relative_to(ROOT)) for p in PAGES]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", _NAMES)
def test_every_block_runs_and_prints_what_the_page_shows(name, tmp_path, cache):
    page = ROOT / name
    if not any(b.kind in ("python", "console") for b in blocks_of(page)):
        return
    with reader(tmp_path, cache):
        for block, body in run_page(page, tmp_path):
            assert normal(block.body) == normal(body), f"{block.where} is out of date: make pages"


@pytest.mark.parametrize("name", _NAMES)
def test_formulas_are_those_of_theory(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == with_formulas(text), "make pages"


def test_what_is_not_run_is_counted_and_says_why():
    left_out = [b for name in _NAMES for b in blocks_of(ROOT / name) if b.reason]
    assert len(left_out) <= NOT_RUN, [b.where for b in left_out]
    assert all(len(b.reason.split()) >= 4 for b in left_out)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a 0.6 s\n", "a   12.3 s\n", True),
        ("a 1.6\n", "a 12.3\n", False),
        ("a\n...\nz\n", "a\nb\nc\nz\n", True),
        ("a\n...\nz\n", "a\nz\n", True),
        ("a\n...\nz\n", "a\nb\n", False),
        ("a\n...\n", "b\na\n", False),
    ],
)
def test_what_counts_as_the_same_output(shown, printed, same):
    assert matches(shown, printed) is same


@pytest.mark.parametrize(
    "block",
    [
        "```console\n$ latent-stopping nonsense\n```\n",
        "```console\n$ false\n$ true\n```\n",
        "```console\n$ echo a\nb\n...\n```\n",
        "```console\nno prompt\n```\n",
    ],
)
def test_a_wrong_block_is_caught(block, tmp_path):
    page = ROOT / "README.md"
    with reader(tmp_path, tmp_path), pytest.raises(Wrong):
        run_console(blocks_of(page, block)[0], tmp_path)


def test_a_wrong_formula_is_caught():
    text = "<!-- formula: slope -->\n$$g = 1$$\n"
    assert with_formulas(text) != text
    assert with_formulas(with_formulas(text)) == with_formulas(text)


def test_every_command_that_a_page_names_exists():
    import re

    from proofs_check.cli import build_parser

    known = set(next(a for a in build_parser()._actions if a.dest == "==SUPPRESS==" or a.choices).choices)
    for name in _NAMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        named = set(re.findall(r"[`$] ?(?:\.venv/bin/)?latent-stopping ([a-z]+)", text))
        assert named <= known, name


def test_every_picture_is_there_and_small():
    import re

    for name in _NAMES:
        page = ROOT / name
        for target in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            picture = (page.parent / target).resolve()
            assert picture.is_file(), f"{name}: {target}"
            assert picture.stat().st_size < 150_000
