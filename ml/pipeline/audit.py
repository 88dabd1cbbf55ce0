"""What was learnt → its audit: what fairness asks of cohort, model and policy, brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.contracts import Audit, AuditPolicy, Bools, Cohort, Flip, Floats, Proxy, Role, Scope
from ml.fairness.audit import audit
from ml.fairness.conditional import of_each_attribute
from ml.fairness.cut import cut
from ml.fairness.flips import flips
from ml.fairness.proxies import proxies
from ml.measures.landmarks import landmark_words, landmarks
from ml.measures.quarters import quarters
from ml.models.bands import Band, Bands
from ml.models.train import Trained

ORDERED = (Band.LOW, Band.TYPICAL, Band.ELEVATED)


def audit_of(cohort: Cohort, trained: Trained, policy: AuditPolicy, seed: int) -> Audit:
    """Return the audit of the kept model on the rows of the test part that are asked of the main horizon."""
    protected, predictions = protected_of(cohort, trained), trained.predictions
    columns = cohort.contract.with_role(Role.PROTECTED)
    references = {column.name: column.reference for column in columns}
    direct = tuple(column.name for column in columns if column.use_in_model)
    found = audit(
        predictions,
        protected,
        references,
        policy,
        np.random.default_rng(seed),
        direct,
        bands=_bands(trained.bands),
        within=_within(cohort, trained),
        proxies=_proxies(protected, trained, seed),
        flips=_flips(cohort, protected[list(direct)], trained, policy.capacity),
    )
    alike = of_each_attribute(predictions, protected, references, policy.smallest_denominator)
    return replace(found, conditional=alike)


def protected_of(cohort: Cohort, trained: Trained) -> pd.DataFrame:
    """Return the protected attributes of the rows that are asked of the main horizon."""
    return cohort.protected.iloc[trained.asked.rows].reset_index(drop=True)


def _within(cohort: Cohort, trained: Trained) -> Mapping[Scope, NDArray[np.str_]]:
    """Return of which landmark and quarter each row is, where the contract lets them be known."""
    outcome, asked = cohort.contract.outcome, trained.asked
    found = {}
    if outcome.entry is not None:
        stage = landmarks(asked.spells.entry, outcome)
        found[Scope.LANDMARK] = np.array([landmark_words(each, outcome) for each in stage.tolist()])
    if cohort.start is not None:
        found[Scope.PERIOD] = quarters(cohort.start[asked.rows], asked.spells.entry, outcome)
    return found


def _bands(bands: Bands) -> dict[str, Bools]:
    """Return who is told each of the higher bands, of those who are asked."""
    told = bands.band[bands.asked]
    return {
        "told elevated": (told == ORDERED.index(Band.ELEVATED)) & ~bands.uncertain[bands.asked],
        "band typical or elevated": told >= ORDERED.index(Band.TYPICAL),
    }


def _proxies(protected: pd.DataFrame, trained: Trained, seed: int) -> tuple[Proxy, ...]:
    codes, names = trained.codes[trained.asked.rows], trained.model.encoder.names
    return proxies(codes, names, protected, trained.asked.person, np.random.default_rng(seed))


def _flips(cohort: Cohort, protected: pd.DataFrame, trained: Trained, capacity: float) -> tuple[Flip, ...]:
    """Return what each attribute that is an input changes; nothing where none is."""
    if protected.empty:
        return ()
    model = trained.model

    def chances(inputs: pd.DataFrame) -> Floats:
        return model.curve(model.encoder.frame(inputs)).probability[:, model.place]

    inputs = cohort.features.iloc[trained.asked.rows].reset_index(drop=True)
    return flips(chances, inputs, protected, cut(trained.predictions.score, capacity), trained.asked.person)
