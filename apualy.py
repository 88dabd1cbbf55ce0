"""The command line of apualy: parses, calls one function, prints. The only reader of argv and environ."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ml.errors import ApualyError, GateError, UsageError
from ml.pipeline import commands as training
from ml.register import commands as register

POLICY = training.POLICY


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Return the exit code: 0 done, 2 the command line, 3 contract or data, 4 the gate, 1 anything else."""
    arguments = parser().parse_args(argv)
    try:
        arguments.run(arguments, environ)
        sys.stdout.flush()
    except ApualyError as problem:
        if arguments.debug:
            raise
        print(f"apualy: {problem}", file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as problem:
        if arguments.debug:
            raise
        told = ApualyError(f"{type(problem).__name__}: {problem}")  # one line, identity codes struck out
        print(f"apualy: unexpected {told} (--debug shows where)", file=sys.stderr)
        return told.exit_code
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = argparse.ArgumentParser(prog="apualy", description="Assisting intelligence for employment services.")
    top.add_argument("--debug", action="store_true", help="show where an error came from")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    training.add_commands(commands)
    _review_parser(commands)
    _serve_parser(commands)
    register.add_commands(commands)
    return top


def _review_parser(commands: Any) -> None:
    review = commands.add_parser("review", help="submit, approve, reject or revoke a model; see where it stands")
    steps = review.add_subparsers(required=True, metavar="STEP")
    for step, words in (
        ("submit", "hand a version to review; you become its author"),
        ("approve", "let a version be used for advice; not by its author"),
        ("reject", "send a version back"),
        ("revoke", "take an approved version out of use at once"),
    ):
        parser = steps.add_parser(step, help=words)
        _model_arguments(parser)
        parser.add_argument("--as", dest="by", required=True, metavar="NAME", help="who takes the step")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, in your own words")
        parser.add_argument(
            "--accept", default="", metavar="TEXT", help="why deviations from the policy are acceptable"
        )
        parser.set_defaults(run=_step, step=step)
    status = steps.add_parser("status", help="state, card and what an approval would need")
    _model_arguments(status)
    status.add_argument("--json", action="store_true")
    status.set_defaults(run=_status)


def _model_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="ltu-…")
    parser.add_argument(
        "version", nargs="?", type=register.whole_number, metavar="VERSION", help="the newest otherwise"
    )


def _serve_parser(commands: Any) -> None:
    serve = commands.add_parser("serve", help="give advice from an approved model")
    serve.add_argument("model", metavar="MODEL", nargs="?", help="ltu-…; may be left out when there is one")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=register.whole_number, default=8000)
    serve.set_defaults(run=_serve)


def _step(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.governance.review.approval import Step, take

    registry = training.registry(environ)
    version = _version(arguments, registry)
    step = Step(
        arguments.model,
        version,
        arguments.step,
        arguments.by,
        datetime.now(UTC),
        arguments.reason,
        arguments.accept,
    )
    review = take(registry, step)
    until = f" until {review.approval.expires}" if review.approval else ""
    print(f"{review.name} version {review.version} is {review.state}{until} (by {arguments.by})")


def _status(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    registry = training.registry(environ)
    version = _version(arguments, registry)
    review = registry.review(arguments.model, version)
    deviations = registry.deviations(arguments.model, version)
    card = registry.card_path(arguments.model, version)
    if arguments.json:
        print(json.dumps({**asdict(review), "state": review.state, "card": str(card), "deviations": deviations}))
        return
    print(f"{review.name} version {review.version}: {review.state}\ncard: {card}")
    for event in review.events:
        print(f"  {event.at}  {event.step} by {event.by}  {event.reason}".rstrip())
    for line in deviations:
        print(f"  deviates from the policy: {line}")


def _version(arguments: argparse.Namespace, registry: Any) -> int:
    return int(registry.latest(arguments.model)) if arguments.version is None else int(arguments.version)


def _serve(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from serving.run import advise
    from serving.settings import Settings

    registry = training.registry(environ)
    settings = Settings.from_environ(environ).with_address(arguments.host, arguments.port)
    advise(settings, registry, arguments.model or _only_model(registry.names()))


def _only_model(names: Sequence[str]) -> str:
    if not names:
        raise GateError("there is no model to serve yet; run apualy train, and have the model reviewed")
    if len(names) > 1:
        raise UsageError(f"say which model to serve: {', '.join(names)}")
    return names[0]


if __name__ == "__main__":
    sys.exit(main())
