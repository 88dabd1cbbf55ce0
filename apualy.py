"""The command line of apualy: parses, calls one function, prints. The only reader of argv and environ."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ml.errors import ApualyError, DataError, GateError, UsageError
from ml.progress import progress
from ml.register import commands as register

REGISTER_MODELS = ("ltu-risk",)  # each is trained on the cohort that `register build` makes under its name
POLICY = Path(__file__).parent / "model_cards" / "policy.toml"


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
    _train_parser(commands)
    _review_parser(commands)
    _serve_parser(commands)
    register.add_commands(commands)
    return top


def _train_parser(commands: Any) -> None:
    train = commands.add_parser("train", help="spells and their contract → a tracked, audited, documented model")
    train.add_argument("model", nargs="?", choices=REGISTER_MODELS, help="a model of the register's own cohort")
    train.add_argument("--cohort", type=Path, metavar="DIR", help="where it is; APUALY_HOME/cohorts/MODEL otherwise")
    train.add_argument("--contract", type=Path, metavar="TOML", help="or spells of your own: declares every column")
    train.add_argument("--data", type=Path, metavar="FILE", help="and the spells, CSV or Parquet")
    train.add_argument("--name", help="names the model ltu-NAME; the contract's name otherwise")
    train.add_argument("--seed", type=register.whole_number, default=1)
    train.add_argument(
        "--trials",
        type=register.whole_number,
        default=0,
        metavar="N",
        help="settings of the trees to try on earlier times; without it the defaults are taken",
    )
    train.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else there")
    train.set_defaults(run=_train)


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


def _train(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.pipeline import TrainRequest, train_cohort

    contract, data = _cohort(arguments, environ)
    registry = _registry(environ)
    request = TrainRequest(
        contract,
        data,
        arguments.name,
        arguments.seed,
        _user(environ),
        datetime.now(UTC),
        arguments.trials,
        register=arguments.model is not None,
    )
    with progress() as say:
        result = train_cohort(request, registry, say)
    if arguments.json:
        print(json.dumps(result.summary(), ensure_ascii=False, allow_nan=False))
        return
    _print_summary(result.summary())


def _cohort(arguments: argparse.Namespace, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Return contract and data of what is to be trained: a file of spells, or the folder of a register's cohort."""
    own = (arguments.contract, arguments.data)
    if arguments.model is None:
        if None in own or arguments.cohort is not None:
            raise UsageError(f"say what to train: {' or '.join(REGISTER_MODELS)}, or both --contract and --data")
        return arguments.contract, arguments.data
    if any(own):
        raise UsageError(f"{arguments.model} is trained on the register's cohort; leave out --contract and --data")
    folder = arguments.cohort or register.home(environ) / "cohorts" / arguments.model
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such cohort; make it with apualy register build, or give --cohort")
    return folder / "cohort.toml", folder


def _print_summary(summary: Mapping[str, Any]) -> None:
    cohort, metrics, model = summary["cohort"], summary["metrics"], summary["model"]
    auc, observed = metrics["auc"], metrics["observed_share"]
    lines = (
        f"{model['name']} version {model['version']}, from {cohort['rows']} rows of {cohort['persons']} persons "
        f"({cohort['censored']} censored), {summary['split']['kind']} split",
        f"  AUC        {auc['value']:.3f} ({auc['low']:.3f} to {auc['high']:.3f})",
        f"  observed   {observed['value']:.3f} ({observed['low']:.3f} to {observed['high']:.3f}) still unemployed, "
        f"predicted {metrics['predicted_share']:.3f}",
        f"  audit      {summary['audit']['verdict']}",
        f"  card       {summary['card']}",
        f"  run        {summary['run_id']}",
        *(f"  warning    {warning}" for warning in summary["warnings"]),
        f"next: apualy review submit {model['name']} --as NAME",
    )
    print("\n".join(lines))


def _step(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.governance.approval import Step, take

    registry = _registry(environ)
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
    registry = _registry(environ)
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

    registry = _registry(environ)
    settings = Settings.from_environ(environ).with_address(arguments.host, arguments.port)
    advise(settings, registry, arguments.model or _only_model(registry.names()))


def _only_model(names: Sequence[str]) -> str:
    if not names:
        raise GateError("there is no model to serve yet; run apualy train, and have the model reviewed")
    if len(names) > 1:
        raise UsageError(f"say which model to serve: {', '.join(names)}")
    return names[0]


def _registry(environ: Mapping[str, str]) -> Any:
    from ml.governance.policy import read_policy
    from ml.governance.registry import Registry

    return Registry(register.home(environ), read_policy(POLICY))


def _user(environ: Mapping[str, str]) -> str:
    try:
        return environ.get("USER") or getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers; Python 3.13 made it an OSError
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
