"""Months in which much was done: many clients, each with a judgement, a hint and feedback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

from serving.store.advices import Shown, add_advice, add_feedback
from serving.store.clients import Assigned, assign
from serving.store.judgements import Judgement, add_judgement
from serving.store.log import Event

from .house import CASEWORKER, House

numbers = count(1)


@contextmanager
def at(house: House, when: datetime) -> Iterator[None]:
    """Let the service do something at another time of day."""
    now, house.clock.at = house.clock.at, when
    try:
        yield
    finally:
        house.clock.at = now


def hints(
    house: House, clients: Sequence[str], said: str | None = "agree", done: Sequence[str] = ("skills",), **shown: Any
) -> None:
    """Keep an assignment, a judgement, a hint and feedback of each client, as the API does, but all at once.

    The hint is skills, and low, where nothing else is said.
    """
    told = {"office": "Itä", "source": "stored", "need": "skills", "band": "low", "models": "", "content": "{}"} | shown
    with house.service.database.recording(Event("advice", CASEWORKER, "caseworker")) as entry:
        assign(entry, [Assigned(each, CASEWORKER, told["office"], "2026-10-01") for each in clients])
        for each in clients:
            judgement, advice, feedback = (f"{next(numbers):032x}" for _ in range(3))
            add_judgement(entry, Judgement(judgement, each, CASEWORKER, "skills", "fair", "why"))
            add_advice(entry, Shown(id=advice, judgement=judgement, client=each, caseworker=CASEWORKER, **told))
            if said is not None:
                given = {"agrees": said, "why": None, "done": list(done)}
                add_feedback(entry, feedback, advice, each, CASEWORKER, given)


def clients(first: int, end: int) -> list[str]:
    return [f"{number:032x}" for number in range(first, end)]
