"""The commands of a review: each parses, calls one function and prints."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.errors import DataError, GateError, UsageError

if TYPE_CHECKING:
    from ..registry import Registry
    from ..review.history import Review

STEPS = {
    "submit": "hand a version to review; you become its author",
    "return": "send a version back for correction; ends its approval",
    "assess": "say that the card is complete and the dialogue was held; not by its author",
    "approve": "let a version be used for advice; by a third person",
    "reject": "refuse a version for good",
    "fulfil": "show that a condition of the approval was met",
    "revoke": "take an approved version out of use at once",
}


AFTER_APPROVAL = ("fulfil", "revoke")
VERDICTS = ("pass", "insufficient", "fail")


def add_commands(commands: Any) -> None:
    """Add `review` and its steps to the parser of `apualy`."""
    review = commands.add_parser("review", help="who looked at a model, what they said, and whether it may be used")
    steps = review.add_subparsers(required=True, metavar="STEP")
    for step, words in STEPS.items():
        _step_parser(steps, step, words)
    form = steps.add_parser("form", help="print the form of an approval, to be filled in")
    status = steps.add_parser("status", help="where a version stands, and what is open")
    promote = steps.add_parser("promote", help="let MLflow's alias and tags say again what the log says")
    for parser, run in ((form, _form), (status, _status)):
        model_arguments(parser)
        parser.set_defaults(run=run)
    promote.add_argument("model", metavar="MODEL")
    promote.set_defaults(run=_promote)
    status.add_argument("--json", action="store_true")
    log = steps.add_parser("log", help="every step of every version, as signed")
    log.add_argument("model", nargs="?", metavar="MODEL", help="of this model alone")
    log.add_argument(
        "--verify", action="store_true", help="find any edit, removal or reordering; exit 4 if there is one"
    )
    log.add_argument("--json", action="store_true")
    log.set_defaults(run=_log)


def model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the model and its version."""
    parser.add_argument("model", metavar="MODEL", help="as apualy train named it")
    parser.add_argument("version", nargs="?", type=_number, metavar="VERSION", help="the newest otherwise")


def chosen(arguments: argparse.Namespace, registry: Registry) -> int:
    """Return the version that was asked for, the newest otherwise. Raises UsageError when there is none."""
    if arguments.version is None:
        return registry.cards.latest(arguments.model)
    registry.cards.require(arguments.model, arguments.version)
    return int(arguments.version)


def _step_parser(steps: Any, step: str, words: str) -> None:
    parser = steps.add_parser(step, help=words)
    model_arguments(parser)
    parser.add_argument("--as", dest="by", required=True, metavar="NAME", help="who you are; your key shows it")
    parser.add_argument("--key", type=Path, metavar="FILE", help="your signing key (var/keys/your-name.key)")
    if step == "approve":
        parser.add_argument("--form", type=Path, metavar="FILE", help="apualy review form, filled in")
    else:
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, in your own words")
    if step == "fulfil":
        parser.add_argument("--condition", required=True, metavar="C1", help="which one")
        parser.add_argument("--audit", type=Path, metavar="FILE", help="what apualy audit --json printed")
    parser.set_defaults(run=_step, step=step, form=None, reason="", condition=None, audit=None)


def _step(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry
    from ..review.states import Step
    from ..review.steps import Ask

    registry = open_registry(environ)
    version = _version(arguments, registry)
    ask = Ask(
        arguments.model, version, Step(arguments.step), arguments.by, datetime.now(UTC), arguments.reason,
        None if arguments.form is None else _text(arguments.form),
        None if arguments.condition is None else _fulfilment(arguments.condition, arguments.audit),
        None if arguments.audit is None else _text(arguments.audit),
    )  # fmt: skip
    review = registry.take(ask, _key(arguments, environ))
    state = review.state(datetime.now(UTC))
    if arguments.step == "approve" and review.approval and review.approval.supersedes is not None:
        print(f"{review.name} version {review.approval.supersedes} is superseded")
    until = f" until {review.approval.expires:%Y-%m-%d}" if review.approval and arguments.step == "approve" else ""
    print(f"{review.what} is {state.value}{until} (by {review.steps[-1].person})")
    for line in _conditions(review, datetime.now(UTC)):
        print(f"  {line}")


def _conditions(review: Review, now: datetime) -> list[str]:
    """Return how the conditions of an approval stand that is not over."""
    from ..review.states import IN_FORCE, State

    over = review.state(now) not in (*IN_FORCE, State.SUSPENDED)
    return [] if over else [each.words(now.date()) for each in review.standings()]


def _version(arguments: argparse.Namespace, registry: Registry) -> int:
    """Return the version that is named, also when its card is gone; else the one in use, for steps about that."""
    if arguments.version is not None and arguments.step in AFTER_APPROVAL:
        return int(arguments.version)
    used = registry.used(arguments.model) if arguments.step in AFTER_APPROVAL else None
    return chosen(arguments, registry) if used is None else used


def _key(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Any:
    from ml.home import home

    from ..signing.demo import key_file
    from ..signing.keys import read_key
    from ..signing.passphrase import read_passphrase, terminal

    file = arguments.key or key_file(home(environ) / "keys", arguments.by)
    if not file.is_file():
        raise UsageError(f"{file}: there is no signing key; apualy keys new makes one, --key names another file")
    return read_key(file, read_passphrase(environ, terminal()))


def _fulfilment(condition: str, audit: Path | None) -> Any:
    from ..review.statement import AuditFile, Fulfilment

    if audit is None:
        return Fulfilment(condition)
    text = _text(audit)
    try:
        said = json.loads(text)
        found = AuditFile(
            f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
            str(said["digests"]["data"]),
            str(said["digests"]["policy"]),
            date.fromisoformat(said["made"]),
            str(float(said["capacity"])),
            _verdicts(said["findings"]),
        )
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{audit}: is not what apualy audit --json prints") from None
    return Fulfilment(condition, found)


def _verdicts(findings: Sequence[Mapping[str, Any]]) -> Any:
    """Return attribute, metric and the worst verdict of their findings, of whatever scope."""
    from ml.contracts.audit import TIMES

    worst: dict[tuple[str, str], str] = {}
    for each in findings:
        for attribute in str(each["attribute"]).split(TIMES):
            place = attribute, str(each["metric"])
            worst[place] = max(worst.get(place, VERDICTS[0]), str(each["verdict"]), key=VERDICTS.index)
    return tuple((*place, verdict) for place, verdict in sorted(worst.items()))


def _form(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry
    from ..review.form import approval_form

    registry = open_registry(environ)
    card, digest = registry.cards.read_bound(arguments.model, chosen(arguments, registry))
    print(approval_form(card, digest, registry.policy, datetime.now(UTC).date()), end="")


def _promote(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry

    registry = open_registry(environ)
    approved = registry.promote(arguments.model, datetime.now(UTC))
    print(f"{approved.name} version {approved.version} is in use until {approved.expires:%Y-%m-%d}")


def _status(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry
    from ..people import gaps
    from ..review.approval_rules import deviations
    from ..review.states import open_steps

    now, registry = datetime.now(UTC), open_registry(environ)
    version = chosen(arguments, registry)
    review, card = registry.review(arguments.model, version), registry.cards.read(arguments.model, version)
    state, path = review.state(now), registry.cards.path(arguments.model, version).with_suffix(".html")
    missing, deviating = gaps(card), deviations(card)
    conditions = _conditions(review, now)
    gate = gate_words(registry, arguments.model, version, now)
    if arguments.json:
        told = {
            "name": review.name,
            "version": version,
            "state": state.value,
            "card": str(path),
            "gate": gate,
            "void": len(review.void),
            "open_steps": [step.value for step in open_steps(state)],
            "steps": _plain(review),
            "gaps": [asdict(gap) for gap in missing],
            "deviations": deviating,
            "conditions": conditions,
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    print(f"{review.what}: {state.value}\ncard: {path}\ngate: {gate}")
    for each in review.steps:
        print(f"  {each.at:%Y-%m-%d %H:%M}  {each.step.value} by {each.person}  {each.reason}".rstrip())
    for each in review.void:
        print(f"  entry {each.number} counts for nothing: {each.step.value} by {each.person} was not open to them then")
    asked = [f"deviates from the policy: {each}" for each in deviating]
    for line in (*(f"gap: {gap.words}" for gap in missing), *asked, *conditions):
        print(f"  {line}")
    print(f"open steps: {', '.join(step.value for step in open_steps(state)) or 'none'}")


def gate_words(registry: Registry, name: str, version: int, now: datetime) -> str:
    """Return whether the gate lets this version through now, or why not."""
    try:
        used = registry.load_approved(name, now).version
    except GateError as refusal:
        return f"closed: {refusal}"
    return "open" if used == version else f"closed: version {used} is in use"


def _log(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ..deployment import open_registry
    from ..review.steps import stray_entries
    from ..signing.log import read_log

    registry = open_registry(environ)
    chain = registry.verify() if arguments.verify else read_log(registry.log)
    entries = [entry for entry in chain.entries if arguments.model in (None, entry.statement["predicate"]["name"])]
    if arguments.json:
        print(json.dumps({"entries": len(chain.entries), "last": chain.last, "verified": arguments.verify,
                          "steps": [each.statement["predicate"] for each in entries]}, ensure_ascii=False))  # fmt: skip
        return
    for entry in entries:
        said = entry.statement["predicate"]
        print(f"{entry.number:4}  {entry.at:%Y-%m-%d %H:%M}  {said['name']} {said['version']}  {said['step']} "
              f"by {said['person']}  {said['reason']}".rstrip())  # fmt: skip
    if not arguments.verify:
        print("nobody's signature was verified; --verify does", file=sys.stderr)
    else:
        for number, why in stray_entries(chain).items():
            print(f"entry {number} counts for nothing: {why}")
        print(f"whole: {len(chain.entries)} entries, every signature holds; last {chain.last}")


def _plain(review: Review) -> Any:
    return json.loads(json.dumps([asdict(each) for each in review.steps], default=str))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path}: cannot be read ({problem})") from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a version")
    return int(text)
