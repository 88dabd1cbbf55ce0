"""Helsinki's eight major districts (suurpiirit) by postal code: where people live, as coarse as the audit needs it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HELSINKI = "091"  # the municipality's number (Statistics Finland)
OUTSIDE = "outside Helsinki"
FILE = Path(__file__).with_name("helsinki_major_districts.csv")


@cache
def major_districts() -> Mapping[str, str]:
    """Return postal code → Finnish name of the major district, for the 85 postal codes of Helsinki.

    A postal area that lies in two districts is given to the one where most of its people live. Source: the City of
    Helsinki's division into districts, assigned by hand.
    """
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["postal_code"]: row["major_district"] for row in csv.DictReader(file)}


def district_of(postal_code: str) -> str:
    """Return the major district of a postal code, or "outside Helsinki"."""
    return major_districts().get(postal_code, OUTSIDE)
