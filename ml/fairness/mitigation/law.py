"""What it means in law when a mitigation uses a protected attribute; counsel confirms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .point import Uses

LAW: Mapping[Uses, str] = MappingProxyType(
    {
        Uses.NEVER: "does not use the attribute of anybody",
        Uses.TRAINING: (
            "uses the attribute of people in the past while the model is made, and of nobody who is scored: people "
            "with the same inputs get the same score. The attribute must be lawfully at hand for that (health data and "
            "other special categories: GDPR 9; AI Act 10(5) on detecting and correcting bias), and what this project "
            "keeps out of training, protected attributes, would come in, as weights, bounds or a choice of inputs"
        ),
        Uses.SCORING: (
            "uses the attribute of each person who is scored: two people who differ in nothing else are flagged "
            "differently, which is direct differential treatment by a ground of section 8 of the Non-Discrimination "
            "Act (1325/2014; gender: the Equality Act 609/1986). It needs a legal basis of its own: justified "
            "treatment by law under section 11, or positive action under section 9, proportionate and for a purpose "
            "stated beforehand; for health, an exception of GDPR 9 besides. The Tribunal's decision of 2018 (Svea) was "
            "on scoring by group attributes without individual assessment. It is not offered as a default"
        ),
    }
)
"""When the attribute is used → what that means, in English."""
