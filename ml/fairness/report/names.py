"""How attributes, groups, inputs and metrics are called in a language. All of it is data: the page escapes it."""

from __future__ import annotations

from collections.abc import Mapping

from ml.contracts.audit import MISSING, SUPPRESSED, TIMES, Finding

from .facts import ReportFacts
from .words import Words

ELSE = "everyone else"
_OWN = {MISSING: "words.missing", SUPPRESSED: "words.suppressed", ELSE: "words.else"}


class Names:
    """The names of one audit in one language."""

    def __init__(self, told: ReportFacts, words: Words) -> None:
        self._told, self._words = told, words

    def attribute(self, name: str) -> str:
        """Return an attribute's label, or the labels of an intersection's attributes."""
        if name in self._told.labels:
            return self._label(name)
        return TIMES.join(self._label(part) for part in name.split(TIMES))

    def group(self, attribute: str, group: str) -> str:
        """Return how a group reads; that of an intersection by its parts, where they can be told apart."""
        if group in _OWN:
            return self._value(attribute, group)
        attributes, groups = attribute.split(TIMES), group.split(TIMES)
        if len(attributes) > 1 and len(attributes) == len(groups):
            return TIMES.join(map(self._value, attributes, groups))
        return self._value(attribute, group)

    def full(self, finding: Finding) -> str:
        """Return "attribute: group"."""
        return f"{self.attribute(finding.attribute)}: {self.group(finding.attribute, finding.group)}"

    def input(self, name: str) -> str:
        """Return how an input of the model reads."""
        return self._in_language(self._told.inputs.get(name, {}), name)

    def metric(self, metric: str, part: str = "name") -> str:
        """Return a metric's name (or its "term", "question"); an unknown one by its own name."""
        key = f"metric.{metric}.{part}"
        return self._words.text(key) if "." not in metric and self._words.has(key) else metric

    def _label(self, name: str) -> str:
        return self._in_language(self._told.labels.get(name, {}), name)

    def _value(self, attribute: str, group: str) -> str:
        told = self._in_language(self._told.values.get(attribute, {}).get(group, {}), group)
        return self._words.text(_OWN[group]) if group in _OWN and told == group else told

    def _in_language(self, given: Mapping[str, str], name: str) -> str:
        return given.get(self._words.language) or given.get("en") or name
