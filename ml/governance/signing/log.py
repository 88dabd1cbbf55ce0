"""The review log: every step of every version, signed, in one append-only file, `<home>/review/log.jsonl`.

A line is an envelope; each says the number and digest of its predecessor, so that an edited, moved, inserted or removed
entry shows. What cannot show from the file alone is that its end was cut off: somewhere else remembers its length and
last digest (`Witness`; read that before the log). Two locks: `log.lock` says who may write next and is held while the
step is decided and signed; a lock on the log itself is held only while bytes are in motion, so that readers never wait
for a person.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ml.errors import ApualyError, GateError

from .canonical import canonical
from .chain import Chain, Entry, Witness, next_entry, read_lines, require_witnessed
from .envelope import open_sealed
from .private_file import sync
from .trust import Trust

MODE = 0o600
_log = logging.getLogger(__name__)


def read_log(path: Path) -> Chain:
    """Return the log; an empty chain when there is none. Raises GateError that names the first broken entry.

    Nobody's signature is verified: `verify_log` does.
    """
    return read_lines(_bytes(path), path.name)


def verify_log(path: Path, trust: Trust, witness: Witness | None) -> Chain:
    """Return the log with who signed each entry. Raises GateError that names the first entry that does not hold."""
    return require_witnessed(read_lines(_bytes(path), path.name, trust), witness, path.name)


def append(
    path: Path, trust: Trust, make: Callable[[Chain], Mapping[str, Any]], witness: Witness | None = None
) -> Entry:
    """Append the envelope that `make` returns and return its entry once it is safely on the disk.

    `make` is handed the verified log, and nobody else appends meanwhile: it decides whether its step is open, and
    refuses by raising. Raises GateError when the log is broken or the envelope does not follow it, ApualyError when
    it cannot be written; the log is as it was then.
    """
    with holding(path):
        chain = verify_log(path, trust, witness)
        line = canonical(make(chain))
        entry = _following(chain, line, trust, path.name)
        try:
            _write(path, chain, line + b"\n")
        except OSError as error:
            raise _unwritable(path, error) from None
    return entry


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Keep everybody else from appending meanwhile. Raises ApualyError when the folder cannot be written to."""
    with ExitStack() as stack:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(_locked(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX))
        except OSError as error:
            raise _unwritable(path, error) from None
        yield


def _unwritable(path: Path, error: OSError) -> ApualyError:
    return ApualyError(f"{path}: the review log cannot be written ({error.strerror}); nothing was done")


def _following(chain: Chain, line: bytes, trust: Trust, where: str) -> Entry:
    """Return the entry of a line that follows the chain: what would break the log is not written."""
    try:
        entry = next_entry(line, chain.entries[-1] if chain.entries else None)
        _, person = open_sealed(entry.envelope, trust, entry.at)
    except GateError as problem:
        raise GateError(f"{where}: the new entry {len(chain.entries) + 1} was not written: {problem}") from None
    return Entry(entry.number, entry.at, entry.envelope, entry.statement, entry.digest, person)


def _bytes(path: Path) -> bytes:
    """Return what is in the log while nobody writes it."""
    try:
        with _locked(path, os.O_RDONLY, fcntl.LOCK_SH) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise GateError(f"{path}: the review log cannot be read ({error.strerror})") from None


def _write(path: Path, chain: Chain, line: bytes) -> None:
    """Put a line at the end of the log and on the disk, or leave the log as it was."""
    new = not path.exists()
    with _locked(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as descriptor:
        before = os.fstat(descriptor).st_size
        if chain.cut:
            _log.warning("%s: %s bytes after entry %s are no entry: a crash cut it short; they are removed",
                         path.name, chain.cut, len(chain.entries))  # fmt: skip
            before -= chain.cut
            os.ftruncate(descriptor, before)
        try:
            if os.write(descriptor, line) < len(line):
                raise OSError(28, "No space left on device")
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            raise
    if new:
        sync(path.parent)


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[int]:
    """Yield the descriptor of a file, locked; a symbolic link is not followed."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    try:
        fcntl.flock(descriptor, lock)
        yield descriptor
    finally:
        os.close(descriptor)
