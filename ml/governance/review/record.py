"""What was said and decided about a version, as Markdown: the last section of its card, made from the signed log."""

from __future__ import annotations

from ..card.markdown.pieces import listed, table
from .history import Review
from .statement import Acceptance, AuditFile, Condition, Statement


def render_review(review: Review) -> str:
    """Return the record of a review; the same steps give the same bytes."""
    head = f"# Review of {review.what}\n\n"
    if not review.steps:
        return head + "Nobody has submitted it yet.\n"
    rows = [
        [each.number, f"{each.at:%Y-%m-%d %H:%M}", each.step.value, _who(each), each.role.value, each.reason]
        for each in review.steps
    ]
    parts = [
        f"{head}It is **{review.recorded.value}**. Each step is signed by its person, and stands in the review log "
        "under its number.",
        table(["number", "UTC", "step", "by", "as", "reason"], rows),
        *(_approval(each, review) for each in review.steps if each.approval is not None),
        *(_fulfilled(each) for each in review.steps if each.fulfilment is not None),
        _bound(review.steps[-1]),
    ]
    return "\n\n".join(parts) + "\n"


def _approval(step: Statement, review: Review) -> str:
    said = step.approval
    if said is None:
        return ""
    superseded = [] if review.superseded_by is None else [f"Superseded by version {review.superseded_by}."]
    parts = [
        f"## Approval by {step.person}",
        f"Until {said.expires:%Y-%m-%d %H:%M} UTC, unless it is revoked, superseded, or a condition is overdue.",
        *superseded,
        f"What it does, in the approver's words: {said.does}",
        f"What could go wrong: {said.could_go_wrong}",
        f"Accepted in writing:\n\n{listed([_accepted(each) for each in said.accepted])}",
        f"Conditions:\n\n{listed([_condition(each) for each in said.conditions])}",
    ]
    return "\n\n".join(parts)


def _accepted(each: Acceptance) -> str:
    return f"{', '.join(each.of)}: {each.reason}"


def _condition(each: Condition) -> str:
    again = f", and again every {each.every_days} days" if each.every_days else ""
    watched = ", ".join(part.replace("_", " ") for part in (each.attribute, each.metric) if part)
    kind = f"{each.kind}: {watched}" if watched else each.kind
    return f"**{each.id}** ({kind}): {each.what.rstrip('.')}. Due by {each.due}{again}."


def _fulfilled(step: Statement) -> str:
    said = step.fulfilment
    if said is None:
        return ""
    audit = said.audit
    found = f" The audit of {audit.made}: {_worst(audit)}; file `{audit.digest}`." if audit else ""
    return f"Condition {said.condition}, {step.at:%Y-%m-%d}, {step.person}: {step.reason}{found}"


def _worst(audit: AuditFile) -> str:
    return max(audit.of(None, None), key=("pass", "insufficient", "fail").index)


def _bound(last: Statement) -> str:
    bound = last.binding
    return (
        f"The last step is about artefact `{bound.artefact}`, card `{bound.card}` and policy `{bound.policy}`, "
        "to the byte."
    )


def _who(step: Statement) -> str:
    return f"{step.person} (demo)" if step.demo else step.person
