"""Files that one person may read, and files that appear whole or not at all with the mode that they are to have."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from ml.errors import UsageError

PRIVATE = 0o600
LONGEST = 65_536  # bytes; a longer file is neither a key nor a passphrase


def read_private(path: Path, what: str) -> bytes:
    """Return what is in a file that only its owner reads. Raises UsageError, which never shows what is in it.

    Mode and owner are asked of the open file, so that nobody can swap it in between.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        why = "is a symbolic link; name the file itself" if path.is_symlink() else f"cannot be read ({error.strerror})"
        raise UsageError(f"{what}: {path} {why}") from None
    try:
        _check(path, what, os.fstat(descriptor))
        return os.read(descriptor, LONGEST)
    except OSError as error:
        raise UsageError(f"{what}: {path} cannot be read ({error.strerror})") from None
    finally:
        os.close(descriptor)


def _check(path: Path, what: str, facts: os.stat_result) -> None:
    mode = stat.S_IMODE(facts.st_mode)
    if not stat.S_ISREG(facts.st_mode):
        raise UsageError(f"{what}: {path} is not a regular file")
    if facts.st_uid != os.geteuid():
        raise UsageError(f"{what}: {path} belongs to another user; it must be your own")
    if mode & 0o077:
        raise UsageError(f"{what}: {path} has mode {mode:04o}, so others can read it; make it 0600 (chmod 600)")


def write_new(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 that was not there before, whole or not at all. Raises UsageError; never overwrites."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = _aside(path, content, PRIVATE)
        try:
            os.link(aside, path)  # unlike a rename, this fails when something is there
        finally:
            aside.unlink()
        sync(path.parent)
    except FileExistsError:
        raise UsageError(f"{path}: exists; it is never overwritten, name another file") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from None


def rewrite(path: Path, content: bytes, mode: int) -> None:
    """Put content in a file's place in one step, whatever the umask and however many write at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = _aside(path, content, mode)
    try:
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync(path.parent)


def _aside(path: Path, content: bytes, mode: int) -> Path:
    """Return a file of its own beside the path, with the content safely in it."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)


def sync(folder: Path) -> None:
    """Make what was renamed or linked in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
