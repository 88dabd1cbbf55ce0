"""The form of an approval, as TOML: what an approver must say, with every failing finding in its words."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from pydantic import ValidationError

from ml.contracts import Finding, Policy, Scope, Verdict
from ml.contracts.audit import TIMES
from ml.errors import ContractError

from ..figures.findings import told
from ..people.problems import FormError, problems_of
from .answers import WHAT, ApprovalAnswers, approval_of
from .asked import Asked, Suggested, asked_of
from .conditions import RETRAIN, TASK
from .statement import Approval


def approval_form(card: Mapping[str, Any], digest: str, policy: Policy, today: date) -> str:
    """Return the form of an approval of the card's version; it reads back once its empty answers are filled in.

    digest  of the card: the answers are about it, and about no other
    """
    model, asked = card["model"], asked_of(card, policy, today)
    parts = [
        f'# Approval of {model["name"]} version {model["version"]}. Read the card first; fill in every "".\n'
        f"# Then: apualy review approve {model['name']} {model['version']} --as NAME --form THIS-FILE\n"
        f"card = {_text(digest)}\n\n"
        '# Why you approve it.\nreason = ""\n\n'
        "# In your own words, at least a sentence: what does the model do?\n"
        'does = ""\n\n# In your own words, at least a sentence: what could go wrong, and for whom?\n'
        'could_go_wrong = ""\n\n'
        f"# The last day of the approval; the policy allows {asked.months} months.\n"
        f"expires = {asked.last}",
        *(_deviation(each) for each in asked.deviations),
        *_findings(card, asked),
        *map(_condition, asked.conditions),
        f"# Anything else that must be done by a day, and shown with apualy review fulfil:\n"
        f'# [[condition]]\n# kind = "{TASK}"\n# what = ""\n# due = {asked.due}',
    ]
    return "\n\n".join(parts) + "\n"


def read_approval(text: str, card: str, supersedes: int | None) -> tuple[Approval, str]:
    """Return what a filled form says, and the reason.

    card  digest of the card that is to be approved

    Raises ContractError that names every odd answer, or says that the form is of another card.
    """
    try:
        answers = ApprovalAnswers.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise ContractError(f"the approval form is not TOML: {problem}") from None
    except ValidationError as problem:
        raise FormError(WHAT, problems_of(problem)) from None
    return approval_of(answers, card, supersedes)


def _deviation(words: str) -> str:
    return (
        f'# It deviates from the policy: why is that acceptable?\n[[accept]]\ndeviation = {_text(words)}\nreason = ""'
    )


def _findings(card: Mapping[str, Any], asked: Asked) -> list[str]:
    """Return a block for each attribute; who has more to say on one finding gives it a block of its own."""
    if not asked.failing:
        return []
    labels = {name: each["label"]["en"] for name, each in card["audit"]["words"].items()}
    blocks = []
    for attribute, found in asked.failing:
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


def _condition(each: Suggested) -> str:
    """Return a condition that is called for, to be changed by who approves."""
    if each.kind == RETRAIN:
        return (
            "# The audit fails: what is to be done about it, and by when? (at least one condition)\n"
            f'[[condition]]\nkind = "{RETRAIN}"  # a newer version has been trained by then\n'
            f'what = ""\ndue = {each.due}'
        )
    return (
        "# Evidence is insufficient: the model is audited again, on newer people (apualy audit).\n"
        f'[[condition]]\nkind = "{each.kind}"\nwhat = ""\ndue = {each.due}\nevery_days = {each.every_days}\n'
        '# attribute = "gender"  # to watch one attribute, or one metric, alone\n# metric = "false_positive_rate"'
    )


def _text(words: str) -> str:
    """Return words as a TOML string; JSON's form is one."""
    return json.dumps(words, ensure_ascii=False)
