"""A folder of output that appears whole or not at all, and is never replaced by half of another."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ml.errors import ApualyError, UsageError

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE


def check_replaceable(out: Path, is_ours: Callable[[Path], bool], kind: str) -> None:
    """Raise UsageError unless nothing, an empty folder or an output of our kind stands in the place of the output."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out}: is not a folder; name another place for the output")
    if out.exists() and any(out.iterdir()) and not is_ours(out):
        raise UsageError(f"{out}: holds something else than {kind}; name another place")


@contextmanager
def whole_folder(out: Path, suffix: str) -> Iterator[Path]:
    """Yield an empty folder beside `out` that takes its place when the block ends well; else all is as it was.

    What a killed run left is removed. Raises UsageError when another process is at it, ApualyError when the disk
    refuses.
    """
    with beside(out, suffix) as aside:
        try:
            empty(aside)
            yield aside
            publish(aside, out)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise


@contextmanager
def beside(out: Path, suffix: str) -> Iterator[Path]:
    """Yield the folder beside `out` in which its successor is made, locked; it stays when the block fails.

    Raises UsageError when another process is at it, ApualyError when the disk refuses.
    """
    place = out.absolute()
    aside = place.with_name(f".{place.name}.{suffix}")
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise ApualyError(f"{out}: cannot be written ({error.strerror}); nothing was changed") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(lock, 0o700)
        yield aside
    except BlockingIOError:
        raise UsageError(f"{out}: another process is writing it; wait until it is done") from None
    except OSError as error:
        raise ApualyError(f"{out}: cannot be written ({error.strerror or error}); nothing was changed") from None
    finally:
        os.close(lock)


def empty(folder: Path) -> None:
    """Remove all that is in a folder: what a killed run left."""
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def publish(aside: Path, out: Path) -> None:
    """Put the finished folder in the place of the output in one step; remove what was there."""
    if not out.exists():
        os.rename(aside, out)
        return
    if not _exchanged(aside, out):  # a system without it: for an instant there is no output
        spare = aside.with_name(aside.name + ".old")
        os.rename(out, spare)
        os.rename(aside, out)
        os.rename(spare, aside)
    shutil.rmtree(aside)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders at once (Linux); return whether the system could."""
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return exchange is not None and exchange(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
