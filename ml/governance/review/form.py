"""The form of an approval, as TOML: what an approver must say, with every failing finding in its words."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ml.contracts import Finding, Policy, Scope, Verdict
from ml.contracts.audit import TIMES
from ml.errors import ContractError

from ..card.failing import failing, insufficient
from ..figures.findings import told
from ..people.problems import problems_of, refused
from .approval_rules import deviations
from .conditions import AUDIT, RETRAIN, TASK
from .months import months_later
from .statement import Acceptance, Approval, Condition


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Accept(_Strict):
    reason: str
    findings: tuple[str, ...] = ()
    deviation: str | None = None


class _Condition(_Strict):
    kind: Literal["retrain", "audit", "task"]
    what: str
    due: date
    every_days: int | None = None
    attribute: str | None = None
    metric: str | None = None


class _Form(_Strict):
    card: str
    reason: str
    does: str
    could_go_wrong: str
    expires: date
    accept: tuple[_Accept, ...] = ()
    condition: tuple[_Condition, ...] = ()


def approval_form(card: Mapping[str, Any], digest: str, policy: Policy, today: date) -> str:
    """Return the form of an approval of the card's version; it reads back once its empty answers are filled in.

    digest  of the card: the answers are about it, and about no other
    """
    model, last = card["model"], months_later(datetime(today.year, today.month, today.day), policy.approval_months)
    failed, unsure = failing(card), insufficient(card)
    parts = [
        f'# Approval of {model["name"]} version {model["version"]}. Read the card first; fill in every "".\n'
        f"# Then: apualy review approve {model['name']} {model['version']} --as NAME --form THIS-FILE\n"
        f"card = {_text(digest)}\n\n"
        '# Why you approve it.\nreason = ""\n\n'
        "# In your own words, at least a sentence: what does the model do?\n"
        'does = ""\n\n# In your own words, at least a sentence: what could go wrong, and for whom?\n'
        'could_go_wrong = ""\n\n'
        f"# The last day of the approval; the policy allows {policy.approval_months} months.\n"
        f"expires = {last:%Y-%m-%d}",
        *(_deviation(each) for each in deviations(card)),
        *_findings(card, failed),
        _conditions(bool(failed), bool(unsure), months_later(datetime(today.year, today.month, today.day), 3).date()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def read_approval(text: str, card: str, supersedes: int | None) -> tuple[Approval, str]:
    """Return what a filled form says, and the reason.

    card  digest of the card that is to be approved

    Raises ContractError that names every odd answer, or says that the form is of another card.
    """
    try:
        form = _Form.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise ContractError(f"the approval form is not TOML: {problem}") from None
    except ValidationError as problem:
        raise ContractError(refused("the approval form", problems_of(problem))) from None
    if form.card != card:
        raise ContractError(
            "the approval form is of another card: of another version, or filled in since; print it anew: "
            "apualy review form"
        )
    odd = [number for number, each in enumerate(form.accept, 1) if bool(each.findings) == (each.deviation is not None)]
    if odd:
        raise ContractError(f"the approval form: accept number {odd[0]} names either findings or one deviation")
    end = form.expires
    approval = Approval(
        does=form.does,
        could_go_wrong=form.could_go_wrong,
        expires=datetime(end.year, end.month, end.day, 23, 59, 59, tzinfo=UTC),
        accepted=tuple(
            Acceptance((each.deviation,) if each.deviation is not None else each.findings, each.reason)
            for each in form.accept
        ),
        conditions=tuple(
            Condition(f"C{number}", each.kind, each.what, each.due, each.every_days, each.attribute, each.metric)
            for number, each in enumerate(form.condition, 1)
        ),
        supersedes=supersedes,
    )
    return approval, form.reason


def _deviation(words: str) -> str:
    return (
        f'# It deviates from the policy: why is that acceptable?\n[[accept]]\ndeviation = {_text(words)}\nreason = ""'
    )


def _findings(card: Mapping[str, Any], failed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a block for each attribute; who has more to say on one finding gives it a block of its own."""
    if not failed:
        return []
    labels = {name: each["label"]["en"] for name, each in card["audit"]["words"].items()}
    blocks = []
    for attribute, each in groupby(sorted(failed, key=_place), _attribute):
        found = list(each)
        lines = "\n".join(f"#   {one['id']}  {told(_finding(one), labels)}" for one in found)
        ids = ", ".join(_text(str(one["id"])) for one in found)
        label = TIMES.join(labels.get(name, name) for name in attribute.split(TIMES))
        blocks.append(
            f"# {label}: outside the limits. Why is that acceptable until the conditions below are met?\n{lines}\n"
            f'[[accept]]\nfindings = [{ids}]\nreason = ""'
        )
    return [f"# Findings with reasons of their own get [[accept]] blocks of their own.\n{blocks[0]}", *blocks[1:]]


def _finding(figures: Mapping[str, Any]) -> Finding:
    """Return a finding from its figures in the card."""
    known = {each.name: figures[each.name] for each in fields(Finding) if each.name in figures}
    return Finding(**{**known, "verdict": Verdict(figures["verdict"]), "scope": Scope(figures["scope"])})


def _place(found: Mapping[str, Any]) -> tuple[bool, str]:
    """Return what orders findings: single attributes first."""
    return TIMES in found["attribute"], str(found["attribute"])


def _attribute(found: Mapping[str, Any]) -> str:
    return str(found["attribute"])


def _conditions(fails: bool, unsure: bool, due: date) -> str:
    """Return the conditions that are called for, to be changed by who approves; others are shown as comments."""
    blocks = []
    if fails:
        blocks.append(
            "# The audit fails: what is to be done about it, and by when? (at least one condition)\n"
            f'[[condition]]\nkind = "{RETRAIN}"  # a newer version has been trained by then\nwhat = ""\ndue = {due}'
        )
    if unsure:
        blocks.append(
            "# Evidence is insufficient: the model is audited again, on newer people (apualy audit).\n"
            f'[[condition]]\nkind = "{AUDIT}"\nwhat = ""\ndue = {due}\nevery_days = 90\n'
            '# attribute = "gender"  # to watch one attribute, or one metric, alone\n# metric = "false_positive_rate"'
        )
    blocks.append(
        f"# Anything else that must be done by a day, and shown with apualy review fulfil:\n"
        f'# [[condition]]\n# kind = "{TASK}"\n# what = ""\n# due = {due}'
    )
    return "\n\n".join(blocks)


def _text(words: str) -> str:
    """Return words as a TOML string; JSON's form is one."""
    return json.dumps(words, ensure_ascii=False)
