"""Pages of the review: which versions wait for whom, what their cards say, and the steps that people sign."""

from __future__ import annotations

from ..page import Page
from . import approval, fairness, people, queue, reading, step, version

PAGES: tuple[Page, ...] = (
    *queue.PAGES,
    *version.PAGES,
    *reading.PAGES,
    *fairness.PAGES,
    *people.PAGES,
    *step.PAGES,
    *approval.PAGES,
)
