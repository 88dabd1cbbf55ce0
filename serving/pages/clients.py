"""My clients: whom a caseworker is responsible for, and a form to find one."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from ml.errors import DataError, UsageError
from serving.language import marked
from serving.permissions import Action
from serving.store.caseload import caseload
from serving.store.log import written
from serving.wire.clients import PageQuery

from .form import ClientForm, FormError
from .handles import handle_of, pseudonym_of
from .page import Away, Page, View, Visit

SHORT = 8  # characters of a pseudonym that are shown
ODD_CODE = marked("This is neither an identity code nor a pseudonym; look at it again.")
NO_KEY = marked("Identity codes cannot be used here: type the client's pseudonym.")


@dataclass(frozen=True)
class Row:
    """One client in the list."""

    handle: str
    short: str
    assigned_on: str | None
    ready: bool
    judged_at: str | None


@dataclass(frozen=True)
class MyClients:
    """A caseworker's clients, a page of them; `further`: where the next page is."""

    rows: tuple[Row, ...]
    further: str | None
    by_code: bool


class ListQuery(PageQuery):
    """Which page: the one after a client's handle."""

    after: str | None = None


def my_clients(visit: Visit) -> View:
    """Show the caseworker's clients, in the order of pseudonyms: nobody is ranked."""
    query = visit.query or ListQuery()
    after = None if query.after is None else pseudonym_of(visit, query.after)
    with visit.service.database.reading() as connection:
        now = written(visit.service.now())
        found = caseload(connection, visit.who.subject, after, query.limit, now)
    rows = tuple(
        Row(handle_of(visit, each.client), each.client[:SHORT], each.assigned_on, each.ready, each.judged_at)
        for each in found
    )
    further = f"/clients?after={rows[-1].handle}" if len(rows) == query.limit else None
    return View("clients.html.jinja", MyClients(rows, further, visit.service.edge.key is not None))


def find_client(visit: Visit) -> Away:
    """Go to the page of a client who is named by identity code or pseudonym; the code is forgotten at once."""
    return Away(f"/clients/{handle_of(visit, named_client(visit))}")


def named_client(visit: Visit) -> str:
    """Return the pseudonym of the client whom a form names. Raises FormError where it names nobody."""
    form: ClientForm = visit.body
    try:
        return visit.service.edge.client(form.named())
    except (DataError, UsageError, ValidationError) as odd:
        words = NO_KEY if isinstance(odd, UsageError) else ODD_CODE
        raise FormError({"client": visit.language.gettext(words)}) from None


PAGES = (
    Page("GET", "/clients", Action.JUDGE, my_clients, query=ListQuery),
    Page("POST", "/clients/find", Action.JUDGE, find_client, form=ClientForm, again=my_clients),
)
