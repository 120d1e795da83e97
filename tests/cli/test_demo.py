from __future__ import annotations

import pytest

from proofs_check.cli import demo, main


def test_the_demo_proves_breaks_and_shows_the_witness(capsys):
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    claim, _, rest = out.partition("2  The same with one sign changed")
    broken, _, following = rest.partition("3  What to try next")
    assert claim.count("PROVED") == 2
    assert "REFUTED" not in claim
    assert "z3 unsat, cvc5 unsat" in claim
    assert "rule slope-increases" in claim
    assert "REFUTED  the slope is the derivative of the term" in broken
    assert "derivative of the term -3/2, the formula says -9/2" in broken
    assert "latent-stopping verify text-1" in following


def test_the_commands_it_suggests_exist(monkeypatch):
    from proofs_check.cli import build_parser

    for command, _ in demo._NEXT:
        build_parser().parse_args(command.split()[1:])


@pytest.mark.parametrize("what", ["nothing is refuted", "nothing is proved"])
def test_the_exit_code_says_whether_it_came_out(monkeypatch, capsys, what):
    from theory import frechet

    decided, right = demo._decided, frechet.slope()
    other = right if what == "nothing is refuted" else 2 * right
    monkeypatch.setattr(demo, "_decided", lambda slope: decided(other))
    assert main(["demo"]) == 1
    assert "did not come out" in capsys.readouterr().out


def test_the_demo_does_not_load_the_registry():
    import subprocess
    import sys

    code = (
        "import sys; from proofs_check.cli import main; main(['demo']); "
        "print('proofs_check.claims.low_rank' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
