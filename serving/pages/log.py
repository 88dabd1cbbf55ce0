"""The log, for the data-protection officer: newest first, of one action or of one client where that is asked.

Whoever reads it stands in it, too. Pseudonyms and ids are shortened to eight characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from serving.api.log import read_log, search_log
from serving.identity.roles import Role
from serving.language import Language, marked
from serving.permissions import Action
from serving.wire.clients import ClientName
from serving.wire.log import LogAnswer, LogEntry, LogQuery, LogQuestion

from .clients import named_client
from .form import ClientForm
from .handles import handle_of, pseudonym_of
from .page import Away, Page, View, Visit

PATH = "/log"
SHORT = 8
HEX = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24,}\b")  # a pseudonym, an id, a digest
ACTIONS: Mapping[str, str] = {
    "accesses.read": marked("Read who looked at others' clients"),
    "advice": marked("Showed a hint"),
    "assign": marked("Said whose clients people are"),
    "batch.begin": marked("Began the hints of a night"),
    "batch.chunk": marked("Made hints of a part of the clients"),
    "batch.clear": marked("Removed hints that were out of date"),
    "batch.complete": marked("Made the hints of a night ready"),
    "batch.drop": marked("Removed hints of a night that was not finished"),
    "break-glass": marked("Gave a reason to see somebody else's client"),
    "card.fill": marked("Filled in a model's card"),
    "client.look": marked("Looked a client up"),
    "clients.import": marked("Took clients in"),
    "counts.publish": marked("Made the counts of a month"),
    "erase": marked("Erased a client's data"),
    "export": marked("Gave out what is held of a client"),
    "feedback": marked("Recorded what became of a hint"),
    "hints.hand-in": marked("Handed in inputs for hints"),
    "judgement": marked("Recorded a view of a client"),
    "log.read": marked("Read the log"),
    "log.search": marked("Searched the log for a client"),
    "purge": marked("Removed what had been kept long enough"),
    "refused": marked("Asked for a client's data and was refused"),
    "review": marked("Took a step in the review of a model"),
    "review.key-refused": marked("Typed a passphrase that does not open the signing key"),
    "right": marked("Recorded what a client says of their rights"),
    "sign-in": marked("Signed in"),
    "sign-out": marked("Signed out"),
    "stop": marked("Stopped hints"),
    "stop.lift": marked("Let hints go on"),
    "what-if": marked("Tried how a hint would change"),
}
ROLES: Mapping[str, str] = {
    Role.CASEWORKER: marked("caseworker"),
    Role.ETHICS_REVIEWER: marked("ethics reviewer"),
    Role.DATA_SCIENTIST: marked("data scientist"),
    Role.SERVICE_MANAGER: marked("service manager"),
    Role.DATA_PROTECTION_OFFICER: marked("data-protection officer"),
    Role.OPERATOR: marked("operator"),
    Role.INTEGRATION: marked("another system"),
}


@dataclass(frozen=True)
class EntryRow:
    """An entry as it is read.

    what    the action in words; its own name where a newer service wrote it
    who     None once the entry's time is over: its private part was taken out
    client  first characters of the pseudonym
    facts   name and value of each, as the log holds them, in English
    """

    number: int
    at: str
    what: str
    who: str | None
    role: str | None
    client: str | None
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class LogPage:
    """A page of the log.

    action   the one that is asked for; None: all
    client   first characters of the pseudonym of the client that is asked for; None: all, and `found` says whether
    earlier  address of the next page; None: there is none
    newest   address of the first page; None: this is it
    """

    entries: Sequence[EntryRow]
    path: str
    actions: Sequence[tuple[str, str]]
    action: str | None
    client: str | None
    earlier: str | None
    newest: str | None


def log(visit: Visit) -> View:
    """Show a page of the log."""
    return _shown(visit, PATH, None, LogAnswer.model_validate_json(read_log(visit)))


def find(visit: Visit) -> Away:
    """Go to what the log tells of a client who is named by identity code or pseudonym; a code is forgotten at once."""
    return Away(f"{PATH}/clients/{handle_of(visit, named_client(visit))}")


def again(visit: Visit) -> View:
    """Show the form again; the log is read anew, and so that is logged."""
    return log(replace(visit, query=LogQuery()))


def of_client(visit: Visit) -> View:
    """Show what the log tells of a client."""
    query: LogQuery = visit.query
    client = pseudonym_of(visit, visit.path["handle"])
    question = LogQuestion(
        client=ClientName(pseudonym=client), action=query.action, before=query.before, limit=query.limit
    )
    told = LogAnswer.model_validate_json(search_log(replace(visit, body=question)))
    return _shown(visit, f"{PATH}/clients/{visit.path['handle']}", client[:SHORT], told)


def _shown(visit: Visit, path: str, client: str | None, told: LogAnswer) -> View:
    query: LogQuery = visit.query
    language = visit.language
    actions = sorted(((name, language.gettext(words)) for name, words in ACTIONS.items()), key=lambda each: each[1])
    only = {} if query.action is None else {"action": query.action}
    return View(
        "log.html.jinja",
        LogPage(
            entries=[_row(each, language) for each in told.entries],
            path=path,
            actions=actions,
            action=query.action,
            client=client,
            earlier=None if told.before is None else _address(path, {**only, "before": str(told.before)}),
            newest=None if query.before is None else _address(path, only),
        ),
    )


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _row(entry: LogEntry, language: Language) -> EntryRow:
    return EntryRow(
        number=entry.seq,
        at=entry.at,
        what=language.gettext(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action,
        who=entry.who,
        role=None if entry.role is None else _roles(entry.role, language),
        client=None if entry.client is None else entry.client[:SHORT],
        facts=[] if entry.content is None else [(name, _fact(value)) for name, value in _told(entry.content)],
    )


def _roles(written: str, language: Language) -> str:
    """Return roles in words; a sign-in has all of somebody's."""
    return ", ".join(language.gettext(ROLES[each]) if each in ROLES else each for each in written.split())


def _told(content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name.replace("_", " "), value) for name, value in content.items() if value is not None]


def _fact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_fact(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_fact(each) for each in value)
    return HEX.sub(r"\1…", str(value))


PAGES = (
    Page("GET", PATH, Action.READ_LOG, log, query=LogQuery),
    Page("POST", f"{PATH}/find", Action.READ_LOG, find, form=ClientForm, again=again),
    Page("GET", f"{PATH}/clients/{{handle}}", Action.READ_LOG, of_client, query=LogQuery),
)
