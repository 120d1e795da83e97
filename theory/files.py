"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, write: Callable[[str], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`.

    A link is followed, and an earlier file's permissions are kept. What cannot be replaced by a renamed file (a device
    such as `/dev/stdout`, a pipe) is written to once the content is complete.

    Raises:
        OSError: the file, which is named, cannot be written; nothing is left behind, and an earlier file stays as it
            was.
    """
    try:
        target = Path(os.path.realpath(path))
        before = _status(target)
        if before is not None and stat.S_ISDIR(before.st_mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        device = before is not None and not stat.S_ISREG(before.st_mode)
        if device or Path(os.path.abspath(path)).parts[:2] in (("/", "dev"), ("/", "proc")):
            with tempfile.TemporaryDirectory(prefix="latent-stopping-") as folder:
                name = os.path.join(folder, f"content{path.suffix}")
                write(name)
                with open(name, "rb") as content, open(path, "ab") as device_file:
                    shutil.copyfileobj(content, device_file)
            return
        handle, name = tempfile.mkstemp(suffix=target.suffix, prefix=f".{target.stem[:40]}-", dir=target.parent)
        os.close(handle)
        try:
            write(name)
            os.chmod(name, _default_mode() if before is None else stat.S_IMODE(before.st_mode))
            os.replace(name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as problem:
        # whatever failed, in whichever temporary file: the user knows the file by this name
        if problem.errno is None:
            raise OSError(f"{path}: {problem}") from None
        raise OSError(problem.errno, problem.strerror, str(path)) from None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _default_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
