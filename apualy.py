"""The command line of apualy: parses, calls one function, prints. The only reader of argv and environ."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.errors import ApualyError
from ml.governance.commands import card, review
from ml.governance.signing import commands as keys
from ml.pipeline import commands as training
from ml.register import commands as register
from serving.commands import clients, database, log, purge, score

if TYPE_CHECKING:
    from ml.contracts import CurrentCohort


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
    card.add_commands(commands)
    review.add_commands(commands)
    keys.add_commands(commands)
    clients.add_commands(commands)
    score.add_commands(commands, _current)
    _serve_parser(commands)
    register.add_commands(commands)
    database.add_commands(commands)
    log.add_commands(commands)
    purge.add_commands(commands)
    return top


def _current(folder: Path) -> CurrentCohort:
    from ml.pipeline.current import read_any_current

    return read_any_current(folder)


def _serve_parser(commands: Any) -> None:
    serve = commands.add_parser("serve", help="give advice from the approved models")
    serve.add_argument("models", metavar="MODEL", nargs="*", help="ltu-…, service-need; all when left out")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=register.whole_number, default=8000)
    serve.add_argument("--workers", type=register.whole_number, default=os.cpu_count() or 1, help="one a core")
    serve.add_argument("--for-review", action="store_true", help="start also while no model is approved")
    serve.set_defaults(run=_serve)


def _serve(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    gc.disable()  # nearly all that a start makes stays: to look through it for garbage is a fifth of the start
    try:
        _serve_until_told(arguments, environ)
    finally:
        gc.enable()


def _serve_until_told(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from functools import partial

    from ml.governance.deployment import open_registry
    from serving.run import Serving, serve
    from serving.settings import Settings

    settings = Settings.from_environ(environ).with_address(arguments.host, arguments.port, arguments.workers)
    names = arguments.models or open_registry(environ).cards.names()
    serve(Serving(settings, partial(open_registry, environ), names, for_review=arguments.for_review))


if __name__ == "__main__":
    sys.exit(main())
