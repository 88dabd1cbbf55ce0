"""A page: its address, who may ask it, what a form of it holds, and one function from a visit to what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from serving.http.endpoint import Asked
from serving.permissions import Action

FORM_OF_THE_WHOLE = ""  # the name of a fault that is of no one field


@dataclass(frozen=True)
class Typed:
    """What was typed into a form, as it was typed: nothing of it is lost. Empty where nobody has typed yet.

    faults  field → what is wrong with it, in the reader's language; "": with the whole form
    notice  what the reader should know before they send it again
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    notice: str | None = None

    def one(self, name: str, otherwise: str = "") -> str:
        """Return what was typed into a field."""
        given = self.values.get(name)
        return given[-1] if given else otherwise

    def chosen(self, name: str, value: str) -> bool:
        """Return whether a choice was made."""
        return value in self.values.get(name, ())


@dataclass(frozen=True)
class Visit(Asked):
    """What a page is asked with: all that the API is asked with, so that its functions can be called, and more.

    csrf     token of the session; goes into every form
    here     path and query of this page
    """

    csrf: str = field(default="", repr=False)
    here: str = ""
    typed: Typed = field(default_factory=Typed, repr=False)


@dataclass(frozen=True)
class View:
    """What is shown: a template, and its one typed context, which it calls `page`."""

    template: str
    page: Any
    status: int = 200


@dataclass(frozen=True)
class Away:
    """Another page of ours, to go on to."""

    path: str


Shown = View | Away | Response


@dataclass(frozen=True)
class Page:
    """One address and method.

    action       what the permission table calls it; None: whoever is signed in may
    form         wire model that a posted form becomes; `query`: of what stands after "?"
    again        shows a form again, with what was typed: where something is wrong with it, or the session was over
    sent_before  where a form leads that was sent twice, as by a double click, with what the API answered the first
                 time: it has one effect (None: the page itself sees to it that it has)
    by_itself    a page that is open asks it, and no person: it keeps no session alive
    open_to_all  nobody needs to sign in; the visit is then without a person
    """

    method: str
    path: str
    action: Action | None
    handler: Callable[[Visit], Shown]
    form: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    again: Callable[[Visit], View] | None = None
    sent_before: Callable[[Visit, bytes], Away] | None = None
    by_itself: bool = False
    open_to_all: bool = False
