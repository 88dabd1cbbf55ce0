"""Rights of a client: what is in force, what was recorded, all that is held handed over, and erasure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from starlette.responses import Response

from ml.errors import ConflictError, NotFoundError
from serving.api.clients import look_up_client
from serving.api.export import export_client
from serving.api.rights import erase_client, record_right_of_client
from serving.export.told import right_told
from serving.export.words import Words
from serving.language import marked
from serving.permissions import Action
from serving.store.export import rights_recorded
from serving.wire.clients import (
    ClientAnswer,
    ClientName,
    ClientQuestion,
    ErasureQuestion,
    Right,
    RightQuestion,
    RightsInForce,
)
from serving.wire.wire import Day, Line, Posted

from .clients import SHORT, named_client
from .form import ClientForm, FormError
from .handles import handle_of, pseudonym_of
from .page import Away, Page, View, Visit
from .rendering import NAMES
from .words import Choice

FILE = "what-is-held.json"


class Saying(StrEnum):
    """What a client can say of their rights."""

    CONSENT = "consent"
    CONSENT_BACK = "consent_back"
    OBJECTION = "objection"
    OBJECTION_BACK = "objection_back"
    RESTRICTION = "restriction"
    RESTRICTION_BACK = "restriction_back"

    @property
    def right(self) -> Right:
        """Return the right that it is about."""
        return Right(self.value.removesuffix("_back"))

    @property
    def in_force(self) -> bool:
        """Return whether the right is in force from then on."""
        return not self.value.endswith("_back")


SAYINGS = {
    Saying.CONSENT: marked("The client consents to hints"),
    Saying.CONSENT_BACK: marked("The client takes their consent back"),
    Saying.OBJECTION: marked("The client objects to hints"),
    Saying.OBJECTION_BACK: marked("The client takes their objection back"),
    Saying.RESTRICTION: marked("The client asks that the use of their data is restricted"),
    Saying.RESTRICTION_BACK: marked("The restriction ends"),
}
RIGHTS = {
    Right.CONSENT: marked("Consent to hints"),
    Right.OBJECTION: marked("Objection to hints"),
    Right.RESTRICTION: marked("Restriction of the use of the data"),
}
RECORDED = marked("It is recorded.")
RECORDED_NO_HINT = marked(
    "It is recorded. No hint is given about the client now, and hints that lay ready were removed."
)
ERASED = marked("What was held of the client is erased.")
TO_COME = marked("This day is still to come; record a right when it is used.")
BEFORE_ERASURE = marked("This consent is older than the erasure, which ended it: ask the client anew.")


class RightsQuery(Posted):
    """What was done a moment ago, to be told on the page."""

    recorded: Right | None = None
    erased: Literal["yes"] | None = None


class RightForm(Posted):
    """What a client says of their rights, and since when."""

    said: Saying
    since: Day


class ExportForm(Posted):
    """In which language the client is given what is held of them, and as what."""

    language: Literal["fi", "sv", "en"]
    given_as: Literal["page", "data"]


class ErasureForm(Posted):
    """On what request a client is erased."""

    why: Line


@dataclass(frozen=True)
class InForce:
    """One right, and the day since which it is in force; None: it is not."""

    name: str
    since: str | None


@dataclass(frozen=True)
class RightsPage:
    """The rights of one client.

    found     how they stand; None: nothing is held of them
    recorded  what was recorded, newest first
    today     the last day that a right can be recorded of
    notice    what was done a moment ago
    """

    handle: str
    short: str
    found: ClientAnswer | None
    in_force: tuple[InForce, ...]
    recorded: tuple[str, ...]
    sayings: tuple[Choice, ...]
    today: str
    notice: str | None
    languages: tuple[Choice, ...]


@dataclass(frozen=True)
class ErasePage:
    """A client who is about to be erased, on what request, asked once more."""

    handle: str
    short: str
    why: str


@dataclass(frozen=True)
class FindPage:
    """The form in which a client is named; `by_code`: identity codes can be typed."""

    by_code: bool


def find_form(visit: Visit) -> View:
    """Show the form in which a client is named: the officer has no list of clients."""
    return View("rights_find.html.jinja", FindPage(visit.service.edge.key is not None))


def find(visit: Visit) -> Away:
    """Go to the rights of the client who is named; an identity code is forgotten at once."""
    return Away(_path(handle_of(visit, named_client(visit))))


def show_rights(visit: Visit) -> View:
    """Show what is in force of a client's rights and what was recorded; that somebody looked is logged."""
    client = _client(visit)
    pseudonym = client.pseudonym or ""
    try:
        answer = look_up_client(replace(visit, body=ClientQuestion(client=client)))
        found = ClientAnswer.model_validate_json(answer)
    except NotFoundError:
        found = None  # nothing is held of them; what is recorded now begins it
    with visit.service.database.reading() as connection:
        recorded = rights_recorded(connection, pseudonym)
    words, text = Words(visit.language.code), visit.language.gettext
    rights = None if found is None else found.rights
    page = RightsPage(
        handle=visit.path["handle"],
        short=pseudonym[:SHORT],
        found=found,
        in_force=tuple(InForce(text(name), _since(rights, right)) for right, name in RIGHTS.items()),
        recorded=tuple(right_told(each, words).words for each in reversed(recorded)),
        sayings=tuple(
            (each.value, text(name))
            for each, name in SAYINGS.items()
            if each.in_force == (not _since(rights, each.right))
        ),
        today=visit.service.now().date().isoformat(),
        notice=_notice(visit, rights, recorded[-1]["right"] if recorded else None),
        languages=tuple(NAMES.items()),
    )
    return View("rights.html.jinja", page)


def record(visit: Visit) -> Away:
    """Record what a client says of their rights; it holds from the next request on."""
    form: RightForm = visit.body
    right, since = form.said.right, form.since.isoformat()  # a day is posted as a text, and taken as nothing else
    said = RightQuestion.model_validate(
        {"client": _client(visit), "right": right, "in_force": form.said.in_force, "since": since}
    )
    try:
        record_right_of_client(replace(visit, body=said))
    except ConflictError:
        words = TO_COME if form.since > visit.service.now().date() else BEFORE_ERASURE
        raise FormError({"since": visit.language.gettext(words)}) from None
    return recorded_before(visit)


def recorded_before(visit: Visit, _: bytes = b"") -> Away:
    """Go to the rights, and say there that one was recorded."""
    form: RightForm = visit.body
    return Away(f"{_path(visit.path['handle'])}?recorded={form.said.right.value}")


def hand_over(visit: Visit) -> Response:
    """Return all that is held of a client, to be handed to them: a page of its own, or a file."""
    form: ExportForm = visit.body
    asked = replace(
        visit,
        body=ClientQuestion(client=_client(visit)),
        language=visit.service.languages[form.language],
        headers={"accept": "text/html" if form.given_as == "page" else "application/json"},
    )
    response = export_client(asked)
    if form.given_as == "data":
        response.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return response


def ask_again(visit: Visit) -> View:
    """Ask once more before a client is erased: it cannot be undone."""
    client = _client(visit)
    page = ErasePage(visit.path["handle"], (client.pseudonym or "")[:SHORT], visit.typed.one("why"))
    return View("rights_erase.html.jinja", page)


def erase(visit: Visit) -> Away:
    """Erase what is held of a client."""
    form: ErasureForm = visit.body
    erase_client(replace(visit, body=ErasureQuestion(client=_client(visit), why=form.why)))
    return erased_before(visit)


def erased_before(visit: Visit, _: bytes = b"") -> Away:
    """Go to the rights, and say there that the client was erased."""
    return Away(f"{_path(visit.path['handle'])}?erased=yes")


def _client(visit: Visit) -> ClientName:
    return ClientName(pseudonym=pseudonym_of(visit, visit.path["handle"]))


def _path(handle: str) -> str:
    return f"/clients/{handle}/rights"


def _since(rights: RightsInForce | None, right: Right) -> str | None:
    """Return the day since which a right is in force; None: it is not."""
    day: str | None = None if rights is None else getattr(rights, right.value)
    return day


def _notice(visit: Visit, rights: RightsInForce | None, newest: str | None) -> str | None:
    """Return what was done a moment ago, as the address says; an address alone says nothing that is not so.

    newest  the right that was recorded last; None: none is
    """
    query: RightsQuery | None = visit.query
    text = visit.language.gettext
    if query is None:
        return None
    if query.erased is not None and (rights is None or rights.erased is not None):
        return text(ERASED)
    if query.recorded is None or query.recorded != newest:
        return None
    if (query.recorded is Right.CONSENT) == (_since(rights, query.recorded) is not None):
        return text(RECORDED)
    return text(RECORDED_NO_HINT)


PAGES = (
    Page("GET", "/rights", Action.ERASE, find_form),
    Page("POST", "/rights", Action.ERASE, find, form=ClientForm, again=find_form),
    Page("GET", "/clients/{handle}/rights", Action.SEE_CLIENT, show_rights, query=RightsQuery),
    Page(
        "POST", "/clients/{handle}/rights", Action.RECORD_RIGHTS, record, form=RightForm, again=show_rights,
        sent_before=recorded_before,
    ),
    Page("POST", "/clients/{handle}/export", Action.EXPORT, hand_over, form=ExportForm, again=show_rights),
    Page("POST", "/clients/{handle}/erase/check", Action.ERASE, ask_again, form=ErasureForm, again=show_rights),
    Page(
        "POST", "/clients/{handle}/erase", Action.ERASE, erase, form=ErasureForm, again=ask_again,
        sent_before=erased_before,
    ),
)  # fmt: skip
