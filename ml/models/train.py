"""From a cohort's parts to the model that is kept, with its challengers and their figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit

from ml.contracts import Column, Floats, Interval, Outcome, Part, Predictions, Scores, Split, Stability
from ml.measures.brier import better
from ml.measures.censoring import outcome_at
from ml.measures.landmarks import landmarks
from ml.measures.observed import observed_share
from ml.measures.quality import scores
from ml.progress import Say, silent

from .bands import Bands, Cuts
from .between import Between, fit_between
from .calibrate import Calibrators
from .calibrated import fit_calibrators
from .encode import Encoder, fit_encoder
from .familiarity import fit_familiarity
from .ltu.candidates import COMPETING, HAZARD, WORDS, Lesson
from .ltu.hazard import fit_hazard
from .ltu.line import INVERSE_RIDGE, choose_ridge
from .ltu.rule import rule_ranking
from .ltu.trees import TreeSettings
from .pace import Pace, fit_pace
from .refits import fit_refits
from .scorers import Scorer
from .stability import stability
from .trained import Curve, TrainedModel, log_odds

CAPACITY = 0.25  # bands: the highest and the lowest quarter of the calibration part, at each landmark


@dataclass(frozen=True)
class Trained:
    """The model that is kept, and what it and its challengers showed on the test part.

    codes     the inputs of all parts as the model reads them, (n, inputs)
    curve     chances of all rows of the test part, and their bands
    asked     of the test part: the rows for which the main horizon is still a question
    said      the kept model and its challengers → what they say of these rows, at the main horizon
    scores    model → quality on these rows; the same, and the base rate
    rivals    challenger → chances of all rows of the test part at the main horizon, (rows,)
    ranking   (rows of the test part,) by which the rule picks people; None without a rule
    observed  horizon → observed share of the test part, of the rows it is a question for
    predicted horizon → mean prediction on the same rows
    stability over all rows and by landmark
    """

    model: TrainedModel
    codes: Floats
    why_kept: str
    curve: Curve
    bands: Bands
    asked: Part
    said: Mapping[str, Predictions]
    scores: Mapping[str, Scores]
    rivals: Mapping[str, Floats]
    ranking: Floats | None
    observed: Mapping[float, Interval]
    predicted: Mapping[float, float]
    stability: tuple[Stability, ...]

    @property
    def predictions(self) -> Predictions:
        """Return what the kept model says."""
        return self.said[self.model.scorer.kind]


@dataclass(frozen=True)
class Challenger:
    """Margins of all rows of calibration and test part, and the calibrators that the former gave."""

    calibration: Floats
    test: Floats
    calibrators: Calibrators


def train(
    name: str,
    features: pd.DataFrame,
    columns: tuple[Column, ...],
    outcome: Outcome,
    parts: Split,
    *,
    seed: int,
    settings: TreeSettings | None = None,
    competing: tuple[str, ...] = COMPETING,
    say: Say = silent,
) -> Trained:
    """Return the kept model, evaluated on the test part.

    features  inputs of all parts, (n, inputs); protected attributes have no way in
    settings  of the trees; None: the defaults
    competing which candidates and challengers are fitted

    The simplest candidate is kept unless another beats it beyond noise on the calibration part; the test part is
    looked at once, after the choice.
    """
    lesson, codes = _lesson(features, columns, parts.train, outcome, seed, settings or TreeSettings(), competing)
    scorers, challengers = _candidates(lesson, codes, parts, say)
    kept, why = _choose({kind: challengers[kind] for kind in scorers}, parts.calibration, outcome)
    model = _model(name, kept, scorers[kept], challengers[kept], lesson, codes, parts, say)
    say("evaluating")
    curve, bands = model.hints(codes[parts.test.rows])
    power = model.power(codes[parts.test.rows])
    chances = {
        kind: _chances(each.test, each.calibrators, parts.test, outcome, power) for kind, each in challengers.items()
    }
    asked = parts.test.spells.asked(outcome.horizon)
    on_test = {kind: _predictions(each, parts.test, outcome) for kind, each in chances.items()}
    base = _base_rate(on_test[kept], parts)
    return Trained(
        model=model,
        codes=codes,
        why_kept=why,
        curve=curve,
        bands=bands,
        asked=parts.test[asked],
        said=on_test,
        scores={"base_rate": scores(base), **{kind: scores(each) for kind, each in on_test.items()}},
        rivals={kind: each for kind, each in chances.items() if kind != kept},
        ranking=None if outcome.rule is None else rule_ranking(lesson.encoder, codes[parts.test.rows], outcome.rule),
        observed={h: observed_share(parts.test, h) for h in outcome.horizons},
        predicted={
            h: float(curve.probability[parts.test.spells.asked(h), i].mean()) for i, h in enumerate(outcome.horizons)
        },
        stability=stability(bands, model.landmarks(codes[parts.test.rows]), parts.test.person, len(model.refits)),
    )


def tried(
    features: pd.DataFrame,
    columns: tuple[Column, ...],
    outcome: Outcome,
    parts: Split,
    *,
    seed: int,
    settings: TreeSettings,
) -> dict[str, Predictions]:
    """Return what each kind of model that learns from these parts says of their test part, at the main horizon.

    Of parts that were drawn at random: between them times do not change, and no chance follows a pace.
    """
    lesson, codes = _lesson(features, columns, parts.train, outcome, seed, settings, COMPETING)
    _, challengers = _candidates(lesson, codes, parts, silent)
    return {
        kind: _predictions(_chances(each.test, each.calibrators, parts.test, outcome), parts.test, outcome)
        for kind, each in challengers.items()
    }


def _lesson(
    features: pd.DataFrame,
    columns: tuple[Column, ...],
    part: Part,
    outcome: Outcome,
    seed: int,
    settings: TreeSettings,
    competing: tuple[str, ...],
) -> tuple[Lesson, Floats]:
    """Return what the candidates learn from, and all rows as they read them, (n, inputs)."""
    encoder = fit_encoder(features.iloc[part.rows], columns).as_far_as(outcome)
    codes = encoder.frame(features)
    learnt, ridge = encoder.learnable(codes[part.rows]), INVERSE_RIDGE
    if "logistic" in competing:
        rng = np.random.default_rng(seed)
        ridge = choose_ridge(encoder, learnt, part.spells, outcome.horizon, part.person, rng)
    return Lesson(encoder, learnt, part.spells, outcome, seed, settings, ridge, competing), codes


def _candidates(
    lesson: Lesson, codes: Floats, parts: Split, say: Say
) -> tuple[dict[str, Scorer], dict[str, Challenger]]:
    """Return what may be kept, simplest first, and these and the hazard model as challengers."""
    scorers, challengers = {}, {}
    for kind in lesson.kinds:
        say(f"fitting {WORDS[kind]}")
        scorers[kind] = lesson.fit(kind)
        challengers[kind] = _challenger(scorers[kind].margins, codes, parts, lesson.outcome)
    if HAZARD not in lesson.competing:
        return scorers, challengers
    say("fitting the hazard model")
    outcome = lesson.outcome
    hazard = fit_hazard(
        lesson.encoder, lesson.codes, lesson.spells, outcome.horizons, outcome.unit_days, lesson.seed,
        lesson.settings, outcome.entry,
    )  # fmt: skip
    challengers[HAZARD] = _challenger(hazard.margins, codes, parts, outcome)
    return scorers, challengers


def _challenger(margins: Callable[[Floats], Floats], codes: Floats, parts: Split, outcome: Outcome) -> Challenger:
    calibration = margins(codes[parts.calibration.rows])
    calibrators = fit_calibrators(calibration, parts.calibration, outcome)
    return Challenger(calibration, margins(codes[parts.test.rows]), calibrators)


def _model(
    name: str,
    kind: str,
    scorer: Scorer,
    fitted: Challenger,
    lesson: Lesson,
    codes: Floats,
    parts: Split,
    say: Say,
) -> TrainedModel:
    """Return the kept candidate with its refits and the cuts of its bands."""
    say(f"fitting {WORDS[kind]} on other people")
    part, outcome = parts.calibration, lesson.outcome
    cuts = _cuts(fitted, part, outcome)
    refits = fit_refits(kind, lesson, parts.train.person, fitted.calibrators, codes[part.rows], part, outcome)
    return TrainedModel(
        name=name,
        encoder=lesson.encoder,
        scorer=scorer,
        calibrators=fitted.calibrators,
        refits=tuple(refits),
        outcome=outcome,
        cuts=cuts,
        familiarity=fit_familiarity(lesson.encoder, lesson.codes),
        pace=_pace(lesson.encoder, codes[part.rows], part),
        between=_between(lesson, fitted, part, cuts),
    )


def _between(lesson: Lesson, fitted: Challenger, part: Part, cuts: Sequence[Cuts | None]) -> Between | None:
    """Return the ways between the landmarks; None where no input says how long a spell had lasted."""
    outcome = lesson.outcome
    if outcome.entry is None:
        return None
    stage = landmarks(part.spells.entry, outcome)
    odds = log_odds(fitted.calibrators, fitted.calibration, stage)
    near = np.nan_to_num(expit(odds[np.arange(len(stage)), np.minimum(stage, odds.shape[1] - 1)]), nan=1.0)
    entries = np.concatenate([lesson.spells.entry, part.spells.entry])
    place, quarters = lesson.encoder.names.index(outcome.entry), (CAPACITY, 1 - CAPACITY)
    return fit_between(place, entries, part, near, outcome, cuts, quarters)


def _pace(encoder: Encoder, codes: Floats, part: Part) -> Pace | None:
    """Return the pace of those looked at in the window that tells the level; None where nobody knows it."""
    if encoder.pace is None:
        return None
    return fit_pace(encoder.pace, codes[part.since <= part.spells.entry])


def _cuts(fitted: Challenger, part: Part, outcome: Outcome) -> tuple[Cuts | None, ...]:
    """Return where the lowest and the highest quarter begin, at each landmark; where a landmark has no row, of all."""
    chances = _chances(fitted.calibration, fitted.calibrators, part, outcome)
    asked, stage = part.spells.asked(outcome.horizon), landmarks(part.spells.entry, outcome)
    place = outcome.place

    def cut(landmark: int) -> Cuts | None:
        if fitted.calibrators[landmark][place] is None:
            return None
        own = asked & (stage == landmark)
        low, high = np.quantile(chances[own if own.any() else asked], [CAPACITY, 1 - CAPACITY])
        return Cuts(float(low), float(high))

    return tuple(cut(landmark) for landmark in range(len(fitted.calibrators)))


def _chances(
    margins: Floats, calibrators: Calibrators, part: Part, outcome: Outcome, power: Floats | float = 1.0
) -> Floats:
    """Return calibrated chances at the main horizon, (rows of the part,); 1 where it was reached already.

    power  (rows, 1) to which they are raised, for the times have changed since

    As along a curve: not above the chance at an earlier horizon.
    """
    odds = log_odds(calibrators, margins, landmarks(part.spells.entry, outcome))
    falling = np.minimum.accumulate(np.where(np.isnan(odds), 1.0, expit(odds)) ** power, axis=1)
    return np.asarray(falling[:, outcome.place])


def _predictions(chances: Floats, part: Part, outcome: Outcome) -> Predictions:
    """Return what is said at the main horizon of the rows for which it is still a question."""
    asked = part.spells.asked(outcome.horizon)
    known = outcome_at(part.spells[asked], outcome.horizon)
    return Predictions(outcome.horizon, chances[asked], known.outcome, known.weight, part.person[asked])


def _base_rate(kept: Predictions, parts: Split) -> Predictions:
    """Return the prediction that knows only the share of the calibration part."""
    share = observed_share(parts.calibration[parts.calibration.judging], kept.horizon).value
    return replace(kept, score=np.full(len(kept.score), share))


def _choose(candidates: Mapping[str, Challenger], part: Part, outcome: Outcome) -> tuple[str, str]:
    """Return which candidate is kept and why, from the calibration part: the simplest unless another is better."""
    judging = part.judging
    said = {
        kind: _predictions(_chances(each.calibration, each.calibrators, part, outcome)[judging], part[judging], outcome)
        for kind, each in candidates.items()
    }
    kept, *others = candidates
    reasons = []
    for kind in others:
        gain = better(said[kind], said[kept])
        figures = f"Brier score lower by {gain.value:.4f} (95 % interval {gain.low:.4f} to {gain.high:.4f})"
        if gain.low > 0:
            reasons.append(f"{WORDS[kind]} beats {WORDS[kept]} on the calibration part: {figures}")
            kept = kind
        else:
            reasons.append(f"{WORDS[kind]} is not better than {WORDS[kept]} beyond noise: {figures}")
    compared = f" {'; '.join(reasons)}." if reasons else ""
    return kept, f"The simplest is kept unless another is better beyond noise.{compared}"
