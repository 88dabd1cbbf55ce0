"""The reference: LightGBM without limits of size, on ten times the persons of the same world."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from experiments.attainable.registers import Registers
from ml.contracts import Cohort, Floats, Part, Spells
from ml.errors import DataError
from ml.measures.censoring import outcome_at
from ml.models.encode import Encoder, fit_encoder
from ml.models.split import TRAINING, deal, spells_known_at, split
from ml.progress import Say

STOPPED_BY = 50  # rounds without a gain on people who are not learnt from
MOST_ROUNDS = 2000
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 200,
    "lambda_l2": 20.0,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Looks:
    """Looks at persons of one register: codes (n, inputs), outcomes and censoring weights (n,)."""

    persons: int
    codes: NDArray[np.float32]  # half the memory; trees see bins
    outcome: Floats
    weight: Floats


@dataclass(frozen=True)
class Reference:
    """The trees, their encoder, and what they learnt from."""

    booster: lgb.Booster
    encoder: Encoder
    rows: int
    persons: int
    registers: int

    def margins(self, cohort: Cohort, part: Part) -> Floats:
        """Return log-odds of the rows of a part, (rows,)."""
        codes = self.encoder.learnable(self.encoder.frame(cohort.features.iloc[part.rows]))
        return np.asarray(self.booster.predict(codes, raw_score=True))


def ask_of_which(options: ArgumentParser) -> None:
    """Add the options that say of which people the reference is."""
    options.add_argument("--reference", type=int, nargs="+", default=list(range(101, 112)), metavar="N",
                         help="seeds of registers; the last one says when the reference stops")  # fmt: skip
    options.add_argument("--of-all", action="store_true",
                         help="the reference learns from everybody in its registers, not only from whom training would "
                              "be dealt there: 25 times the persons of one training part, not ten")  # fmt: skip


def reference_of(
    registers: Registers, learnt: Sequence[int], judged: int, seed: int, say: Say, *, of_all: bool = False
) -> Reference:
    """Return the reference of some registers, of the days in which the training part of a judged one began.

    of_all  of everybody in them, not only of those whom a training part would be dealt
    """
    times = split(registers.cohort(judged, say), seed).train
    say("fitting the reference")
    return fit_reference((registers.cohort(each, say) for each in learnt), times, seed, of_all=of_all)


def fit_reference(cohorts: Iterator[Cohort], times: Part, seed: int, *, of_all: bool = False) -> Reference:
    """Return the reference; the last of the cohorts says when to stop, and is not learnt from.

    times  a training part: looks of its time are learnt from, followed up until it was
    """
    first, dealt_by = next(cohorts), None if of_all else seed
    encoder = fit_encoder(first.features, first.contract.inputs)
    looks = [_looks(each, times, encoder, dealt_by) for each in chain([first], cohorts)]
    *learnt, judging = looks
    data = _dataset(learnt)
    booster = lgb.train(
        PARAMETERS | {"seed": seed},
        data,
        num_boost_round=MOST_ROUNDS,
        valid_sets=[_dataset([judging], data)],
        callbacks=[lgb.early_stopping(STOPPED_BY, verbose=False)],
    )
    rows, persons = (sum(each) for each in zip(*((len(each.outcome), each.persons) for each in learnt), strict=True))
    return Reference(booster, encoder, rows, persons, len(learnt))


def _looks(cohort: Cohort, times: Part, encoder: Encoder, dealt_by: int | None) -> Looks:
    """Return the looks of a register that began in the times of the part and had been made when it was used.

    dealt_by  seed of the deal whose training people are looked at; None: everybody is
    """
    if cohort.start is None or times.last is None or times.known_until is None:
        raise DataError("the reference learns from days: add [time] to the contract")
    start = cohort.start.astype("datetime64[D]")
    known = np.datetime64(times.known_until, "D")
    looked = start + np.ceil(cohort.entry * cohort.contract.outcome.unit_days).astype("timedelta64[D]")
    taken = np.full(len(cohort), True) if dealt_by is None else deal(cohort.person, dealt_by)[cohort.person] == TRAINING
    rows = np.flatnonzero(taken & (start <= np.datetime64(times.last, "D")) & (looked <= known))
    spells: Spells = spells_known_at(cohort, start, rows, known)
    found = outcome_at(spells, cohort.contract.outcome.horizon)
    kept = found.known
    codes = encoder.learnable(encoder.frame(cohort.features.iloc[rows[kept]])).astype(np.float32)
    persons = len(np.unique(cohort.person[rows[kept]]))
    return Looks(persons, codes, found.outcome[kept].astype(np.float64), found.weight[kept])


def _dataset(looks: list[Looks], like: lgb.Dataset | None = None) -> lgb.Dataset:
    return lgb.Dataset(
        np.concatenate([each.codes for each in looks]),
        np.concatenate([each.outcome for each in looks]),
        weight=np.concatenate([each.weight for each in looks]),
        reference=like,
        free_raw_data=True,
    )
