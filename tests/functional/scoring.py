"""A night without a register: a small model of service needs, people made up for it, and a process to be killed.

python -m tests.functional.scoring URL PEOPLE    scores each time that a line comes, in a child that it kills
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from ml.contracts import CurrentCohort, PlanInForce
from ml.errors import GateError
from ml.governance.registry import Approved
from ml.governance.signing.chain import Witness
from ml.pseudonym import MasterKey
from serving.batch.saying import said_of
from serving.batch.scoring import Night, score
from serving.edge import Edge
from serving.models.held import Loaded
from serving.models.loading import InUse
from serving.store.clients import Assigned, assign
from serving.store.database import Database
from serving.store.imports import record_consents
from serving.store.log import Event
from serving.wire.inputs import inputs_model

from .test_api.small_models import ABILITY, LANGUAGE_COURSE, need_model

KEY = MasterKey(b"0123456789abcdef0123456789abcdef")
PURPOSE = "service-need"
AS_OF = date(2026, 11, 27)
DAY = "2026-11-02"
CHUNK = 40
EXPIRES = datetime(2031, 5, 1, 12, tzinfo=UTC)


@dataclass
class Gate:
    """The approval as it stands; it can be made to end after so many questions."""

    lasts: int = 1000
    asked: list[None] = field(default_factory=list)

    def __call__(self) -> None:
        self.asked.append(None)
        if len(self.asked) > self.lasts:
            raise GateError("revoked meanwhile")


def night(database: Database, gate: Callable[[], None] = lambda: None, version: int = 1, **changed: Any) -> Night:
    """Return a night with an approved version of the small model."""
    model = need_model()
    digest = "sha256:" + f"{version}" * 64
    approved = Approved(PURPOSE, version, digest, {"weak": True}, "", "ravi", EXPIRES, (), Witness(3, "a" * 64))
    used: Loaded = InUse(approved, model, True, inputs_model([each.column for each in model.encoder.inputs]), gate)
    facts = {"edge": Edge(KEY), "needs_consent": True, "who": "ada", "chunk": CHUNK}
    return Night(database, lambda _: used, **{**facts, **changed})


def client(number: int) -> str:
    return f"c{number:031x}"


def named(number: int) -> str:
    """Return the pseudonym of a person in the cohort."""
    return f"{number:032x}"


def cohort(people: int, seed: int = 1, digest: str | None = None) -> CurrentCohort:
    """Return people of whom every tenth has an integration plan in force."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(
        {
            "ability": np.where(rng.random(people) < 0.1, np.nan, rng.uniform(0, 10, people)),
            "language_course": (rng.random(people) < 0.3).astype(np.float64),
        }
    )
    return CurrentCohort(
        purpose=PURPOSE,
        as_of=AS_OF,
        columns=(ABILITY, LANGUAGE_COURSE),
        pseudonyms=tuple(map(named, range(people))),
        features=features,
        plans={named(number): PlanInForce(date(2026, 1, 2), None) for number in range(0, people, 10)},
        key=KEY.for_purpose(PURPOSE).fingerprint,
        digest=digest or f"sha256:{people}-{seed}",
    )


def known(database: Database, people: int) -> None:
    """Let people be known here, and consent."""
    with database.recording(Event("assign", "ada", "operator")) as entry:
        those = range(people)
        assign(entry, [Assigned(client(each), "eve", "Itä", DAY, needs_pseudonym=named(each)) for each in those])
        record_consents(entry, {client(each): DAY for each in those}, in_force=True)


def main() -> None:
    """Score each time that a line with the cohort's seed and seconds comes, and say how it ended."""
    url, people = sys.argv[1], int(sys.argv[2])
    _warm_up(url)
    for line in sys.stdin:
        seed, seconds = line.split()
        child = os.fork()
        if child == 0:
            try:
                score(night(Database(url)), cohort(people, int(seed)))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        print(_ended(child, time.monotonic() + float(seconds)), flush=True)


def _warm_up(url: str) -> None:
    """Import all that a run needs, so that a child's time is the run's; nothing stays open."""
    with contextlib.closing(Database(url)) as database, database.reading() as connection:
        people = cohort(20)
        said_of(night(database).load(PURPOSE), next(people.chunks(20)), range(20), AS_OF)
        connection.exec_driver_sql("SELECT 1")


def _ended(child: int, killed_at: float) -> int:
    """Return how a child ended, by itself or because its time was over."""
    while time.monotonic() < killed_at:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
