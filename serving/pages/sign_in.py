"""Coming in and going out: through the identity provider, or in a demonstration as one of its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel
from starlette.requests import cookie_parser
from starlette.responses import Response

from ml.errors import AccessError, ForbiddenError, NotFoundError, UnavailableError
from serving.identified import Entrance
from serving.identity.cookie import Cookie
from serving.identity.demo import DemoUsers
from serving.identity.identity import Identity
from serving.identity.own_path import own_path
from serving.identity.sessions import LONGEST
from serving.identity.sign_in import REDIRECT_PATH, SIGNED_OUT_PATH, SignIn
from serving.language import marked
from serving.store.log import Event
from serving.wire.wire import Posted

from .language import PAGES as LANGUAGE_PAGES
from .language import chosen_language as chosen_language
from .nav import first_page
from .page import Away, Page, Shown, View, Visit

PROVIDER_TOO = "/sign-out/provider"
# What a browser keeps of pages is about people; on a shared computer the next person would find it by the Back button.
FORGET = {"Clear-Site-Data": '"cache"'}
NO_ENTRANCE = "nobody can sign in here: no identity provider is named, and this is no demonstration"
ROLES = {
    "demo-caseworker": (
        marked("Caseworker"),
        marked("Says first how they see a client, then looks at the hint, and says what became of it."),
    ),
    "demo-caseworker-2": (
        marked("Caseworker, with other clients"),
        marked("Sees nobody else's clients, unless for a reason that is logged."),
    ),
    "demo-reviewer": (marked("Ethics reviewer"), marked("Assesses a model before it may be used.")),
    "demo-owner": (
        marked("Owner of the service, who approves"),
        marked("Approves a model, sets conditions, and takes an approval back."),
    ),
    "demo-manager": (
        marked("Service manager"),
        marked("Sees counts of an office and a month, and no person."),
    ),
    "demo-officer": (
        marked("Data-protection officer"),
        marked("Records what clients say of their rights, gives them their data, and reads the log."),
    ),
    "demo-scientist": (marked("Data scientist"), marked("Sees models, their cards and reports.")),
    "demo-operator": (marked("Operator"), marked("Stops all hints at once, and lets them go on.")),
}


class WayOn(BaseModel):
    """Where somebody was on their way to; a path of ours."""

    return_to: str = "/"


class Answered(BaseModel):
    """What a browser brings back from the provider."""

    code: str | None = None
    state: str | None = None
    error: str | None = None


class Chosen(Posted):
    """One of the people of a demonstration, and the way on."""

    person: str
    return_to: str = "/"


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as; role and what they can do, in the reader's language."""

    subject: str
    name: str
    role: str
    can: str


@dataclass(frozen=True)
class Choice:
    """The people of a demonstration."""

    people: tuple[DemoPerson, ...]
    return_to: str


@dataclass(frozen=True)
class NotSignedIn:
    """Why a sign-in led nowhere; `detail`: the service's own line, in English."""

    no_role: bool
    detail: str


@dataclass(frozen=True)
class SignedOut:
    """What is left to do after a sign-out.

    provider   address at which one signs out of the identity provider, too; None: there is nothing to do there
    unreached  the provider cannot be asked: somebody may still be signed in there
    """

    provider: str | None = None
    unreached: bool = False


# ---------------------------------------------------------------- in


def begin(visit: Visit) -> Away:
    """Lead to the first page of a role."""
    return Away(first_page(visit.who))


def sign_in(visit: Visit) -> Shown:
    """Show the people of a demonstration, or lead to the provider."""
    entrance = _entrance(visit)
    if entrance.demo is not None:
        return _choice(visit, entrance.demo, own_path(visit.query.return_to))
    address, cookie = _flow(entrance).begin(visit.query.return_to)
    return _away(address, cookie)


def sign_in_as(visit: Visit) -> Response:
    """Let somebody in as one of the people of a demonstration."""
    demo = _demo(_entrance(visit))
    who = demo.person(visit.body.person)
    if who is None:
        raise NotFoundError("there is no such person in this demonstration")
    return _entered(visit, who, own_path(visit.body.return_to))


def choose_again(visit: Visit) -> View:
    """Show the people again, to somebody who signed in or out in another tab meanwhile."""
    return _choice(visit, _demo(_entrance(visit)), own_path(visit.typed.one("return_to", "/")))


def complete(visit: Visit) -> Shown:
    """Let somebody in whom the provider vouches for."""
    flow, came = _flow(_entrance(visit)), visit.query
    try:
        found = flow.complete(came.code, came.state, _cookies(visit).get(flow.cookie_name), came.error)
    except AccessError as refusal:
        why = NotSignedIn(isinstance(refusal, ForbiddenError), str(refusal))
        return View("sign_in_failed.html.jinja", why, refusal.status)
    return _entered(visit, found.identity, found.return_to, flow.over())


def signed_in(_: Visit) -> View:
    """Say that a sign-in in another tab is done."""
    return View("sign_in_done.html.jinja", None)


def _choice(visit: Visit, demo: DemoUsers, return_to: str) -> View:
    text = visit.language.gettext
    people = (DemoPerson(each.subject, each.name, *map(text, ROLES[each.subject])) for each in demo.people)
    return View("sign_in.html.jinja", Choice(tuple(people), return_to))


def _entered(visit: Visit, who: Identity, to: str, *cookies: Cookie) -> Response:
    """Open a session in place of the one that the browser may have had, and lead on."""
    entrance = _entrance(visit)
    _close(visit, entrance)
    opened = entrance.sessions.open(who)
    _log(visit, "sign-in", who)
    return _away(to, *cookies, entrance.cookie(opened.session_id, int(LONGEST.total_seconds())))


# ---------------------------------------------------------------- out


def sign_out(visit: Visit) -> Response:
    """End a session; whoever came through the provider is led there, to sign out of it, too."""
    entrance = _entrance(visit)
    if _is_signed_in(visit):
        _close(visit, entrance)
        _log(visit, "sign-out", visit.who)
    to = SIGNED_OUT_PATH if entrance.sign_in is None else PROVIDER_TOO
    return _away(to, entrance.cookie("", 0), headers=FORGET)


def provider_too(visit: Visit) -> Shown:
    """Lead on to where the provider ends its session.

    From a page in between, and not from the form's answer: a page's Content-Security-Policy lets its forms lead to
    this service alone, also in what follows, and where a provider sends people further nobody knows.
    """
    if _is_signed_in(visit):
        return View("signed_out_not.html.jinja", None)
    try:
        address = _flow(_entrance(visit)).sign_out_address()
    except UnavailableError:
        return View("signed_out.html.jinja", SignedOut(unreached=True))
    return Away(SIGNED_OUT_PATH) if address is None else View("signed_out_here.html.jinja", SignedOut(address))


def signed_out(visit: Visit) -> View:
    """Say that one is signed out; or that one is not."""
    return View("signed_out_not.html.jinja" if _is_signed_in(visit) else "signed_out.html.jinja", SignedOut())


def sign_out_again(visit: Visit) -> View:
    """Say what stands, to somebody whose page was of an earlier session."""
    if _is_signed_in(visit):
        return View("signed_out_not.html.jinja", None)
    provider = _entrance(visit).sign_in is not None
    return View("signed_out.html.jinja", SignedOut(PROVIDER_TOO if provider else None))


# ---------------------------------------------------------------- both


def _is_signed_in(visit: Visit) -> bool:
    return bool(visit.csrf)


def _entrance(visit: Visit) -> Entrance:
    if visit.service.entrance is None:
        raise NotFoundError(NO_ENTRANCE)
    return visit.service.entrance


def _flow(entrance: Entrance) -> SignIn:
    if entrance.sign_in is None:
        raise NotFoundError("there is no identity provider here; choose a person of the demonstration at /sign-in")
    return entrance.sign_in


def _demo(entrance: Entrance) -> DemoUsers:
    if entrance.demo is None:
        raise NotFoundError("this is no demonstration; sign in through the identity provider at /sign-in")
    return entrance.demo


def _cookies(visit: Visit) -> Mapping[str, str]:
    return cookie_parser("; ".join(value for name, value in visit.headers.items() if name == "cookie"))


def _close(visit: Visit, entrance: Entrance) -> None:
    held = _cookies(visit).get(entrance.identified.cookie)
    if held is not None:
        entrance.sessions.close(held)


def _away(address: str, *cookies: Cookie, headers: Mapping[str, str] | None = None) -> Response:
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": address, **(headers or {})})
    for cookie in cookies:
        answer.headers.append("Set-Cookie", cookie.header())
    return answer


def _log(visit: Visit, action: str, who: Identity) -> None:
    with visit.service.database.recording(Event(action, who.subject, " ".join(sorted(who.roles)))):
        pass  # the session is a table of its own; this is the log's entry of it


PAGES = (
    Page("GET", "/", None, begin),
    Page("GET", "/sign-in", None, sign_in, query=WayOn, open_to_all=True),
    Page("POST", "/sign-in", None, sign_in_as, form=Chosen, again=choose_again, open_to_all=True),
    Page("GET", REDIRECT_PATH, None, complete, query=Answered, open_to_all=True),
    Page("GET", "/signed-in", None, signed_in),
    Page("POST", "/sign-out", None, sign_out, again=sign_out_again, open_to_all=True),
    Page("GET", PROVIDER_TOO, None, provider_too, open_to_all=True),
    Page("GET", SIGNED_OUT_PATH, None, signed_out, open_to_all=True),
    *LANGUAGE_PAGES,
)
