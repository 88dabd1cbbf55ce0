"""What the wire calls by a key, as a caseworker reads it."""

from __future__ import annotations

from collections.abc import Mapping

from ml.contracts import TIMES, Kind
from serving.language import Language, marked
from serving.wire.advice import Agreement, ChanceOfWork, Done, ServiceNeed
from serving.wire.clients import Ground

Choice = tuple[str, str]
NEEDS: Mapping[str, str] = {
    ServiceNeed.SKILLS: marked("Skills and career guidance"),
    ServiceNeed.REHABILITATION: marked("Work-rehabilitative services"),
    ServiceNeed.INTEGRATION: marked("Integration services"),
    ServiceNeed.INTERVIEW_FIRST: marked("I cannot say before an interview"),
}
CHANCES: Mapping[str, str] = {
    ChanceOfWork.GOOD: marked("Good"),
    ChanceOfWork.FAIR: marked("Fair"),
    ChanceOfWork.SMALL: marked("Small"),
}
AGREEMENTS: Mapping[str, str] = {
    Agreement.AGREE: marked("I see it as the hint does"),
    Agreement.PARTLY: marked("Partly"),
    Agreement.DISAGREE: marked("I see it otherwise"),
}
DONE: Mapping[str, str] = {
    Done.SKILLS: marked("Directed to skills and career guidance"),
    Done.REHABILITATION: marked("Directed to work-rehabilitative services"),
    Done.INTEGRATION: marked("Directed to integration services"),
    Done.INTERVIEW: marked("Agreed on an interview"),
    Done.NOTHING_NEW: marked("Went on as before"),
    Done.OTHER: marked("Something else"),
}
GROUNDS: Mapping[str, str] = {
    Ground.ABSENT_COLLEAGUE: marked("A colleague is away"),
    Ground.CLIENT_ASKED: marked("The client asks for it"),
    Ground.HANDOVER: marked("The client is being handed over to me"),
    Ground.COMPLAINT: marked("A complaint, or a request for correction"),
    Ground.OTHER: marked("Another reason"),
}

KINDS: Mapping[str, str] = {  # what a service can change is told first
    Kind.SERVICE_CAN_CHANGE: marked("A service can change this"),
    Kind.CAN_CHANGE: marked("This can change"),
    Kind.CONTEXT: marked("Background"),
    Kind.IMMUTABLE: marked("This cannot be changed"),
    TIMES: marked("The general situation, the same for everybody"),
}


def choices(words: Mapping[str, str], language: Language) -> tuple[Choice, ...]:
    """Return value and words of each choice, in their order."""
    return tuple((str(value), language.gettext(text)) for value, text in words.items())


def word_of(words: Mapping[str, str], value: str, language: Language) -> str:
    """Return the words of a value."""
    return language.gettext(words[value])
