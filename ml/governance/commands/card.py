"""The commands of a card: each parses, calls one function and prints."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml.errors import GateError, UsageError

from .review import chosen, gate_words, model_arguments

FORMATS = ("md", "html", "json", "public")
LANGUAGES = ("fi", "sv", "en")
MOST_GAPS = 5  # told after a form was taken; `card check` tells all


def add_commands(commands: Any) -> None:
    """Add `card` and its commands to the parser of `apualy`."""
    card = commands.add_parser("card", help="a model's card: read it, fill it in, check it, compare two, publish it")
    kinds = card.add_subparsers(required=True, metavar="COMMAND")
    show = kinds.add_parser("show", help="print the card")
    model_arguments(show)
    show.add_argument("--format", choices=FORMATS, default="md", help="public: the page that a jobseeker can read")
    show.add_argument("--language", choices=LANGUAGES, default="fi", help="of the public page")
    show.set_defaults(run=_show)
    check = kinds.add_parser("check", help="what the card lacks, and whether its files are as they were made")
    model_arguments(check)
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)
    render = kinds.add_parser("render", help="make the card's pages anew from its source")
    model_arguments(render)
    render.set_defaults(run=_render)
    _diff_parser(kinds)
    _fill_parser(kinds)
    publish = kinds.add_parser("publish", help="copy a card and all that belongs to it to another folder")
    model_arguments(publish)
    publish.add_argument("--to", type=Path, default=Path("model_cards"), metavar="DIR")
    publish.set_defaults(run=_publish)


def _diff_parser(kinds: Any) -> None:
    diff = kinds.add_parser("diff", help="what changed between two versions")
    diff.add_argument("model", metavar="MODEL")
    diff.add_argument("before", type=int, metavar="OLD")
    diff.add_argument("after", type=int, metavar="NEW")
    diff.add_argument("--json", action="store_true")
    diff.set_defaults(run=_diff)


def _fill_parser(kinds: Any) -> None:
    fill = kinds.add_parser("fill", help="print the form of what only people know; with --form, take a filled one")
    model_arguments(fill)
    fill.add_argument("--print", dest="which", choices=("card", "dialogue"), default="card", help="which form")
    fill.add_argument("--form", type=Path, metavar="FILE", help="take what this form says")
    fill.add_argument("--as", dest="by", metavar="NAME", help="who filled it in")
    fill.set_defaults(run=_fill)


def _show(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..cards import source
    from ..deployment import open_registry
    from ..public import public_page
    from ..renderings import renderings
    from ..review.record import render_review
    from ..review.states import IN_FORCE

    registry = open_registry(environ)
    version = chosen(arguments, registry)
    card = registry.cards.read(arguments.model, version)
    if arguments.format == "public":
        now = datetime.now(UTC)
        state = registry.review(arguments.model, version).state(now)
        shut = state in IN_FORCE and gate_words(registry, arguments.model, version, now) != "open"
        text = public_page(card, arguments.language, "" if shut else state.value)
    elif arguments.format == "json":
        text = source(card)
    else:
        text = renderings(card)[f"{version}.{arguments.format}"]
        if arguments.format == "md":
            text += f"\n{render_review(registry.review(arguments.model, version))}"
    print(text, end="")


def _check(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry
    from ..people import gaps

    registry = open_registry(environ)
    version = chosen(arguments, registry)
    missing = gaps(registry.cards.read(arguments.model, version))
    altered = (
        *registry.altered(arguments.model, version),
        *registry.cards.strays(registry.review(arguments.model, version)),
    )
    if arguments.json:
        print(json.dumps({"gaps": [asdict(gap) for gap in missing], "altered": list(altered)}, ensure_ascii=False))
    else:
        for gap in missing:
            print(f"gap: {gap.words} ({gap.place})")
        for each in altered:
            print(f"altered: {each}")
    if missing or altered:
        todo = [step for step, what in (("fill", missing), ("render", altered)) if what]
        raise GateError(
            f"the card of {arguments.model} version {version} is not ready: {len(missing)} gaps, {len(altered)} files "
            f"altered; {' and '.join(f'apualy card {step} {arguments.model}' for step in todo)}"
        )
    if not arguments.json:
        print(f"the card of {arguments.model} version {version} is complete, and every file is as it was made")


def _render(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry

    cards = open_registry(environ).cards
    version = arguments.version or cards.latest(arguments.model)
    cards.render(cards.read(arguments.model, version))
    print(cards.path(arguments.model, version).with_suffix(".html"))


def _diff(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..card.changes import changes
    from ..deployment import open_registry

    cards = open_registry(environ).cards
    for version in (arguments.before, arguments.after):
        cards.require(arguments.model, version)
    found = changes(*(cards.read(arguments.model, each) for each in (arguments.before, arguments.after)))
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        note = f"  ({each.note})" if each.note else ""
        print(f"{each.what}: {each.before} → {each.after}{note}")
    if not found:
        print("nothing that a reviewer must know changed")


def _fill(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry
    from ..people import form, gaps

    registry = open_registry(environ)
    version = chosen(arguments, registry)
    if arguments.form is None:
        print(form(registry.cards.read(arguments.model, version), arguments.which), end="")
        return
    if not (arguments.by or "").strip():
        raise UsageError("to fill in a card, say who you are: --as NAME")
    try:
        text = arguments.form.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{arguments.form}: cannot be read ({problem})") from None
    card = registry.fill(arguments.model, version, text, arguments.form.parent, arguments.by, datetime.now(UTC))
    missing = gaps(card)
    print(f"{arguments.model} version {version}: filled in by {arguments.by}; {len(missing) or 'no'} gaps left")
    for gap in missing[:MOST_GAPS]:
        print(f"  gap: {gap.words} ({gap.place})")
    if len(missing) > MOST_GAPS:
        print(f"  and {len(missing) - MOST_GAPS} more: apualy card check {arguments.model}")


def _publish(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry

    registry = open_registry(environ)
    print(registry.publish_to(arguments.model, chosen(arguments, registry), arguments.to))
