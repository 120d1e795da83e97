"""A LaTeX document to PDF with the user's own `pdflatex`."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from theory.files import write_whole

__all__ = ["check_target", "write_pdf"]

#: runs until references and the table of contents stand
_RUNS, _TIMEOUT = 3, 300


def check_target(path: Path) -> str:
    """The `pdflatex` that will be used for `path`.

    Raises:
        ValueError: there is none, or `path` does not end in .pdf.
        FileNotFoundError: the folder of `path` does not exist.
    """
    if path.suffix.lower() != ".pdf":
        raise ValueError(f"--pdf takes a file that ends in .pdf, got {path}")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"--pdf {path}: the folder {path.absolute().parent} does not exist")
    program = shutil.which("pdflatex")
    if program is None:
        raise ValueError("--pdf needs pdflatex, which is not installed; without --pdf the LaTeX itself is printed")
    return program


def write_pdf(document: str, path: Path) -> None:
    """Compile `document` in a temporary folder and put the result at `path`, whole or not at all.

    Raises:
        ValueError: `pdflatex` is missing or reports an error, which is named.
        OSError: the file cannot be written.
    """
    program = check_target(path)
    with tempfile.TemporaryDirectory(prefix="latent-stopping-") as folder:
        source = Path(folder) / "document.tex"
        source.write_text(document, encoding="utf-8")
        command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", source.name]
        for _ in range(_RUNS):
            try:
                done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_TIMEOUT, check=False)
            except subprocess.TimeoutExpired:
                raise ValueError(f"pdflatex took more than {_TIMEOUT} seconds") from None
            log = done.stdout.decode("utf-8", errors="replace")
            if done.returncode != 0:
                raise ValueError(f"pdflatex failed: {_problem(log)}")
        write_whole(path, lambda name: shutil.copyfile(source.with_suffix(".pdf"), name))


def _problem(log: str) -> str:
    found = re.search(r"^! (.*)$", log, re.MULTILINE)
    where = re.search(r"^l\.(\d+)", log, re.MULTILINE)
    line = f" (line {where.group(1)})" if where else ""
    return (found.group(1) if found else log.strip().splitlines()[-1] if log.strip() else "no message") + line
