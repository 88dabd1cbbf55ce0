"""What a person may do about a version of a model."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A part in the review: who hands a version in, who assesses it, who approves it."""

    AUTHOR = "author"
    ASSESSOR = "assessor"
    APPROVER = "approver"
