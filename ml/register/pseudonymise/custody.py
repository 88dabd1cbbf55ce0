"""The custody log: who asked whose a pseudonym is, when and why; nobody without the key can alter it unseen.

A folder with two files for each key, named by the key's fingerprint: `<fingerprint>.jsonl`, one entry a line, and
`<fingerprint>.head`, how many entries there are and the last one's digest. Each entry carries the SHA-256 of the line
before it and a seal, HMAC-SHA-256 under a key derived from the master key; the head is sealed too. So an edited,
moved, inserted or removed entry shows, also at the end. What cannot show from the files alone is that somebody put
back an older copy of both: `Chain.entries` and `Chain.last` are there to be noted down elsewhere.
After a change of key the log goes on in files of its own; the old ones are verified with the old key.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.errors import ApualyError, GateError
from ml.pseudonym import MasterKey

NONE_BEFORE = "0" * 64
ADVICE = "keep the folder as evidence and tell the data-protection officer"


@dataclass(frozen=True)
class Chain:
    """A log that was found whole.

    entries  as they were written, the oldest first
    last     SHA-256 of the last line
    others   files of other keys in the same folder; they are verified with those keys
    """

    entries: tuple[Mapping[str, Any], ...]
    last: str
    others: tuple[str, ...] = ()


def verify_log(log: Path, key: MasterKey) -> Chain:
    """Return the log under a key, verified. Raises GateError that names the first entry at which it is broken.

    Nobody writes meanwhile: an entry between the reading of the two files would look like one that is missing.
    """
    lines, _ = _files(log, key)
    if not lines.exists():
        return _verified(log, key)
    with lines.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return _verified(log, key)


def _verified(log: Path, key: MasterKey) -> Chain:
    lines, head = _files(log, key)
    text = lines.read_bytes() if lines.exists() else b""
    entries, last, ends = [], NONE_BEFORE, {0: NONE_BEFORE}
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        entries.append(_checked(lines.name, number, line, last, key))
        last = ends[number] = hashlib.sha256(line).hexdigest()
    _check_head(lines.name, head, ends, key)
    others = sorted(path.name for path in log.glob("*.jsonl") if path != lines)
    return Chain(tuple(entries), last, tuple(others))


def write_entry(log: Path, key: MasterKey, what: Mapping[str, Any]) -> int:
    """Append an entry to the log and return its number once it is safely on the disk.

    Raises GateError when the log is broken, ApualyError when it cannot be written.
    """
    lines, head = _files(log, key)
    try:
        log.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(lines) as file:
            if not head.exists() and not lines.stat().st_size:
                _write_head(head, 0, NONE_BEFORE, key)
            chain = _verified(log, key)
            number = len(chain.entries) + 1
            line = _sealed({"number": number, **what, "previous": chain.last}, key)
            _append(file, line)
            _write_head(head, number, hashlib.sha256(line).hexdigest(), key)
    except OSError as error:
        raise ApualyError(f"{log}: the custody log cannot be written ({error.strerror}); nothing was told") from None
    return number


def _files(log: Path, key: MasterKey) -> tuple[Path, Path]:
    fingerprint = hmac.digest(key.for_custody(), b"fingerprint", "sha256")[:8].hex()
    return log / f"{fingerprint}.jsonl", log / f"{fingerprint}.head"


def _checked(file: str, number: int, line: bytes, last: str, key: MasterKey) -> Mapping[str, Any]:
    """Return an entry whose seal, number and predecessor are right."""
    try:
        entry = json.loads(line)
        whole = {name: value for name, value in entry.items() if name != "seal"}
        if not hmac.compare_digest(_sealed(whole, key), line):
            raise GateError(f"{file}: entry {number} was altered; {ADVICE}")
        if (whole["number"], whole["previous"]) != (number, last):
            raise GateError(f"{file}: entry {number} does not follow the one before it; {ADVICE}")
    except (ValueError, KeyError, AttributeError, RecursionError):
        raise GateError(f"{file}: entry {number} cannot be read; {ADVICE}") from None
    return whole


def _check_head(file: str, head: Path, ends: Mapping[int, str], key: MasterKey) -> None:
    """Raise GateError when the head tells of entries that are not there.

    The log may be one or more sealed entries ahead of its head: an entry is written first.
    """
    if not head.exists():
        if len(ends) > 1:  # it is there before the first entry
            raise GateError(f"{file}: its head is gone; {ADVICE}")
        return
    line = head.read_bytes()
    try:
        said = json.loads(line)
        count, last = said["entries"], said["last"]
        if not hmac.compare_digest(_sealed({"entries": count, "last": last}, key), line):
            raise GateError(f"{head.name}: was altered; {ADVICE}")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise GateError(f"{head.name}: cannot be read; {ADVICE}") from None
    if ends.get(count) != last:
        raise GateError(f"{file}: entry {min(len(ends), count)} is missing, of {count}; {ADVICE}")


def _sealed(content: Mapping[str, Any], key: MasterKey) -> bytes:
    """Return content as one line with its seal last."""
    text = json.dumps(content, ensure_ascii=False)
    seal = hmac.digest(key.for_custody(), text.encode(), "sha256").hex()
    return (json.dumps({**content, "seal": seal}, ensure_ascii=False) + "\n").encode()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Yield the descriptor of a file that nobody else appends to meanwhile."""
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _append(descriptor: int, line: bytes) -> None:
    """Write a line to the disk, or leave the file as it was."""
    before = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, line) < len(line):
            raise OSError(28, "No space left on device")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _write_head(head: Path, count: int, last: str, key: MasterKey) -> None:
    """Replace the head in one step."""
    aside = head.with_name(head.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_sealed({"entries": count, "last": last}, key))
        file.flush()
        os.fsync(descriptor)
    os.replace(aside, head)
    folder = os.open(head.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
