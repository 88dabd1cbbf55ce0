"""The report as one page that needs nothing else: no script, no other file, no address."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ml.contracts.audit import Audit
from ml.contracts.evidence import Verdict
from ml.errors import UsageError

from .alike import alike
from .comparisons import Comparisons
from .facts import ReportFacts
from .families import Families
from .figures import Written
from .findings import Sentences
from .lead import compared, lead, of_attributes
from .names import Names
from .unjudged import unjudged
from .use import direct_use, proxies
from .words import LANGUAGES, Words

TEMPLATE, STYLE = "report.html.jinja", "report.css"


def render(audit: Audit, told: ReportFacts, language: str) -> str:
    """Return the report in "fi", "sv" or "en" as one HTML file; the same audit and facts give the same bytes.

    Raises UsageError for another language.
    """
    if language not in LANGUAGES:
        raise UsageError(f"report, language {language!r}: it is written in {', '.join(LANGUAGES)}; name one of them")
    words, audit = Words(language), compared(audit)
    sentences, families = Sentences(told, words), Families(audit, told, words)
    failing = of_attributes(audit, told, Verdict.FAIL)
    further = sum(each.verdict is Verdict.FAIL for each in audit.findings) - len(failing)
    return _template().render(
        t=words.text,
        texts=words.texts,
        language=language,
        style=Markup(_file(STYLE)),  # noqa: S704 - our own file
        told=told,
        predicted=told.predicted[language],
        made=words.day(told.made),
        people="" if audit.people is None else Written(words).people(audit.people),
        capacity=words.share(audit.capacity),
        selected=words.share(audit.selected_share, 1),
        lead=lead(audit, told, words),
        direct=direct_use(audit, told, words),
        failing=[sentences.said(each) for each in failing],
        further=words.counted("failing.further", further) if further else "",
        comparisons=Comparisons(audit, told, words).all(),
        unjudged=unjudged(audit, told, words),
        families=families.judged(),
        figures=families.shown(),
        proxies=proxies(audit, told, words),
        alike=alike(audit, told, words),
        limits=_limits(told, words),
        facts=_facts(audit, told, words),
    )


def _limits(told: ReportFacts, words: Words) -> list[tuple[str, str, str, str]]:
    """Return metric, its term in the field, what is compared, and what is allowed."""
    names, written = Names(told, words), Written(words)
    return [
        (names.metric(name), names.metric(name, "term"), words.text(f"policy.of_{each.of}"), written.limits(name, each))
        for name, each in told.policy.limits.items()
    ]


def _facts(audit: Audit, told: ReportFacts, words: Words) -> list[tuple[str, str]]:
    """Return what was audited, by what rules: name and value of each fact that is known."""
    names, written, policy = Names(told, words), Written(words), told.policy
    known = {
        "model": f"{told.model} {told.version}".strip(),
        "what": told.predicted[words.language].what,
        "people": "" if audit.people is None else written.people(audit.people),
        "rows": "" if audit.rows is None else written.people(audit.rows),
        "made": words.day(told.made),
        "capacity": _highest(policy.capacity, words),
        "capacities": "; ".join(_highest(each, words) for each in policy.capacities),
        "smallest": words.number(policy.smallest_denominator, 0),
        "required": ", ".join(map(names.attribute, policy.required)),
        "replicates": words.number(policy.replicates, 0),
        "data": told.data_digest,
        "policy": told.policy_digest,
        "card": told.card,
        "run": told.run,
        "seconds": words.text("policy.second", count=words.number(sum(told.seconds.values()), 1))
        if told.seconds
        else "",
    }
    return [(words.text(f"policy.{name}"), value) for name, value in known.items() if value]


def _highest(capacity: float, words: Words) -> str:
    return words.text("policy.highest", share=words.share(capacity))


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file(TEMPLATE))


def _file(name: str) -> str:
    return files("ml.fairness.report").joinpath(name).read_text(encoding="utf-8")
