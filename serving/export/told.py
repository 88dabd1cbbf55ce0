"""What is held of a client → what they are told: every value beside its words, and what they should know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from serving.advising import Given
from serving.language import Language
from serving.store.export import Held, Kept
from serving.store.retention import Days
from serving.wire.clients import RightsInForce
from serving.wire.export import (
    CohortPseudonym,
    Explained,
    ExportAnswer,
    ExportedAccess,
    ExportedAssignment,
    ExportedEvent,
    ExportedFeedback,
    ExportedHint,
    ExportedJudgement,
    ExportedRight,
    KeptAnswer,
    PublicDescription,
    ReadyHint,
)
from serving.worded import worded_parts

from .words import Words

NO_RIGHTS = RightsInForce(consent=None, objection=None, restriction=None, erased=None)
EXPLAINED = ("short", "uses", "basis", "origin", "kept", "rights")


def told(pseudonym: str, held: Held, made_at: str, days: Days, basis: str | None, language: Language) -> ExportAnswer:
    """Return what a client is given.

    days   how long each is kept
    basis  the law on which profiling rests; None: on their consent
    """
    words, found = Words(language.code), held.client
    shown = [parts_of(each["content"], language) for each in held.shown]
    ready = [parts_of({each["task"]: _as_shown(each)}, language) for each in held.ready]
    return ExportAnswer(
        client=pseudonym,
        made_at=made_at,
        pseudonyms=[_cohort(each, words) for each in held.cohorts],
        explained=list(_explained(words, days, basis)),
        assignment=ExportedAssignment(
            assigned=found is not None and found.caseworker is not None,
            office=None if found is None else found.office,
            since=None if found is None else found.assigned_on,
        ),
        rights=NO_RIGHTS if found is None else RightsInForce.model_validate(found),
        rights_recorded=[right_told(each, words) for each in held.rights],
        judgements=[_judgement(each, words) for each in held.judgements],
        hints_shown=[
            ExportedHint(advice=each["id"], judgement=each["judgement"], at=each["at"], source=each["source"], **parts)
            for each, parts in zip(held.shown, shown, strict=True)
        ],
        feedback=[_feedback(each, words) for each in held.feedback],
        hints_ready=[ReadyHint(ready=each["ready"], **parts) for each, parts in zip(held.ready, ready, strict=True)],
        accesses=[_access(each, words) for each in held.accesses],
        events=[_event(each, words) for each in held.entries],
        answers_kept=[_answer(each, words) for each in held.answers],
        models=_descriptions([*shown, *ready], language.code),
        language=language.code,
    )


def _explained(words: Words, days: Days, basis: str | None) -> Iterator[Explained]:
    kept = {name: words.number(count) for name, count in vars(days).items()}
    lines: dict[str, Sequence[str]] = {
        "short": words.at("short.lines"),
        "uses": words.at("uses.lines"),
        "basis": [words.text("basis.consent") if basis is None else words.text("basis.law", basis=basis)],
        "origin": words.at("origin.lines"),
        "kept": [line.format(**kept) for line in words.at("kept.lines")],
        "rights": [*(f"{name}: {line}" for name, line in words.at("rights.list")), words.text("page.contact")],
    }
    for about in EXPLAINED:
        yield Explained(about=about, title=words.text(f"{about}.title"), lines=list(lines[about]))


# ---------------------------------------------------------------- hints


def _as_shown(ready: Kept) -> dict[str, Any]:
    """Return a hint that lies ready as it would be kept with what was shown."""
    return {
        "task": ready["task"],
        "name": ready["model"],
        "version": ready["version"],
        "digest": ready["digest"],
        "as_of": ready["as_of"],
        "valid_until": ready["valid_until"],
        "hint": ready["content"],
    }


def parts_of(content: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return the parts of a kept hint in words: "needs", "risk"; None where there is none."""
    needs, risk = worded_parts([Given.from_json(each) for each in content.values()], language)
    return {"needs": needs, "risk": risk}


def about(name: str, code: str) -> str:
    """Return where everybody can read what a model is, in a language."""
    return f"/about/{name}?language={code}"


def _descriptions(parts: Sequence[Mapping[str, Any]], code: str) -> list[PublicDescription]:
    """Return where the models are described that said something, each once."""
    models = {(part.model.name, part.model.version) for each in parts for part in each.values() if part is not None}
    return [
        PublicDescription(name=name, version=version, address=about(name, code)) for name, version in sorted(models)
    ]


# ---------------------------------------------------------------- the rest


def _cohort(kept: Kept, words: Words) -> CohortPseudonym:
    said = words.text(f"told.pseudonym_{kept['task']}", pseudonym=kept["pseudonym"])
    return CohortPseudonym(task=kept["task"], pseudonym=kept["pseudonym"], words=said)


def right_told(kept: Kept, words: Words) -> ExportedRight:
    """Return what was recorded of a right, in words."""
    named = words.text(f"right.{kept['right']}")
    key = "told.in_force" if kept["in_force"] else "told.taken_back"
    said = words.text(key, right=named, day=words.day(kept["since"]))
    at, role = words.time(kept["recorded_at"]), kept["role"]
    if role is None:
        recorded = words.text("told.recorded", at=at)
    else:
        recorded = words.text("told.recorded_by", at=at, role=words.text(f"role.{role}"))
    return ExportedRight(
        right=kept["right"],
        in_force=kept["in_force"],
        since=kept["since"],
        recorded_at=kept["recorded_at"],
        role=role,
        words=f"{said} {recorded}",
    )


def _judgement(kept: Kept, words: Words) -> ExportedJudgement:
    need, chance = words.text(f"need.{kept['service_need']}"), words.text(f"chance.{kept['chance_of_work']}")
    return ExportedJudgement(
        judgement=kept["id"],
        at=kept["at"],
        service_need=kept["service_need"],
        chance_of_work=kept["chance_of_work"],
        why=kept["why"],
        words=words.text("told.judgement", need=need, chance=chance),
    )


def _feedback(kept: Kept, words: Words) -> ExportedFeedback:
    done = ", ".join(words.text(f"done.{each}") for each in kept["done"])
    return ExportedFeedback(
        advice=kept["advice"],
        at=kept["at"],
        agrees=kept["agrees"],
        done=kept["done"],
        why=kept["why"],
        words=words.text("told.feedback", agrees=words.text(f"agrees.{kept['agrees']}"), done=done),
    )


def _access(kept: Kept, words: Words) -> ExportedAccess:
    said = words.text(
        "told.access",
        ground=words.text(f"ground.{kept['ground']}"),
        at=words.time(kept["at"]),
        until=words.time(kept["until"]),
    )
    return ExportedAccess(at=kept["at"], until=kept["until"], ground=kept["ground"], why=kept["why"], words=said)


def _event(kept: Kept, words: Words) -> ExportedEvent:
    action = words.text(f"action.{kept['action'].replace('.', '-')}")
    said = words.text("told.event", action=action, role=words.text(f"role.{kept['role']}"))
    return ExportedEvent(at=kept["at"], action=kept["action"], role=kept["role"], words=said)


def _answer(kept: Kept, words: Words) -> KeptAnswer:
    return KeptAnswer(at=kept["at"], words=words.text("told.answer", at=words.time(kept["at"])))
