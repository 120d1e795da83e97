"""The command as a user meets it: whole processes, each timed in turn with `python -c "import numpy"`.

Caches live in a temporary folder, so nothing kept by the user helps. "kept" is a run or a table of contents that the
same command left there before; "anew" starts from an empty folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import rmtree
from statistics import median

from table import Figure, seconds_text

TOPIC = "command"
#: a claim with a witness, a repair and twins, resting on others
CLAIM = "text-4"
_PROGRAM = "from proofs_check.cli import main; raise SystemExit(main())"


def figures(*, quick: bool) -> Iterator[Figure]:
    """All figures of the topic."""
    rounds = 3 if quick else 11
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # the same modules compiled and the same files read before anything is timed
        for warm in (("--help",), ("list",), ("evaluate", "stop-time", "x=1/2"), ("verify", CLAIM)):
            _run(folder, *warm)
        yield _beside(
            folder, rounds, "--help: within twice `import numpy`", ["--help"], lambda ours, peer: ours <= 2 * peer
        )
        yield _beside(
            folder, rounds, "bad usage: within twice `import numpy`", ["nonsense"], lambda ours, peer: ours <= 2 * peer
        )
        for arguments in (["list"], ["trust"]):
            said = f"{arguments[0]}, kept contents: within 3 times `import numpy`"
            yield _beside(folder, rounds, said, arguments, lambda ours, peer: ours <= 3 * peer)
        yield _beside(
            folder, rounds, "evaluate one quantity to 50 digits: within 1 s", ["evaluate", "stop-time", "x=1/2"],
            lambda ours, _: ours <= 1, "SymPy and Arb are loaded",
        )  # fmt: skip
        yield _beside(
            folder, rounds, f"verify {CLAIM}, kept run: within 1 s", ["verify", CLAIM], lambda ours, _: ours <= 1
        )
        yield _one_claim(folder, 2 if quick else 5)
        if not quick:
            yield from _everything(folder, rounds)


def _run(folder: Path, *arguments: str) -> float:
    """Seconds that one run of the command takes; its caches are in `folder`."""
    return _timed([sys.executable, "-c", _PROGRAM, *arguments], {"XDG_CACHE_HOME": str(folder)})


def _timed(command: list[str], extra: Mapping[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(
        command, env={**os.environ, **extra}, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    spent = time.perf_counter() - start
    if b"Traceback" in done.stderr:
        raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
    return spent


def _numpy() -> float:
    return _timed([sys.executable, "-c", "import numpy"], {})


def _beside(
    folder: Path, rounds: int, target: str, arguments: list[str], met: Callable[[float, float], bool], note: str = ""
) -> Figure:
    rows = [(_run(folder, *arguments), _numpy()) for _ in range(rounds)]
    ours, peer = (median(row[k] for row in rows) for k in (0, 1))
    ratio = median(b / a for a, b in rows)
    return Figure(TOPIC, target, seconds_text(ours), f"import numpy {seconds_text(peer)}", ratio, met(ours, peer), note)


def _one_claim(folder: Path, rounds: int) -> Figure:
    """One claim decided anew, with and without the table of contents."""
    rows = []
    for _ in range(rounds):
        _run(folder, "list")
        with tempfile.TemporaryDirectory() as other:
            rows.append((_run(Path(other), "verify", CLAIM), _anew(folder, "verify", CLAIM), _numpy()))
    nothing, contents, peer = (median(row[k] for row in rows) for k in range(3))
    return Figure(
        TOPIC,
        f"verify {CLAIM}, decided anew: within 5 s",
        seconds_text(nothing),
        f"import numpy {seconds_text(peer)}",
        peer / nothing,
        nothing <= 5,
        f"{seconds_text(contents)} where the table of contents is kept: then only the sections it rests on are loaded",
    )


def _anew(folder: Path, *arguments: str) -> float:
    """With nothing kept but the table of contents."""
    cache = folder / "latent-stopping"
    for kept in cache.iterdir():
        if kept.is_dir():
            rmtree(kept)
    return _run(folder, *arguments)


def _everything(folder: Path, rounds: int) -> Iterator[Figure]:
    """The whole registry: anew, with decisions kept, with the run kept."""
    anew = _anew(folder, "verify")
    yield Figure(
        TOPIC, "verify, everything decided anew: within 3 minutes", seconds_text(anew), "", None, anew <= 180,
        f"{len(os.sched_getaffinity(0))} processes",
    )  # fmt: skip
    # a run in which something was cut short is not kept at all
    rmtree(folder / "latent-stopping" / "runs", ignore_errors=True)
    again = _run(folder, "verify")
    yield Figure(
        TOPIC, "verify, decisions kept but the run not (a text was edited): within 20 s", seconds_text(again),
        f"anew {seconds_text(anew)}", anew / again, again <= 20,
        "every formula is built again, and the rules' conclusions compared again",
    )  # fmt: skip
    yield _beside(folder, rounds, "verify, kept run: within 2 s", ["verify"], lambda ours, _: ours <= 2)
