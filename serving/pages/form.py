"""A form of a page: fields as a browser sends them → a wire model, or what is wrong with each field in words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.exceptions import HTTPException

from serving.language import Language, marked
from serving.wire.clients import ClientName
from serving.wire.wire import LONGEST_LINE, Posted

MEDIA_TYPE = "application/x-www-form-urlencoded"
CSRF = "csrf"
ONCE = "once"  # tells one form that was shown from another
OURS = frozenset({CSRF, ONCE})  # fields that nobody typed
MOST_FIELDS = 1000
PSEUDONYM = re.compile(r"[0-9a-fA-F]{32}")
Form = TypeVar("Form", bound=BaseModel)

WORDS = {
    "missing": marked("This is missing."),
    "enum": marked("Choose one of these."),
    "literal_error": marked("Choose one of these."),
    "too_short": marked("Choose at least one of these."),
    "blank": marked("This is empty; write something."),
    "string_too_short": marked("This is empty; write something."),
    "string_too_long": marked("This is too long: at most {max_length} characters."),
    "identity_code": marked("There is an identity code in this text; leave it out."),
    "control_character": marked("There is a character in this text that cannot be read; leave it out."),
    "day": marked("This is no day; write it as 2026-11-02."),
}
OTHERWISE = marked("This cannot be taken as it is written; look at it again.")


class FormError(Exception):
    """A form that cannot be taken: field → what is wrong with it, in the reader's language."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Keep what is wrong; the words of the exception hold nothing that was typed."""
        super().__init__("the form cannot be taken")
        self.faults = faults


class ClientForm(Posted):
    """One field for a client, as a caseworker has them at hand: a pseudonym or an identity code."""

    model_config = ConfigDict(hide_input_in_errors=True)

    client: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE)]

    def named(self) -> ClientName:
        """Return the client as the API is told of them."""
        text = self.client.strip()
        if PSEUDONYM.fullmatch(text):
            return ClientName(pseudonym=text.lower())
        return ClientName(identity_code=text)


def fields_of(raw: bytes) -> dict[str, list[str]]:
    """Return the fields of a posted form, in order. Raises HTTPException 400 where it is none."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the form cannot be read") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        # A browser ends lines with CR LF; what is kept has the ends that everybody else writes.
        found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


def read_form(values: Mapping[str, Sequence[str]], form: type[Form], language: Language) -> Form:
    """Return a form as its wire model; fields left blank are left out. Raises FormError."""
    content = {name: _content(values.get(name, ()), info.annotation) for name, info in form.model_fields.items()}
    given = {name: value for name, value in content.items() if value is not None}
    given |= dict.fromkeys(values.keys() - form.model_fields.keys() - OURS, "")  # nobody declared: refused
    try:
        return form.model_validate_json(json.dumps(given))
    except ValidationError as error:
        raise FormError(faults_of(error, language)) from None


def faults_of(error: ValidationError, language: Language) -> dict[str, str]:
    """Return field → what is wrong with it, in words; the first of each field."""
    found: dict[str, str] = {}
    for each in error.errors(include_url=False, include_input=False):
        place = str(each["loc"][0]) if each["loc"] else ""
        context = {name: str(value) for name, value in each.get("ctx", {}).items()}
        found.setdefault(place, language.gettext(WORDS.get(each["type"], OTHERWISE), **context))
    return found


def _content(given: Sequence[str], annotation: Any) -> Any:
    """Return what a field holds as JSON would have it; None: it was left blank, or was not there."""
    kind = _bare(annotation)
    if kind is list or kind is tuple:
        return list(given) or None
    if not given or not given[-1].strip():
        return None
    text = given[-1]
    if kind is bool:
        return {"true": True, "false": False}.get(text, text)
    if kind is int and len(text) <= LONGEST_LINE and text.strip().isascii() and text.strip().isdecimal():
        return int(text)
    return text


def _bare(annotation: Any) -> Any:
    """Return the kind of a field, without what it may be besides: list of list[X] | None."""
    options = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation) and len(options) == 1:
        return _bare(options[0])
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    return get_origin(annotation) or annotation
