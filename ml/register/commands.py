"""The register's commands: each parses, calls one function and prints; `apualy.py` hands them argv and environ."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ml.home import home
from ml.progress import progress

MODELS = ("ltu-risk", "service-need")  # purposes whose cohort a model of the same name learns from
CUSTODY = "custody"  # the log of re-identifications, under APUALY_HOME


def add_commands(commands: Any) -> None:
    """Add `register` and its commands to the parser of `apualy`."""
    register = commands.add_parser("register", help="from a raw register to a pseudonymised, point-in-time cohort")
    kinds = register.add_subparsers(required=True, metavar="COMMAND")
    _synth_parser(kinds)
    _report_parser(kinds)
    _intake_parser(kinds)
    _key_parser(kinds)
    _pseudonymise_parser(kinds)
    _build_parser(kinds)
    _guard_parser(kinds)
    _reidentify_parser(kinds)
    _custody_parser(kinds)
    _rekey_parser(kinds)


def _synth_parser(kinds: Any) -> None:
    synth = kinds.add_parser("synth", help="write a register of people who do not exist")
    synth.add_argument("--target-group", type=whole_number, default=37_439, metavar="N",
                       help="people in the target group at the as-of date (default %(default)s)")  # fmt: skip
    synth.add_argument("--seed", type=whole_number, default=1)
    synth.add_argument("--as-of", type=_date, default=date(2020, 1, 31), metavar="DATE")
    synth.add_argument("--unfair", action="append", default=[], metavar="WHAT:GROUP:SHARE",
                       help="plant unfairness for testing the audit; the truth is kept in the oracle")  # fmt: skip
    synth.add_argument("--out", required=True, type=Path, metavar="DIR")
    synth.set_defaults(run=_synth)


def _report_parser(kinds: Any) -> None:
    report = kinds.add_parser("report", help="compare an extract with the city's figures")
    report.add_argument("extract", type=Path, metavar="DIR")
    report.add_argument("--json", action="store_true")
    report.set_defaults(run=_report)


def _intake_parser(kinds: Any) -> None:
    intake = kinds.add_parser("intake", help="check a raw extract and take it in; whole or not at all")
    intake.add_argument("--from", dest="source", required=True, metavar="DIR|URL",
                        help="a folder with a CSV or Parquet file a table, or a database (postgresql://…)")  # fmt: skip
    intake.add_argument("--schema", metavar="NAME", help="the database's schema")
    intake.add_argument("--as-of", type=_date, metavar="DATE", help="the day up to which the extract knows")
    intake.add_argument(
        "--quarantine", action="store_true", help="put rows that break a hard rule aside, told and kept"
    )
    intake.add_argument("--out", required=True, type=Path, metavar="DIR")
    intake.add_argument("--json", action="store_true")
    intake.set_defaults(run=_intake)


def _key_parser(kinds: Any) -> None:
    key = kinds.add_parser("key", help="make a new key for pseudonyms; keep it apart from the data")
    key.add_argument("file", type=Path, metavar="FILE")
    key.set_defaults(run=_key)


def _pseudonymise_parser(kinds: Any) -> None:
    parser = kinds.add_parser("pseudonymise", help="an extract → inputs and protected attributes, without identities")
    parser.add_argument("extract", type=Path, metavar="IN")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--purpose", required=True, metavar="P", help="what the data will be used for")
    parser.add_argument("--k", type=whole_number, default=5, help="how many people share each combination (default 5)")
    parser.add_argument("--special", action="append", nargs=2, default=[], metavar=("TABLE.COLUMN", "LEGAL_BASIS"),
                        help="deliver a special-category column too, and say on what legal basis")  # fmt: skip
    parser.add_argument("--plan-days", metavar="LEGAL_BASIS",
                        help="deliver the days of integration plans in force, too: the rule on those unemployed now "
                        "asks for them")  # fmt: skip
    parser.add_argument("--as-of", type=_date, metavar="DATE", help="for an extract that does not say its day")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_pseudonymise)


def _build_parser(kinds: Any) -> None:
    build = kinds.add_parser("build", help="a pseudonymised extract → the cohort of its purpose")
    build.add_argument("folder", type=Path, metavar="IN")
    build.add_argument("--current", action="store_true",
                       help="not those to learn from, but those unemployed now, to be scored")  # fmt: skip
    build.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="APUALY_HOME/cohorts/PURPOSE, or with --current APUALY_HOME/current/PURPOSE, otherwise",
    )
    build.add_argument("--as-of", type=_date, metavar="DATE", help="as it was known on an earlier day")
    build.add_argument("--history-years", type=whole_number, default=5, metavar="YEARS",
                       help="years that the register holds before each row (default 5)")  # fmt: skip
    build.add_argument("--json", action="store_true")
    build.set_defaults(run=_build)


def _guard_parser(kinds: Any) -> None:
    guard = kinds.add_parser("guard", help="rebuild an old cohort from a later extract: the same, or told why not")
    guard.add_argument("cohort", type=Path, metavar="COHORT")
    guard.add_argument("later", type=Path, metavar="LATER", help="a later extract, pseudonymised with the same key")
    guard.add_argument("--json", action="store_true")
    guard.set_defaults(run=_guard)


def _reidentify_parser(kinds: Any) -> None:
    parser = kinds.add_parser("reidentify", help="find whose a pseudonym is; needs the key, a name and a reason")
    parser.add_argument("pseudonym", metavar="PSEUDONYM")
    parser.add_argument("--from", dest="extract", required=True, type=Path, metavar="DIR", help="the raw extract")
    parser.add_argument("--purpose", required=True, metavar="P")
    parser.add_argument("--as", dest="by", required=True, metavar="NAME", help="who asks")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in your own words")
    parser.set_defaults(run=_reidentify)


def _custody_parser(kinds: Any) -> None:
    custody = kinds.add_parser("custody", help="check that nobody altered the log of re-identifications; show it")
    custody.add_argument("--json", action="store_true")
    custody.set_defaults(run=_custody)


def _rekey_parser(kinds: Any) -> None:
    rekey = kinds.add_parser("rekey", help="give pseudonymised data the pseudonyms of a new key")
    rekey.add_argument("folder", type=Path, metavar="DIR")
    rekey.add_argument("--from", dest="extract", required=True, type=Path, metavar="RAW", help="the raw extract")
    rekey.set_defaults(run=_rekey)


def _synth(arguments: argparse.Namespace, _: Mapping[str, str]) -> None:
    from ml.register.synthetic import clients_file, oracle_folder, parse_unfairness, write_register

    unfairness = tuple(map(parse_unfairness, arguments.unfair))
    with progress() as say:
        folder = write_register(
            arguments.out, arguments.target_group, arguments.seed, arguments.as_of, unfairness, say=say
        )
    _tell(f"register: {folder}", f"oracle:   {oracle_folder(folder)}", f"clients:  {clients_file(folder)}")


def _report(arguments: argparse.Namespace, _: Mapping[str, str]) -> None:
    from ml.register.report import report

    with progress() as say:
        found = report(arguments.extract, say)
    print(found.as_json() if arguments.json else found.as_table(), end="")


def _intake(arguments: argparse.Namespace, _: Mapping[str, str]) -> None:
    from ml.register.intake import source_of, take_in, write_intake

    with progress() as say:
        intake = take_in(source_of(arguments.source, arguments.schema), arguments.as_of, arguments.quarantine, say)
        write_intake(intake, arguments.out, say)
    if arguments.json:
        print(json.dumps(intake.quality.as_json(), ensure_ascii=False, allow_nan=False))
        return
    for table in intake.quality.tables:
        print(f"{table.name:<17}{table.kept:>10} rows of {table.persons} persons")
    _tell(*(f"warning: {line}" for line in intake.quality.warnings))
    _tell(f"extract: {arguments.out}", f"quality: {arguments.out / 'quality.html'}")


def _key(arguments: argparse.Namespace, _: Mapping[str, str]) -> None:
    from ml.register.pseudonymise import KEY, make_key_file

    make_key_file(arguments.file)
    _tell(f"key: {arguments.file}", f"next: keep it apart from the data, and say where it is: {KEY}_FILE")


def _pseudonymise(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.register.intake import check_report, read_extract
    from ml.register.pseudonymise import pseudonymise, read_key

    key = read_key(environ)
    special = tuple((column, basis) for column, basis in arguments.special)
    with progress() as say:
        extract = read_extract(arguments.extract, arguments.as_of, say)
        check_report(extract, arguments.extract)
        made = pseudonymise(extract, arguments.out, arguments.purpose, key, made_at=datetime.now(UTC), say=say,
                            k=arguments.k, special=special, plan_days=arguments.plan_days)  # fmt: skip
    if arguments.json:
        print(json.dumps(made.as_json(), ensure_ascii=False, allow_nan=False))
        return
    _tell(*made.as_lines(), f"pseudonymised: {arguments.out}", f"report:        {arguments.out / 'report.html'}")


def _build(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.register.build import build, build_current, build_placements, build_stock, purpose_of

    purpose = purpose_of(arguments.folder)
    out = arguments.out or home(environ) / ("current" if arguments.current else "cohorts") / purpose
    learning: Any = {"ltu-risk": build, "service-need": build_placements, "planning": build_stock}[purpose]
    make = build_current if arguments.current else learning
    with progress() as say:
        built = make(arguments.folder, out, arguments.as_of, say, history_years=arguments.history_years)
    if arguments.json:
        print(json.dumps(built.as_json(), ensure_ascii=False, allow_nan=False))
        return
    _tell(*built.as_lines(), f"cohort: {out}")
    if purpose in MODELS and not arguments.current:
        _tell(f"next: apualy train {purpose}")


def _guard(arguments: argparse.Namespace, _: Mapping[str, str]) -> None:
    from ml.register.guard import rebuilt

    with progress() as say:
        found = rebuilt(arguments.cohort, arguments.later, say)
    if arguments.json:
        print(json.dumps(found.as_json(), ensure_ascii=False, allow_nan=False))
        return
    _tell(*found.as_lines())


def _reidentify(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.register.intake import read_extract
    from ml.register.pseudonymise import read_key, reidentify

    key = read_key(environ)
    with progress() as say:
        extract = read_extract(arguments.extract, None, say)
    found = reidentify(arguments.pseudonym, extract, purpose=arguments.purpose, key=key, by=arguments.by,
                       reason=arguments.reason, log=home(environ) / CUSTODY, at=datetime.now(UTC))  # fmt: skip
    print(found)


def _custody(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.register.pseudonymise import read_key, verify_log

    chain = verify_log(home(environ) / CUSTODY, read_key(environ))
    if arguments.json:
        print(json.dumps([dict(entry) for entry in chain.entries], ensure_ascii=False))
        return
    count = len(chain.entries)
    _tell(f"whole: {count} {'entry' if count == 1 else 'entries'}, nobody altered {'it' if count == 1 else 'them'}")
    for entry in chain.entries:
        asked = f"{entry['at']}  {entry['purpose']}  {entry['pseudonym'][:8]}…  by {entry['by']}: {entry['reason']}"
        _tell(f"  {asked} ({'found' if entry['found'] else 'nobody found'})")


def _rekey(arguments: argparse.Namespace, environ: Mapping[str, str]) -> None:
    from ml.register.intake import read_extract
    from ml.register.pseudonymise import NEW_KEY, read_key, rekey

    old, new = read_key(environ), read_key(environ, NEW_KEY)
    with progress() as say:
        extract = read_extract(arguments.extract, None, say)
        after = rekey(arguments.folder, extract, old, new, made_at=datetime.now(UTC), say=say)
    _tell(f"{arguments.folder}: pseudonyms are of key {after.key} now; build its cohorts again")


def _tell(*lines: str) -> None:
    print("\n".join(lines))


def whole_number(text: str) -> int:
    """Return an argument as a whole number, 0 or more."""
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2020-01-31") from None
