"""The report of a run as one HTML file that needs no network, no script for its formulas, and no other file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from proofs_check.claim import Claim

__all__ = ["FILE_NAME", "render", "write_report"]

#: the one file of a report
FILE_NAME = "index.html"


def render(run: Mapping[str, Any], registry: Mapping[str, Claim]) -> str:
    """The page for a run (plain data, as `run_to_json` makes it) of claims of `registry`.

    Raises:
        ValueError: no claim at all, a claim that is not in the registry, or latex2mathml is not installed.
    """
    from proofs_check.report.html.mathml import require_converter
    from proofs_check.report.html.page import page
    from proofs_check.report.html.view import views

    require_converter()
    return page(run, views(run, registry))


def write_report(run: Mapping[str, Any], registry: Mapping[str, Claim], directory: Path) -> Path:
    """Write the page into `directory`, made if need be, whole or not at all, and return its path.

    Raises:
        ValueError: as `render`.
        OSError: the folder or the file cannot be written.
    """
    from theory.files import write_whole

    text = render(run, registry)
    directory.mkdir(exist_ok=True)
    target = directory / FILE_NAME
    write_whole(target, lambda name: Path(name).write_text(text, encoding="utf-8"))
    return target
