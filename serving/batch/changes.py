"""What a file of clients changes: the later word of a person counts, and a right that protects them gives way to none.

    the file says        and here                                       then
    given, on a day      nothing was said of consent before that day    consents since that day
                         that day or later it was taken back            stays taken back
                         they were erased on that day or later          stays erased; nothing of the row is taken
    none, since a day    consents since that day or earlier             taken back since that day
    none                 consents, by what an earlier file said         taken back today
                         consents, by what they said to somebody here   stays: the file does not know of it yet

Objections and restrictions are recorded where they are made, and no file lifts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from serving.store.clients import Assigned
from serving.store.imports import BY_FILE, Known, Statement

from .clients_file import Listed


@dataclass
class Changes:
    """What is to be written.

    consents    client → day since which they consent; `taken_back`: client → day since which no more
    unassigned  clients who are not in the file any more
    new         how many of `assigned` nobody knew
    erased      how many rows are of people who were erased and have not consented since
    protected   how many rows are of people who have objected, or had processing restricted
    """

    assigned: list[Assigned] = field(default_factory=list)
    consents: dict[str, str] = field(default_factory=dict)
    taken_back: dict[str, str] = field(default_factory=dict)
    unassigned: list[str] = field(default_factory=list)
    new: int = 0
    erased: int = 0
    protected: int = 0

    @property
    def nothing(self) -> bool:
        """Whether all is as the file says already."""
        return not (self.assigned or self.consents or self.taken_back or self.unassigned)


def changes_of(listed: Sequence[Listed], known: Mapping[str, Known], today: date, *, replace: bool) -> Changes:
    """Return what the file changes.

    known    client → how they stand here, of everybody
    replace  whether who is not in the file is nobody's client any more
    """
    changes = Changes()
    for row in listed:
        _add(changes, row, known.get(row.client.client), today)
    if replace:
        there = {row.client.client for row in listed}
        changes.unassigned = sorted(
            name for name, each in known.items() if name not in there and (each.caseworker or each.office)
        )
    return changes


def _add(changes: Changes, row: Listed, known: Known | None, today: date) -> None:
    name = row.client.client
    if known is not None and known.erased is not None and not _consents_after(row, known.erased):
        changes.erased += 1
        return
    if known is None:
        changes.new += 1
    elif known.objection is not None or known.restriction is not None:
        changes.protected += 1
    if known is None or not _stands(row, known):
        changes.assigned.append(
            Assigned(name, row.caseworker, row.office, row.assigned_on, row.client.risk, row.client.needs)
        )
    said = None if known is None else known.consent
    if row.consents and row.consent_on is not None and (said is None or row.consent_on > said.since):
        changes.consents[name] = row.consent_on
    elif not row.consents and said is not None and said.in_force:
        day = _taken_back(row, said, today)
        if day is not None:
            changes.taken_back[name] = day


def _consents_after(row: Listed, day: str) -> bool:
    return row.consents and row.consent_on is not None and row.consent_on > day


def _taken_back(row: Listed, said: Statement, today: date) -> str | None:
    if row.consent_on is not None:
        return row.consent_on if row.consent_on >= said.since else None
    return today.isoformat() if said.by == BY_FILE else None


def _stands(row: Listed, known: Known) -> bool:
    """Return whether a client is assigned as the row says, under the pseudonyms that the row gives."""
    same = (row.caseworker, row.office, row.assigned_on) == (known.caseworker, known.office, known.assigned_on)
    return same and row.client.risk in {None, known.risk} and row.client.needs in {None, known.needs}
