"""The city's figures that an extract is held against (domain.md 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

HELSINKI = 37_439  # the target group in January 2020 (report 3.1.1)
JANUARY = date(2020, 1, 31)


@dataclass(frozen=True)
class Target:
    """What a figure should be.

    low, high  the least and the most that is near enough
    counts     whether it is a number of people, which grows with the register
    """

    name: str
    words: str
    target: float
    low: float
    high: float
    counts: bool = False

    def scaled(self, factor: float) -> Target:
        """Return the target of a register `factor` times as large; shares stay."""
        if not self.counts:
            return self
        return replace(self, target=self.target * factor, low=self.low * factor, high=self.high * factor)


def _count(name: str, words: str, target: float, share: float) -> Target:
    return Target(name, words, target, target * (1 - share), target * (1 + share), counts=True)


def _share(name: str, words: str, target: float, off: float) -> Target:
    return Target(name, words, target, round(target - off, 6), round(target + off, 6))


TARGET_GROUP = _count("target_group", "target group", HELSINKI, 0.01)
OF_JANUARY = (
    TARGET_GROUP,
    _count("unemployed", "unemployed jobseekers", 31_305, 0.03),
    _share("long_term_share", "unemployed for 12 months or more, of the unemployed", 0.34, 0.02),
    _share("men_share", "men, of the unemployed", 0.55, 0.02),
    _share("foreign_language_share", "speakers of a foreign language, of the unemployed", 0.25, 0.03),
    _share("under_25_share", "under 25, of the unemployed", 0.08, 0.02),
    _share("from_50_share", "50 and over, of the unemployed", 0.32, 0.03),
    _count("payment_list", "municipal payment list", 12_772, 0.10),
    # The middle of what is plausible: stock shares of 34 % come of far fewer new spells that last (domain.md 3).
    _share("new_spells_reaching_12_months", "new spells that reach 12 months", 0.14, 0.06),
)
# What is known of other days; the rest is held against January 2020.
OF_OTHER_DAYS: Mapping[date, Mapping[str, Target]] = {
    date(2022, 10, 31): {
        "long_term_share": _share(
            "long_term_share", "unemployed for 12 months or more, of the unemployed (October 2022)", 0.451, 0.02
        )
    }
}


def targets(as_of: date, factor: float) -> tuple[Target, ...]:
    """Return the targets of a day for a register `factor` times as large as Helsinki's of January 2020."""
    known = OF_OTHER_DAYS.get(as_of, {})
    return tuple(known.get(target.name, target).scaled(factor) for target in OF_JANUARY)
