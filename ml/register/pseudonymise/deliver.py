"""An extract of the register → a folder of inputs and protected attributes for one purpose, without identities."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ml.disclosure import redact
from ml.errors import UsageError, without_identity_codes
from ml.progress import Say
from ml.pseudonym import MasterKey
from ml.register.extract import Extract
from ml.register.folder import check_replaceable, whole_folder
from ml.register.pseudonymise.frames import frames, table_of
from ml.register.pseudonymise.manifest import FILE, Pseudonymised, is_pseudonymised
from ml.register.pseudonymise.people import People, people_of
from ml.register.pseudonymise.plan import Plan, Special, plan_for
from ml.register.pseudonymise.report import Report, details_of, write_report
from ml.register.pseudonymise.risk import Risky, remaining_risk
from ml.register.pseudonymise.rows import in_order, write_groups
from ml.register.pseudonymise.seekers import Seekers, days_since_1970, seekers_of
from ml.register.schema import TABLES
from ml.register.schema.tables.employment_codes import EMPLOYMENT
from ml.register.schema.tables.jobseekers import JOBSEEKERS

K = 5
FEWEST = 2  # a combination that one person has is that person


def pseudonymise(
    extract: Extract,
    out: Path,
    purpose: str,
    key: MasterKey,
    *,
    made_at: datetime,
    say: Say,
    k: int = K,
    special: Special = (),
    plan_days: str | None = None,
) -> Report:
    """Write what the purpose may have of an extract into a folder, whole or not at all, and return the report.

        out/pseudonymised.toml             what it is (`Pseudonymised`)
        out/inputs/<table>.parquet         what models may learn from, and outcomes
        out/protected/<table>.parquet      what the audit alone may read
        out/rule/jobseekers.parquet        what the rule of the integration entity alone may read, where `plan_days`
                                           names a legal basis: the days of plans in force at the as-of date
        out/report.json, report.html       what became of each column, and the remaining risk

    Each file carries `pseudonym` in place of the identity code and is sorted by it, then by the day of the fact; the
    two frames of jobseekers have the same rows in the same order. The same extract, key and moment give the same bytes.
    Only the owner can open the folder. What generalised attributes read like: `attributes`.

    Raises UsageError for an unknown purpose, a wrong special column, days of plans that the purpose may not have, k
    under 2 or a place taken by something else;
    DataError for people who are not in the register or fewer people than k; ApualyError when the disk refuses.
    """
    if k < FEWEST:
        raise UsageError(f"k is {k}: a combination shared by fewer than {FEWEST} people is a person; ask for more")
    plan = plan_for(purpose, special, plan_days)
    check_replaceable(out, is_pseudonymised, "a pseudonymised extract")
    say("computing pseudonyms")
    pseudonymiser = key.for_purpose(purpose)
    jobseekers = table_of(extract, JOBSEEKERS)
    people = people_of(jobseekers, pseudonymiser)
    say("generalising rare combinations")
    seekers = seekers_of(jobseekers, plan, people, k, extract.manifest.as_of)
    facts = _facts(extract, plan, pseudonymiser.fingerprint, k, made_at)
    report = _report(extract, plan, people, seekers, facts)
    with whole_folder(out, "making") as aside:
        _write(aside, extract, plan, people, seekers, report, say)
    return report


def write_facts(folder: Path, facts: Pseudonymised) -> None:
    """Write what a pseudonymised extract says of itself."""
    path = folder / FILE
    path.touch(mode=0o600)
    path.write_text(facts.as_toml(), encoding="utf-8")


def _write(
    aside: Path, extract: Extract, plan: Plan, people: People, seekers: Seekers, report: Report, say: Say
) -> None:
    for folder, table, rows in frames(extract, plan, people, seekers):
        say(f"writing {folder}/{table.name}")
        (aside / folder).mkdir(mode=0o700, exist_ok=True)
        write_groups(aside / folder / f"{table.name}.parquet", rows.schema, [in_order(rows)])
    write_report(aside, report.as_json())
    write_facts(aside, report.facts)


def _facts(extract: Extract, plan: Plan, fingerprint: str, k: int, made_at: datetime) -> Pseudonymised:
    return Pseudonymised(
        as_of=extract.manifest.as_of,
        purpose=plan.purpose,
        k=k,
        key=fingerprint,
        made_at=made_at,
        source=without_identity_codes(extract.manifest.source),
        source_digest=_digest(extract),
        special=plan.special,
        quality=extract.manifest.quality,
        plan_days=plan.plan_days,
    )


def _report(extract: Extract, plan: Plan, people: People, seekers: Seekers, facts: Pseudonymised) -> Report:
    codes = table_of(extract, EMPLOYMENT)
    history = Risky(
        people.numbers(EMPLOYMENT.name, codes.column("identity_code")), days_since_1970(codes.column("start"))
    )
    levels = seekers.generalised.levels
    risk = remaining_risk(seekers.generalised.classes, seekers.persons, seekers.valid_from, history, facts.k)
    details = details_of(plan, seekers.ladders, levels, seekers.latest)
    return Report(facts, redact(len(people.codes)), plan.fates, details, risk)


class _Hash:
    """A place to write to that keeps a digest only."""

    closed = False

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, content: Any) -> int:
        self.digest.update(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing: nothing waits."""


def _digest(extract: Extract) -> str:
    """Return the SHA-256 of the extract's tables in Arrow's stream format."""
    sink = _Hash()
    for name in sorted(extract.tables.keys() & TABLES.keys()):
        sink.write(name.encode())
        table = extract.tables[name].combine_chunks()
        with pa.ipc.new_stream(pa.PythonFile(sink, "w"), table.schema) as stream:
            stream.write_table(table)
    return sink.digest.hexdigest()
