"""What the models are, in words: what each is for, where a version stands, of which kind an input is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ml.governance.review.states import State
from serving.language import Language, marked
from serving.models.loading import Task, task_of

from .states import STATES

_TITLES = {
    Task.NEEDS: marked("Model of service needs"),
    Task.RISK: marked("Model of how long a spell may last"),
}
_WHAT = {
    Task.NEEDS: marked(
        "It names the service that caseworkers have most often chosen for people in a like situation, or says that an "
        "interview comes first."
    ),
    Task.RISK: marked(
        "It estimates how many of people in a like situation are still unemployed after a time, and says when it is "
        "too uncertain to say."
    ),
}
_NOT = {
    Task.NEEDS: marked("It does not know which service helps, and it does not know the client."),
    Task.RISK: marked("It does not say why, what would help, or how it will go for the client."),
}


@dataclass(frozen=True)
class About:
    """A model in three lines: its title, what it does, and what it does not."""

    title: str
    does: str
    does_not: str


def about(name: str, language: Language) -> About:
    """Return what a model of a name is for, in the reader's language."""
    task, text = task_of(name), language.gettext
    return About(text(_TITLES[task]), text(_WHAT[task]), text(_NOT[task]))


def last_day(expires: datetime) -> str:
    """Return the day on which an approval ends, ISO: approvals are given by days of UTC, to their last minute."""
    return expires.astimezone(UTC).date().isoformat()


def state_words(state: State, language: Language) -> str:
    """Return where a version stands."""
    return language.gettext(STATES[state])
