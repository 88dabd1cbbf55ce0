"""The reference: LightGBM without limits of size, on ten times the persons of the same world."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from experiments.attainable.registers import Registers
from ml.contracts import Cohort, Floats, Part, Spells
from ml.errors import DataError
from ml.measures.censoring import outcome_at
from ml.models.encode import Encoder, fit_encoder
from ml.models.split import spells_known_at, split
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
    """Looks of all persons of one register: codes (n, inputs), outcomes and censoring weights (n,)."""

    codes: NDArray[np.float32]  # half the memory; trees see bins
    outcome: Floats
    weight: Floats


@dataclass(frozen=True)
class Reference:
    """The trees, their encoder, and what they learnt from."""

    booster: lgb.Booster
    encoder: Encoder
    rows: int
    registers: int

    def margins(self, cohort: Cohort, part: Part) -> Floats:
        """Return log-odds of the rows of a part, (rows,)."""
        codes = self.encoder.learnable(self.encoder.frame(cohort.features.iloc[part.rows]))
        return np.asarray(self.booster.predict(codes, raw_score=True))


def ask_of_which(options: ArgumentParser) -> None:
    """Add the option that says of which registers the reference is."""
    options.add_argument("--reference", type=int, nargs="+", default=list(range(101, 112)), metavar="N",
                         help="seeds of registers; the last one says when the reference stops")  # fmt: skip


def reference_of(registers: Registers, learnt: Sequence[int], judged: int, seed: int, say: Say) -> Reference:
    """Return the reference of some registers, of the days in which the training part of a judged one began."""
    times = split(registers.cohort(judged, say), seed).train
    say("fitting the reference")
    return fit_reference((registers.cohort(each, say) for each in learnt), times, seed)


def fit_reference(cohorts: Iterator[Cohort], times: Part, seed: int) -> Reference:
    """Return the reference; the last of the cohorts says when to stop, and is not learnt from.

    times  a training part: looks of its time are learnt from, followed up until it was
    """
    first = next(cohorts)
    encoder = fit_encoder(first.features, first.contract.inputs)
    looks = [_looks(first, times, encoder), *(_looks(each, times, encoder) for each in cohorts)]
    *learnt, judging = looks
    data = _dataset(learnt)
    booster = lgb.train(
        PARAMETERS | {"seed": seed},
        data,
        num_boost_round=MOST_ROUNDS,
        valid_sets=[_dataset([judging], data)],
        callbacks=[lgb.early_stopping(STOPPED_BY, verbose=False)],
    )
    return Reference(booster, encoder, sum(len(each.outcome) for each in learnt), len(learnt))


def _looks(cohort: Cohort, times: Part, encoder: Encoder) -> Looks:
    """Return the looks of a register that began in the times of the part and had been made when it was used."""
    if cohort.start is None or times.last is None or times.known_until is None:
        raise DataError("the reference learns from days: add [time] to the contract")
    start = cohort.start.astype("datetime64[D]")
    known = np.datetime64(times.known_until, "D")
    looked = start + np.ceil(cohort.entry * cohort.contract.outcome.unit_days).astype("timedelta64[D]")
    rows = np.flatnonzero((start <= np.datetime64(times.last, "D")) & (looked <= known))
    spells: Spells = spells_known_at(cohort, start, rows, known)
    found = outcome_at(spells, cohort.contract.outcome.horizon)
    kept = found.known
    codes = encoder.learnable(encoder.frame(cohort.features.iloc[rows[kept]])).astype(np.float32)
    return Looks(codes, found.outcome[kept].astype(np.float64), found.weight[kept])


def _dataset(looks: list[Looks], like: lgb.Dataset | None = None) -> lgb.Dataset:
    return lgb.Dataset(
        np.concatenate([each.codes for each in looks]),
        np.concatenate([each.outcome for each in looks]),
        weight=np.concatenate([each.weight for each in looks]),
        reference=like,
        free_raw_data=True,
    )
