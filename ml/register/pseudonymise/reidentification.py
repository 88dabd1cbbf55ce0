"""Whose a pseudonym is: told to a named person with a reason and the key, once that is on the record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc

from ml.errors import DataError, UsageError, without_identity_codes
from ml.pseudonym import PSEUDONYM, MasterKey
from ml.register.extract import Extract
from ml.register.pseudonymise.custody import verify_log, write_entry
from ml.register.pseudonymise.frames import table_of
from ml.register.pseudonymise.people import people_of
from ml.register.schema import PURPOSES
from ml.register.schema.tables.jobseekers import JOBSEEKERS

LONGEST = 1000  # characters of a name or a reason


def reidentify(
    pseudonym: str, extract: Extract, *, purpose: str, key: MasterKey, by: str, reason: str, log: Path, at: datetime
) -> str:
    """Return the identity code behind a pseudonym, after who asked and why stands in the custody log.

    A pseudonym cannot be inverted: those of all people of the raw extract are computed and compared. The log keeps the
    whole pseudonym, since it has to say who was looked for, and never the identity code; attempts that find nobody
    are logged too.

    Raises UsageError for a nameless or groundless request or a wrong pseudonym or purpose, DataError when nobody has
    the pseudonym, GateError when the log is broken, ApualyError when it cannot be written: then nothing is told.
    """
    what = _request(pseudonym, purpose, by, reason)
    verify_log(log, key)
    people = people_of(table_of(extract, JOBSEEKERS), key.for_purpose(purpose))
    place = pc.index(people.pseudonyms, what["pseudonym"]).as_py()
    write_entry(log, key, {"at": at.isoformat(), **what, "found": place >= 0})
    if place < 0:
        raise DataError(f"nobody in the extract has this pseudonym for {purpose}; the attempt is in the custody log")
    return str(people.codes[place].as_py())


def _request(pseudonym: str, purpose: str, by: str, reason: str) -> dict[str, str]:
    if purpose not in PURPOSES:
        raise UsageError(f"purpose {purpose!r} is not declared; choose one of {', '.join(PURPOSES)}")
    if not PSEUDONYM.fullmatch(pseudonym.strip().lower()):
        raise UsageError("a pseudonym has 32 hexadecimal digits; this has not")
    said = {"by": _line(by), "reason": _line(reason)}
    if not said["by"]:
        raise UsageError("say who asks: re-identification needs a named person")
    if not said["reason"]:
        raise UsageError("say why: re-identification needs a reason, in your own words")
    return {**said, "purpose": purpose, "pseudonym": pseudonym.strip().lower()}


def _line(text: str) -> str:
    """Return a text as one line that UTF-8 can write and that holds no identity code."""
    readable = text.encode("utf-8", "replace").decode("utf-8")
    return without_identity_codes(" ".join(readable.split()))[:LONGEST]
