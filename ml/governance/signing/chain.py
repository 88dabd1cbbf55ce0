"""The lines of the review log → a chain: each entry numbered, in time, and tied to the line before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ml.errors import DataError, GateError

from .canonical import canonical
from .envelope import payload_of, signed_by
from .trust import Person, Trust

NONE_BEFORE = "0" * 64
ADVICE = "keep the folder as evidence and tell the data-protection officer"


@dataclass(frozen=True)
class Witness:
    """What somewhere else remembers of a log: how many entries there were, and the digest of the last of them."""

    entries: int
    last: str


@dataclass(frozen=True)
class Entry:
    """One entry of the log.

    number     1 for the first
    at         when, as its signer says
    envelope   as it stands in the log
    statement  what the envelope says
    digest     SHA-256 of its line, hexadecimal
    by         who signed it; None as long as nobody has verified that, or where their key was not valid at that time
    """

    number: int
    at: datetime
    envelope: Mapping[str, Any]
    statement: Mapping[str, Any]
    digest: str
    by: Person | None = None


@dataclass(frozen=True)
class Chain:
    """A log that was found whole.

    entries  the oldest first
    cut      bytes after the last entry: a line that a crash cut short; it is none, and the next append removes it
    """

    entries: tuple[Entry, ...] = ()
    cut: int = 0

    @property
    def last(self) -> str:
        """Return the digest of the last entry, which the next one names."""
        return self.entries[-1].digest if self.entries else NONE_BEFORE

    @property
    def at(self) -> datetime | None:
        """Return the time of the last entry; None when there is none."""
        return self.entries[-1].at if self.entries else None

    @property
    def witness(self) -> Witness:
        """Return what somewhere else should remember of this log."""
        return Witness(len(self.entries), self.last)


def read_lines(text: bytes, where: str, trust: Trust | None = None) -> Chain:
    """Return the chain of a log's lines. Raises GateError that names the first entry at which it is broken.

    trust  whose signatures count; None: nobody's signature is verified
    """
    lines, cut = text.split(b"\n"), 0
    cut = len(lines.pop())
    chain: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = next_entry(line, chain[-1] if chain else None)
        except GateError as problem:
            raise GateError(f"{where}: entry {number} {problem}; {ADVICE}") from None
        # Before the next line is looked at: an edited entry breaks the link of the one after it, too.
        chain.append(entry if trust is None else _signed(entry, trust, where))
    return Chain(tuple(chain), cut)


def _signed(entry: Entry, trust: Trust, where: str) -> Entry:
    try:
        person = signed_by(entry.envelope, trust, entry.at)
    except GateError as problem:
        raise GateError(f"{where}: entry {entry.number}: {problem}; {ADVICE}") from None
    return replace(entry, by=person)


def next_entry(line: bytes, before: Entry | None) -> Entry:
    """Return the entry of a line (without its end) that follows another. Raises GateError: "…is what is wrong"."""
    envelope = _one_form(line, "is not an envelope as they are written here")
    payload = payload_of(envelope)
    statement = _one_form(payload, "does not hold a statement as they are written here")
    number, previous, at = _place(statement)
    digest = hashlib.sha256(line + b"\n").hexdigest()
    expected = (before.number + 1, before.digest) if before else (1, NONE_BEFORE)
    if (number, previous) != expected:
        raise GateError("does not follow the one before it: one was removed, added or moved")
    if before and at < before.at:
        raise GateError(f"says {at.isoformat()}, which is before the one before it ({before.at.isoformat()})")
    return Entry(number, at, envelope, statement, digest)


def require_witnessed(chain: Chain, witness: Witness | None, where: str) -> Chain:
    """Return the chain. Raises GateError when it lacks an entry that a witness remembers.

    The log may be longer, for an entry is written before it is witnessed.
    """
    if witness is not None:
        _check_witness(chain, witness, where)
    return chain


def _check_witness(chain: Chain, witness: Witness, where: str) -> None:
    there = len(chain.entries)
    if there < witness.entries:
        raise GateError(f"{where}: entry {there + 1} is missing, of {witness.entries}; {ADVICE}")
    digest = chain.entries[witness.entries - 1].digest if witness.entries else NONE_BEFORE
    if digest != witness.last:
        raise GateError(f"{where}: entry {witness.entries} is not the one that was witnessed; {ADVICE}")


def _one_form(text: bytes, otherwise: str) -> Mapping[str, Any]:
    """Return a JSON object that is written in its canonical form. Raises GateError with the words given."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or canonical(content) != text:
            raise GateError(otherwise)
    except (ValueError, RecursionError, DataError):
        raise GateError(otherwise) from None
    return content


def _place(statement: Mapping[str, Any]) -> tuple[int, str, datetime]:
    """Return what a statement says of its place: number, previous digest and time. Raises GateError."""
    predicate = statement.get("predicate")
    place = predicate if isinstance(predicate, Mapping) else {}
    number, previous, said = place.get("number"), place.get("previous"), place.get("at")
    if type(number) is not int or not isinstance(previous, str) or not isinstance(said, str):
        raise GateError("does not say its number, the previous digest and its time")
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise GateError(f"says {said[:40]!r}, which is no time") from None
    if at.utcoffset() != timedelta(0):
        raise GateError(f"says {said[:40]!r}, which is no time of UTC")
    return number, previous, at.astimezone(UTC)
