"""The commands that learn and judge: train, replay, audit, fractions. Each imports what it needs when it runs."""

from __future__ import annotations

import argparse
import getpass
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from ml.errors import DataError, GateError, UsageError
from ml.home import POLICY, home
from ml.progress import progress
from ml.register import commands as register

LTU_RISK, SERVICE_NEED = "ltu-risk", "service-need"
REGISTER_MODELS = (LTU_RISK, SERVICE_NEED)  # each on the cohort that `register build` makes under its name
PLANNING = "planning"


def add_commands(commands: Any) -> None:
    """Add train, replay, audit and fractions to the command line."""
    _train_parser(commands)
    replay = commands.add_parser("replay", help="train a run's model again from its record, and compare the artefacts")
    replay.add_argument("run_id", metavar="RUN_ID", help="as apualy train printed it")
    replay.add_argument("--data", type=Path, metavar="PATH", help="where the spells are now, if they were moved")
    replay.add_argument("--json", action="store_true")
    replay.set_defaults(run=_replay)
    _audit_parser(commands)
    fractions = commands.add_parser("fractions", help="client groups of the unemployed, for planning: aggregates only")
    fractions.add_argument("--cohort", type=Path, metavar="DIR", help="APUALY_HOME/cohorts/planning otherwise")
    fractions.add_argument("--seed", type=register.whole_number, default=1)
    fractions.add_argument("--publish", action="store_true", help="let service managers see them on their pages")
    fractions.add_argument("--json", action="store_true")
    fractions.set_defaults(run=_fractions)


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
    train.add_argument("--mitigation", type=Path, metavar="FILE",
                       help="of experiments.mitigation.run --json on the same cohort, for the card")  # fmt: skip
    train.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else there")
    train.set_defaults(run=_train)


def _audit_parser(commands: Any) -> None:
    audit = commands.add_parser("audit", help="any system's predictions → is anybody treated unlike others by them?")
    audit.add_argument("--data", type=Path, required=True, metavar="FILE", help="CSV or Parquet, a row a prediction")
    audit.add_argument("--outcome", required=True, metavar="COL", help="1 it came true, 0 it did not, empty: not known")
    audit.add_argument("--score", required=True, metavar="COL", help="the chance that was said of it, 0 to 1")
    audit.add_argument("--protected", required=True, metavar="A,B,C", help="columns whose groups are compared")
    audit.add_argument("--bands", action="append", default=[], metavar="A=25,30,50",
                       help="cut points of a protected number; otherwise its quartiles")  # fmt: skip
    audit.add_argument("--direct-use", default="", metavar="A,B", help="protected columns that the system uses")
    audit.add_argument("--weight", metavar="COL", help="inverse-probability-of-censoring weight")
    audit.add_argument("--person", metavar="COL", help="rows of one person share its value; else each is of another")
    audit.add_argument("--capacity", type=float, metavar="SHARE", help="of people who are flagged; else the policy's")
    audit.add_argument("--policy", type=Path, default=POLICY, metavar="FILE", help="limits; else this repository's")
    audit.add_argument("--html", type=Path, metavar="OUT", help="write the report for people there")
    audit.add_argument("--csv", type=Path, metavar="OUT", help="write the list of findings there")
    audit.add_argument("--language", choices=("fi", "sv", "en"), default="en", help="of the report")
    audit.add_argument("--seed", type=register.whole_number, default=1)
    audit.add_argument("--json", action="store_true")
    audit.set_defaults(run=_audit)


def _audit(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.governance.policy import read_policy
    from ml.pipeline.audit_file import AuditRequest, audit_file
    from ml.register.predictions import Columns

    if arguments.capacity is not None and not 0 < arguments.capacity < 1:
        raise UsageError("--capacity is a share of people: more than 0 and less than 1")
    columns = Columns(
        arguments.outcome, arguments.score, _names(arguments.protected), arguments.weight, arguments.person,
        dict(map(_bands, arguments.bands)),
    )  # fmt: skip
    odd = [*(name for name in columns.bands or {} if name not in columns.protected),
           *(name for name in _names(arguments.direct_use) if name not in columns.protected)]  # fmt: skip
    if odd:
        raise UsageError(
            f"--bands and --direct-use are of protected columns: {', '.join(odd)} is none; name it there, too"
        )
    request = AuditRequest(
        arguments.data, columns, arguments.seed, datetime.now(UTC).date(), arguments.capacity,
        _names(arguments.direct_use), arguments.html, arguments.csv, arguments.language,
    )  # fmt: skip
    policy = read_policy(arguments.policy)
    with progress() as say:
        result = audit_file(request, policy, say)
    _tell(result, as_json=arguments.json)


def _names(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))


def _bands(given: str) -> tuple[str, tuple[float, ...]]:
    name, _, cuts = given.partition("=")
    try:
        points = tuple(float(cut) for cut in cuts.split(","))
    except ValueError:
        raise UsageError(f"--bands {given}: write a column and its cut points: age=25,30,50") from None
    if any(low >= high for low, high in pairwise(points)):
        raise UsageError(f"--bands {given}: the cut points must rise")
    return name.strip(), points


def _train(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    if arguments.model == SERVICE_NEED:
        _train_needs(arguments, environ)
        return
    from ml.governance.deployment import open_registry
    from ml.pipeline.ltu import TrainRequest, train_cohort

    contract, data = _spells(arguments, environ)
    request = TrainRequest(
        contract, data, arguments.name, arguments.seed, user(environ), datetime.now(UTC), arguments.trials,
        register=arguments.model is not None, mitigation=arguments.mitigation,
    )  # fmt: skip
    with progress() as say:
        result = train_cohort(request, open_registry(environ), say)
    _tell(result, as_json=arguments.json)


def _train_needs(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.governance.deployment import open_registry
    from ml.pipeline.needs import NeedsRequest, train_needs

    if arguments.trials or arguments.name or arguments.mitigation:
        told = "has no trees to tune, one name and no mitigation; leave out --trials, --name and --mitigation"
        raise UsageError(f"{SERVICE_NEED} {told}")
    request = NeedsRequest(_folder(arguments, environ, SERVICE_NEED), arguments.seed, user(environ), datetime.now(UTC))
    with progress() as say:
        result = train_needs(request, open_registry(environ), say)
    _tell(result, as_json=arguments.json)


def _spells(arguments: argparse.Namespace, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Return contract and data of what is to be trained: a file of spells, or the folder of a register's cohort."""
    own = (arguments.contract, arguments.data)
    if arguments.model is None:
        if None in own or arguments.cohort is not None:
            raise UsageError(f"say what to train: {' or '.join(REGISTER_MODELS)}, or both --contract and --data")
        return arguments.contract, arguments.data
    if any(own):
        raise UsageError(f"{arguments.model} is trained on the register's cohort; leave out --contract and --data")
    folder = _folder(arguments, environ, arguments.model)
    return folder / "cohort.toml", folder


def _folder(arguments: argparse.Namespace, environ: Mapping[str, str], name: str) -> Path:
    """Return the folder of a cohort of the register's own."""
    folder: Path = arguments.cohort or home(environ) / "cohorts" / name
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such cohort; make it with apualy register build, or give --cohort")
    return folder


class _Result(Protocol):
    def summary(self) -> dict[str, Any]: ...

    def lines(self) -> list[str]: ...


def _tell(result: _Result, *, as_json: bool) -> None:
    """Print what a command made: one JSON object, or lines for people."""
    if as_json:
        print(json.dumps(result.summary(), ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(result.lines()))


def _replay(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.governance.deployment import open_registry
    from ml.pipeline.replay import replay

    with progress() as say:
        found = replay(arguments.run_id, open_registry(environ), arguments.data, say)
    if arguments.json:
        print(json.dumps(found.as_json()))
    else:
        print(f"run       {found.run_id}\nrecorded  {found.recorded}\nreplayed  {found.replayed}")
        for name, (then, now) in found.other_versions.items():
            print(f"  {name} was {then} then, and is {now} now")
    if not found.same:
        raise GateError(f"run {found.run_id} does not lead to its artefact again: its record is not the whole truth")
    if not arguments.json:
        print("the same, to the last byte")


def _fractions(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.governance.deployment import open_registry
    from ml.governance.files import write_whole
    from ml.pipeline.fractions import FractionsRequest, make_fractions

    request = FractionsRequest(_folder(arguments, environ, PLANNING), arguments.seed, datetime.now(UTC))
    with progress() as say:
        result = make_fractions(request, open_registry(environ), say)
    if arguments.publish:
        write_whole(home(environ) / PLANNING / "fractions.json", json.dumps(result.summary(), ensure_ascii=False))
    _tell(result, as_json=arguments.json)


def user(environ: Mapping[str, str]) -> str:
    """Return who is at the keyboard."""
    try:
        return environ.get("USER") or getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers; Python 3.13 made it an OSError
        return "unknown"
