"""What could not be done, as a page: what and why in words that a caseworker reads, and what they can do now."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ml.errors import ApualyError, GateError, without_identity_codes
from serving.language import Language, marked
from serving.refusals import RefusedError

from .page import View

TEMPLATE = "refused.html.jinja"
GONE = "hint_gone.html.jinja"  # in the place of a hint on a page that is open


@dataclass(frozen=True)
class Words:
    """A heading, what it means, and what can be done."""

    title: str
    what: str
    now: str | None = None


@dataclass(frozen=True)
class Refusal:
    """What a reader is told.

    detail  the service's own line, in English, for whoever helps them; None: the words say it all
    rest    where what still stands is shown; None: nothing does
    """

    title: str
    what: str
    now: str | None
    detail: str | None
    rest: str | None = None


_RIGHT = marked(
    "You can go on without a hint. If the client says otherwise now, record it on the page of their rights."
)
KINDS = {
    "consent-missing": Words(
        marked("No hint: the client has not consented"),
        marked("A hint is made with profiling, and profiling needs the client's consent. There is none."),
        marked("Tell the client what a hint is and ask. If they consent, record it on the page of their rights."),
    ),
    "objection": Words(
        marked("No hint: the client has objected"),
        marked("The client has objected to profiling. Hints that lay ready were removed."),
        _RIGHT,
    ),
    "restriction": Words(
        marked("No hint: processing is restricted"),
        marked("The client has had the processing of their data restricted. Hints that lay ready were removed."),
        _RIGHT,
    ),
    "erased": Words(
        marked("No hint: the client's data was erased"),
        marked("The client asked for their data to be erased, and it was."),
        marked("A hint can be given again only if the client consents anew."),
    ),
    "not-your-client": Words(
        marked("This is not your client"),
        marked("You see the clients that are assigned to you. This client is not, or nothing is held of them here."),
        marked("Where you must see them all the same, give the reason. It is logged, and the manager is told of it."),
    ),
    "judgement-first": Words(
        marked("Your own view comes first"),
        marked("A hint is shown beside your own view of the client, and you have not recorded one."),
        marked("Open the client, say how you see it, and then look at the hint."),
    ),
    "judgement-old": Words(
        marked("Your view of the client is more than two weeks old"),
        marked("A hint stands beside a view that is fresh. Much may have changed since yours."),
        marked("Open the client and say how you see it now."),
    ),
    "no-hint": Words(
        marked("There is no hint for this client now"),
        marked("No hint lies ready: the client may be new, or the last hint is out of date."),
        marked("Hints are made anew every night. You can go on without one."),
    ),
    "sent-from-elsewhere": Words(
        marked("This was not sent from our pages"),
        marked("The form came from a page of another site, or the browser did not say from where. It was not taken."),
        marked("Open the page here, and send it from there."),
    ),
    "stopped": Words(
        marked("Hints are stopped"),
        marked("Somebody has stopped the model, for everybody and at once. The page of the stop switch says why."),
        marked("You can go on without a hint."),
    ),
}
STATUSES = {
    HTTPStatus.BAD_REQUEST: Words(
        marked("This address is not taken"),
        marked("An address must hold no identity code: it would stay in the browser's history."),
        marked("Type the code into a form of the pages instead."),
    ),
    HTTPStatus.UNAUTHORIZED: Words(
        marked("Your session is over"),
        marked("You were signed out, or did nothing here for half an hour."),
        marked("Sign in again in a new tab, then go on here: what you typed is not lost."),
    ),
    HTTPStatus.FORBIDDEN: Words(marked("You may not do this"), marked("Your role here does not include this."), None),
    HTTPStatus.NOT_FOUND: Words(
        marked("There is no such page"),
        marked("The address may be mistyped, the page may be gone, or it is somebody else's."),
    ),
    HTTPStatus.CONFLICT: Words(
        marked("This cannot be done now"), marked("Something else was done meanwhile, or before. Look at it anew.")
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Words(
        marked("This is too long"), marked("The form holds more than can be taken. Shorten it, and send it again.")
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Words(
        marked("Too many pages at once"), marked("Wait a moment."), marked("Then load the page anew.")
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Words(
        marked("The service cannot answer now"),
        marked("Nothing was recorded. Try again in a while; if it lasts, tell whoever runs the service."),
    ),
}
OTHERWISE = Words(
    marked("This could not be done"), marked("The service did not take what it was asked. Nothing was recorded.")
)
GATE = Words(
    marked("The model may not be used now"),
    marked("Its approval has ended or was taken back, or something about it is not as it was approved."),
    marked("You can go on without a hint. The page of the models says more."),
)


def refusal_of(error: ApualyError | HTTPException | RequestValidationError, language: Language) -> tuple[Refusal, int]:
    """Return what a reader is told of an error, and its status."""
    words, status, detail = _found(error)
    text = language.gettext
    now = None if words.now is None else text(words.now)
    told = None if detail is None else without_identity_codes(detail)
    return Refusal(text(words.title), text(words.what), now, told), status


def refused(error: ApualyError | HTTPException | RequestValidationError, language: Language) -> View:
    """Return the page of an error."""
    told, status = refusal_of(error, language)
    return View(TEMPLATE, told, status)


def _found(error: ApualyError | HTTPException | RequestValidationError) -> tuple[Words, int, str | None]:
    if isinstance(error, RequestValidationError):
        return OTHERWISE, HTTPStatus.UNPROCESSABLE_ENTITY, None
    if isinstance(error, HTTPException):
        return STATUSES.get(HTTPStatus(error.status_code), OTHERWISE), error.status_code, None
    kind = error.kind if isinstance(error, RefusedError) or error.kind else None
    if kind in KINDS:
        # Who is refused for a right of the client's reads since when; what else is said is for programs.
        return KINDS[kind], error.status, None
    if isinstance(error, GateError):
        return GATE, error.status, str(error)
    return STATUSES.get(HTTPStatus(error.status), OTHERWISE), error.status, str(error)
