"""What a reviewer must not miss of a service-need model, worst first; each sentence with the source of its figures."""

from __future__ import annotations

from ml.contracts import Interval, Policy
from ml.contracts.needs_report import NeedsReport

from .headlines import audit_headline, said
from .sources import source

LEAST_PAIRS = 30  # fewer pairs of caseworkers do not say how far they agree
DOCUMENT = "evaluation.json"


def needs_headlines(report: NeedsReport, policy: Policy) -> list[dict[str, str]]:
    """Return the headlines of a card."""
    found = report.evaluation
    lines = [_weakest(report, policy)] if is_weak(report, policy) else []
    if report.threshold.value is None:
        lines.append(said(f"It never names an entity: {report.threshold.why}.", source(DOCUMENT, "threshold")))
    never = [name for name, each in found.entities.items() if not each.answered]
    if never and report.threshold.value is not None:
        text = f"It never answers {' or '.join(never)}: no case of the test part is that likely to be placed there."
        lines.append(said(text, source(DOCUMENT, "entities")))
    labels = {column.name: column.words("en") for column in report.protected_columns}
    lines.append(audit_headline("The audit of answers by group", report.audit, labels))
    lines.append(said(_beside_caseworkers(report), source(DOCUMENT, "disagreement")))
    worst, quality = min(found.entities.items(), key=lambda pair: pair[1].recall.value)
    text = (
        f"It answers in {_percent(found.answered)} of the cases and says “interview first” in the others; "
        f"of people placed in {worst}, who are found least often, it finds {_percent(quality.recall)}."
    )
    return [*lines, said(text, source(DOCUMENT))]


def is_weak(report: NeedsReport, policy: Policy) -> bool:
    """Return whether the model tells people's needs apart poorly: an entity from the rest, or not at all."""
    return report.kept == "base_rate" or any(
        each.auc.value < policy.weak_auc for each in report.evaluation.entities.values()
    )


def _weakest(report: NeedsReport, policy: Policy) -> dict[str, str]:
    if report.kept == "base_rate":
        text = "its inputs do not tell which entity caseworkers choose, and everybody gets the same shares."
        return said(f"This model is weak: {text}", source("method.json", "kept"))
    entity, each = min(report.evaluation.entities.items(), key=lambda pair: pair[1].auc.value)
    text = (
        f"This model is weak: it tells {entity} from the rest with AUC {_shown(each.auc)}, under {policy.weak_auc:g} "
        "(0.50 is a coin). A hint of it weighs little beside what a caseworker knows."
    )
    return said(text, source(DOCUMENT, "entities", entity, "auc"))


def _beside_caseworkers(report: NeedsReport) -> str:
    found = report.evaluation.disagreement
    if found.entities.pairs < LEAST_PAIRS:
        return (
            "How it compares with caseworkers' own disagreement is not known: too few clients of the test part were "
            "placed by two caseworkers."
        )
    beside = (
        f"Two caseworkers name the same entity for one client in {_percent(found.entities.share)} of the cases, the "
        f"model and a caseworker in {_percent(found.model.share)} of the same; Cohen's kappa is "
        f"{found.entities.kappa.value:.2f} and {found.model.kappa.value:.2f}."
    )
    if found.gap.high < 0:
        return f"A colleague is the better stand-in for a caseworker than the model. {beside}"
    if found.gap.low > 0:
        return f"The model agrees with a caseworker oftener than a colleague does. {beside}"
    return f"Between the model and a colleague there is no difference beyond noise. {beside}"


def _percent(interval: Interval) -> str:
    return f"{interval.value:.0%} (95 % interval {interval.low:.0%} to {interval.high:.0%})"


def _shown(interval: Interval) -> str:
    return f"{interval.value:.2f} (95 % interval {interval.low:.2f} to {interval.high:.2f})"
