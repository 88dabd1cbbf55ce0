"""The language of a request, and catalogues that are whole and advise only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

import serving
from serving.language import LOCALES, Language, preferred

CODE = Path(serving.__file__).parent
DECIDING = re.compile(
    r"decid|decision|verdict|reject|refus|den(y|ie)|grant(?!o)|approve|eligib|entitl|sanction"
    r"|päät(ös|tää|et)|hylä|hylk|hyväks|evätä|beslut|avslå|avslag|bevilj|godkänn|neka",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "fi"),
        ("", "fi"),
        ("fi", "fi"),
        ("sv", "sv"),
        ("en-GB,en;q=0.9", "en"),
        ("SV-fi", "sv"),
        ("de", "fi"),
        ("de, sv;q=0.5", "sv"),
        ("en;q=0.5, sv;q=0.8", "sv"),
        ("sv;q=0.8, en;q=0.8", "sv"),  # the first of two that are liked alike
        ("en;q=0", "fi"),
        ("*", "fi"),
        ("*;q=0.5, en", "en"),
        ("en;q=1.0, sv", "en"),
        ("en;q=nan, sv;q=0.1", "sv"),
        ("en;q=2, sv;q=0.1", "sv"),
        (";;,,q=;=", "fi"),
        ("fi" * 5000, "fi"),
    ],
)
def test_which_language_a_request_asks_for(header: str | None, code: str) -> None:
    assert preferred(header) == code


# Where texts are about a client; elsewhere people do decide: about models.
ABOUT_CLIENTS = re.compile(
    r"hints/|pages/(templates/|drawings/)?(client|clients|hint|not_yours|curve|shares|tenths|words)\b(?!.*review)"
)


def messages(where: re.Pattern[str] = re.compile("")) -> set[str | tuple[str, ...]]:
    keywords = {"gettext": None, "ngettext": (1, 2), "marked": None, "_": None}
    methods = [("**/node_modules/**", "ignore"), ("**.py", "python"), ("**.jinja", "jinja2.ext:babel_extract")]
    found = extract_from_dir(CODE, method_map=methods, keywords=keywords, comment_tags=())
    return {message for file, _, message, _, _ in found if where.match(file)}


def catalogue(code: str) -> Iterator[tuple[str | tuple[str, ...], tuple[str, ...], bool]]:
    with (LOCALES / code / "LC_MESSAGES" / "apualy.po").open("rb") as file:
        for message in read_po(file, locale=code, abort_invalid=True):
            if message.id:
                texts = (message.string,) if isinstance(message.string, str) else tuple(message.string)
                yield message.id, texts, message.fuzzy


@pytest.mark.parametrize("code", ["fi", "sv"])
def test_catalogue_has_every_text_of_the_code_and_no_other(code: str) -> None:
    assert {text for text, _, _ in catalogue(code)} == messages()
    assert len(messages()) > 20


WORDS = re.compile(r"[A-Za-zÄÖÅäöå]{2,}")


def test_templates_hold_no_stray_words() -> None:
    """Words between tags, or in attributes that are read aloud, which no catalogue knows."""
    for file in sorted((CODE / "pages" / "templates").rglob("*.jinja")):
        bare = re.sub(r"{#.*?#}|{%.*?%}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        shown = re.sub(r"{{.*?}}|<code[^>]*>.*?</code>", "", bare, flags=re.DOTALL)  # what is typed is of no language
        read_aloud = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', shown)
        between = re.sub(r'<[^>]*>|[a-z-]+="[^"]*"', "\n", shown)  # a macro may hold attributes alone
        stray = [each for each in WORDS.findall(" ".join([between, *read_aloud])) if each not in {"apualy", "required"}]
        assert stray == [], file.name


@pytest.mark.parametrize("code", ["fi", "sv"])
def test_translations_are_whole_and_keep_their_places(code: str) -> None:
    for text, translations, fuzzy in catalogue(code):
        sources = (text,) if isinstance(text, str) else text
        assert not fuzzy, text
        assert all(translations), text
        for source, translation in zip(sources, translations, strict=True):
            assert set(re.findall(r"\{\w+\}", translation)) == set(re.findall(r"\{\w+\}", source)), text


@pytest.mark.parametrize("code", ["fi", "sv"])
def test_no_text_about_a_client_reads_as_a_decision(code: str) -> None:
    about_clients = messages(ABOUT_CLIENTS)
    assert len(about_clients) > 100
    for text, translations, _ in catalogue(code):
        if text in about_clients:
            for each in (*((text,) if isinstance(text, str) else text), *translations):
                assert not DECIDING.search(each), each


@pytest.mark.parametrize(
    ("text", "reads_as_one"), [("Asia hylätään", True), ("Ansökan avslås", True), ("Vihje", False), ("denied", True)]
)
def test_the_scan_finds_decisions(text: str, reads_as_one: bool) -> None:
    assert bool(DECIDING.search(text)) is reads_as_one


def test_values_with_braces_are_left_alone(languages: Mapping[str, Language]) -> None:
    said = languages["sv"].gettext("The hint was made without knowing: {labels}.", labels="{x} {0}")
    assert said == "Tipset har tagits fram utan dessa uppgifter: {x} {0}."


@given(st.one_of(st.floats(-1e15, 1e15), st.integers(-(10**15), 10**15)))
@example(-0.0004)
@example(0.0005)
@example(1234567.125)
def test_numbers_are_written_as_babel_writes_them(languages: Mapping[str, Language], value: float) -> None:
    for code, language in languages.items():
        assert language.number(value) == format_decimal(value, locale=code)
