"""The documentation's code blocks, run as a reader would run them, and its generated formulas.

A page's `python` and `console` blocks run in order in one empty folder, the Python ones in one namespace. A `text`
block right after a Python block, and what stands under a `$ command`, is the output to expect: a line `...` stands for
any lines; times, widths and solvers' versions do not count. A command may fail only where `$ echo $?` shows its exit
code. A block under `<!-- not run: REASON -->` is left out; such blocks are counted. Under `<!-- formula: NAME -->` the
right side of a display formula is what `formulas` takes from `theory`. (A block that includes a file begins with
` ``` {.python}` and is no code of the page; the file itself is run by a command.)

`python tests/docs/doc_pages.py PAGE...` runs pages and puts what was printed, and the formulas, in them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
WIDTH = "96"
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(
    r"(?:<!-- not run: (?P<reason>[^\n]+?) -->\n+)?"
    r"(?P<open>(?P<indent>[ ]*)```(?P<kind>\w+)[^\n]*\n)(?P<body>.*?)^(?P=indent)```[ ]*$",
    re.DOTALL | re.MULTILINE,
)
_FORMULA = re.compile(r"<!-- formula: (?P<name>[\w-]+) -->\n+\$\$(?P<left>.*?) = (?P<right>.*?)\$\$", re.DOTALL)
_TIME = re.compile(r"\b\d+(\.\d+)? (s|ms)\b")
_VERSION = re.compile(r"\b(z3|cvc5) \d+(\.\d+)+")


class Wrong(AssertionError):
    """A block that does not do what its page shows."""


@dataclass
class Block:
    """A fenced block: where it is, what it says, and why it is not run (empty: it is)."""

    page: Path
    line: int
    start: int
    kind: str
    body: str
    reason: str

    @property
    def where(self) -> str:
        """`page:line`."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path, text: str | None = None) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8") if text is None else text
    found = []
    for m in _FENCE.finditer(text):
        body = "".join(line.removeprefix(m["indent"]) for line in m["body"].splitlines(keepends=True))
        line = text.count("\n", 0, m.start("body")) + 1
        found.append(Block(page, line, m.start("body"), m["kind"], body, m["reason"] or ""))
    return found


def normal(text: str) -> list[str]:
    """The lines that count, with times, widths and empty lines made alike."""
    text = _VERSION.sub(r"\1 #", _TIME.sub("# s", text))
    lines = (re.sub(r"[ ]+", " ", re.sub("─+", "─", line)).strip() for line in text.splitlines())
    return [line for line in lines if line]


def matches(shown: str, printed: str) -> bool:
    """Whether `printed` is what the page shows, `...` standing for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(line) + "\n" for line in normal(shown))
    return re.fullmatch(pattern, "".join(line + "\n" for line in normal(printed))) is not None


def _in_process(arguments: list[str]) -> tuple[int, str]:
    """Exit code and output of our command; what it says on standard error (progress) counts only where it fails."""
    from proofs_check.cli import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 2
    return code, out.getvalue() + (err.getvalue() if code else "")


def run_command(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output of one command line; ours run in this process, all others in bash."""
    plain = not re.search(r"[|<>;&$`]", command.partition(" #")[0])
    words = shlex.split(command, comments=True) if plain else []
    if words and Path(words[0]).name == "latent-stopping":
        return _in_process([a for word in words[1:] for a in (sorted(_glob(word, folder)) or [word])])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def _glob(word: str, folder: Path) -> list[str]:
    return [str(p.relative_to(folder)) for p in folder.glob(word)] if "*" in word and "/" in word else []


def steps_of(body: str) -> list[tuple[str, str]]:
    """`(command, output shown)` for each `$` line of a console block."""
    steps: list[tuple[str, str]] = []
    for line in body.splitlines(keepends=True):
        if line.startswith("$ "):
            steps.append((line[2:].rstrip("\n"), ""))
        elif not steps:
            raise Wrong(f"a console block begins with '$ ', got {line!r}")
        else:
            steps[-1] = (steps[-1][0], steps[-1][1] + line)
    return steps


def run_console(block: Block, folder: Path) -> str:
    """Run a console block; returns it as it should read.

    Raises:
        Wrong: an exit code other than 0 that is not shown, or output that an elision does not cover.
    """
    text, failed = "", ""
    code = 0
    for command, shown in steps_of(block.body):
        text += f"$ {command}\n"
        if command == "echo $?":
            printed, failed = f"{code}\n", ""
        elif failed:
            raise Wrong(f"{block.where}: {failed}")
        else:
            code, printed = run_command(command, folder)
            failed = (
                f"`{command}` ends with exit code {code}, which is not shown, and prints\n{printed}" if code else ""
            )
        if "..." in normal(shown):
            if not matches(shown, printed):
                raise Wrong(f"{block.where}: `{command}` prints\n{printed}")
            text += shown
        elif shown.strip():
            lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
            text += "\n".join(lines) + "\n" * (len(shown) - len(shown.rstrip("\n")))
    if failed:
        raise Wrong(f"{block.where}: {failed}")
    return text


def run_python(block: Block, folder: Path, names: dict[str, object]) -> str:
    """Run a Python block in `names`; returns what it prints. A failure names the page's line."""
    file = folder / f".{block.page.stem}-{block.line}.py"
    file.write_text("\n" * (block.line - 1) + block.body, encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        names.update(runpy.run_path(str(file), init_globals=names))
    return out.getvalue()


def run_page(page: Path, folder: Path) -> list[tuple[Block, str]]:
    """Run the blocks of `page` in `folder`; returns those that have an output, each with how it should read.

    Raises:
        Wrong: a block that fails, or prints something else than an elided output allows.
    """
    results: list[tuple[Block, str]] = []
    names: dict[str, object] = {}
    printed: str | None = None
    if page.parent == TUTORIAL:
        for source in TUTORIAL.glob("*.py"):
            shutil.copy(source, folder)
    for block in blocks_of(page):
        if block.reason:
            printed = None
        elif block.kind == "console":
            results.append((block, run_console(block, folder)))
        elif block.kind == "python":
            printed = run_python(block, folder, names)
            continue
        elif block.kind == "text" and printed is not None:
            if "..." in normal(block.body) and not matches(block.body, printed):
                raise Wrong(f"{block.where}: the block above prints\n{printed}")
            results.append((block, block.body if "..." in normal(block.body) else printed))
        printed = None
    return results


def formulas() -> dict[str, str]:
    """The right sides of the display formulas, as LaTeX, from `theory`."""
    from theory import frechet
    from theory.latex import latex
    from theory.notation import sigma_hat
    from theory.process import variance_at_noise

    made = {
        "variance": variance_at_noise(sigma_hat**2),
        "kept": frechet.kept(),
        "slope": frechet.slope(),
        "curvature": frechet.curvature(),
        "increment": frechet.increment(),
        "criterion-term": frechet.criterion_term(),
    }
    return {name: latex(e) for name, e in made.items()}


def with_formulas(text: str) -> str:
    """The page's text with every generated formula as `theory` has it."""
    if not _FORMULA.search(text):
        return text
    made = formulas()
    return _FORMULA.sub(lambda m: m[0][: m.start("right") - m.start()] + made[m["name"]] + "$$", text)


@contextlib.contextmanager
def reader(folder: Path, cache: Path):
    """The surroundings of a reader: in `folder`, a terminal of fixed width, one process, a cache of their own."""
    import proofs_check.pool as pool

    before = Path.cwd(), {k: os.environ.get(k) for k in ("COLUMNS", "XDG_CACHE_HOME")}, pool.default_jobs
    os.chdir(folder)
    os.environ.update(COLUMNS=WIDTH, XDG_CACHE_HOME=str(cache))
    pool.default_jobs = lambda: 1
    try:
        yield
    finally:
        os.chdir(before[0])
        for name, value in before[1].items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        pool.default_jobs = before[2]


def refresh(page: Path) -> None:
    """Put what the blocks of `page` print, and its formulas, in the page."""
    with tempfile.TemporaryDirectory() as folder, reader(Path(folder), Path(tempfile.gettempdir()) / "docs-cache"):
        results = run_page(page, Path(folder))
    text = page.read_text(encoding="utf-8")
    for block, body in reversed(results):
        if normal(body) != normal(block.body):
            indent = re.search(r"[ ]*(?=```[^\n]*\n\Z)", text[: block.start])[0]
            lines = "".join(f"{indent}{line}".rstrip() + "\n" for line in body.rstrip("\n").splitlines())
            end = re.compile(rf"^{indent}```[ ]*$", re.MULTILINE).search(text, block.start).start()
            text = text[: block.start] + lines + text[end:]
    page.write_text(with_formulas(text), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        refresh(Path(name).resolve())
