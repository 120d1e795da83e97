"""Files of claims whose code goes wrong: one line with the place, never a traceback."""

from __future__ import annotations

import pytest
from processes import claim_file

from proofs_check.cli import main

GOOD = """
import sympy as sp
from proofs_check import Claim, between, domain, ge, universal
y = sp.Symbol("y", real=True)
def made(**more):
    what = dict(id="mine", title="t", section="s", printed="p", statements=(
        universal("square", "y^2 >= 0", domain(between(y, -1, 1)), ge(y**2, 0)),))
    return Claim(**{**what, **more})
"""


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def f(): return f()\nf()\n", "RecursionError"),
        ("import sys; sys.exit('enough')\n", "SystemExit: enough"),
        ("raise SystemExit\n", "SystemExit"),
        ("class Odd(BaseException): pass\nraise Odd('x')\n", "Odd: x"),
        ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd\n", "Odd: (an exception without"),
        ("import sys; del sys.modules[__name__]\nsys.path.clear()\n1/0\n", "ZeroDivisionError"),
        ("x = (" * 300 + "\n", "my_claims.py"),
        ("x = 1\n\0", "null byte"),
        ("\udcff", "my_claims.py"),
        (GOOD + "CLAIMS = (made(id=3),)\n", "id must be text, got 3"),
        (GOOD + "CLAIMS = (made(id=''),)\n", "id must be printable, not empty"),
        (GOOD + "CLAIMS = (made(title=None),)\n", "title must be text, got None"),
        (GOOD + "CLAIMS = (made(statements=None),)\n", "statements must be a tuple, got None"),
        (GOOD + "CLAIMS = (made(statements=(1,)),)\n", "statements must hold Statement only, got 1"),
        (GOOD + "CLAIMS = (made(repairs=(1,)),)\n", "repairs must hold Repair only, got 1"),
        (GOOD + "CLAIMS = (made(uses='prop-1'),)\n", "uses must be a tuple, got 'prop-1'"),
        (GOOD + "CLAIMS = (made(), made())\n", "two claims are called 'mine'"),
        (
            GOOD + "from proofs_check import Statement\ndef bad(D):\n    return [][D]\n"
            "CLAIMS = (made(statements=(Statement('s', 't', instance=bad),)),)\n",
            "my_claims.py:11: IndexError",
        ),
        (
            GOOD
            + "from proofs_check import Statement\nCLAIMS = (made(statements=(Statement('s', 't', instance=3),)),)\n",
            "instance must be a function, got 3",
        ),
        (
            GOOD + "class Odd:\n    def __repr__(self): raise ValueError\nCLAIMS = (Odd(),)\n",
            "an object of type Odd",
        ),
    ],
)
def test_one_line_with_the_place(tmp_path, cache, capsys, code, says):
    path = tmp_path / "my_claims.py"
    path.write_text(code, encoding="utf-8", errors="surrogateescape")
    assert main(["verify", str(path), "--cache", str(cache), "--no-twins", "--jobs", "1"]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert len(captured.err.splitlines()) == 1
    assert "internal error" not in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_file_that_changes_nothing_of_ours(tmp_path, cache):
    """What it does to the path of imports ends with it."""
    import sys

    before = list(sys.path)
    path = claim_file(tmp_path, "ge(x**2, 0)")
    with open(path, "a") as file:
        file.write("import sys\nsys.path[:] = ['/nowhere']\n")
    assert main(["list", path]) == 0
    assert sys.path == before
