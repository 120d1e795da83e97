"""The picture of a report: `python tests/browser/picture.py DIR/index.html docs/assets/report.png`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from chromium import screen, start


def take(page: Path, target: Path, address: str = "", width: int = 1200, height: int = 780, scheme: str = "light"):
    """Photograph the top of `page`; `address` is what follows `#` in its URL."""
    with tempfile.TemporaryDirectory() as profile:
        driver = start(Path(profile))
        try:
            screen(driver, width, height, scheme)
            driver.get(page.resolve().as_uri() + (f"#{address}" if address else ""))
            driver.save_screenshot(str(target))
        finally:
            driver.quit()


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: picture.py PAGE.html PICTURE.png [claim=ID]")
    take(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
