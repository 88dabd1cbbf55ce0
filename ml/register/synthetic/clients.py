"""The clients of an office that does not exist: who looks after whom among those unemployed now, and who consented.

For the demo and for tests alone, in place of the customer system's own list: it lies with the oracle, as identity
codes stand in it, and is drawn from a stream of its own, so that the register is the same with and without.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FILE = "clients.csv"
COLUMNS = ("identity_code", "office", "caseworker", "assigned_on", "consent", "consent_on")
UNEMPLOYED = ("02", "03")
OFFICES = ("Itä", "Länsi", "Keskusta")
DEMO = ("demo-caseworker", "demo-caseworker-2")  # who sign in to the demo
OF_DEMO, OF_OTHERS = 60, 150  # clients of each caseworker
CONSENTING = 0.9
WITHIN = 15  # days until somebody is assigned, and again until they are asked
STREAM = (0, 3)  # of the register's seed: of the first lot, which draws from streams 0 to 2
Client = tuple[str, date]  # identity code, first day of the record that holds now


def unemployed(employment_codes: Any) -> list[Client]:
    """Return who is unemployed on the extract's last day, by an Arrow table of what was known then.

    A record holds on that day when no end of it is known: an end that is known lies before a later record.
    """
    without_work = pc.is_in(employment_codes["code"], pa.array(UNEMPLOYED))
    found = employment_codes.filter(pc.and_(without_work, pc.is_null(employment_codes["end"])))
    return list(zip(found["identity_code"].to_pylist(), found["start"].to_pylist(), strict=True))


def write_clients(path: Path, clients: Iterable[Client], seed: int, day: date) -> None:
    """Write the clients with office, caseworker and consent, sorted by identity code; days are ISO dates.

    The same clients, seed and day give the same bytes.
    """
    those = sorted(clients)
    rng = np.random.default_rng([seed, *STREAM])
    whose = rng.permutation(len(those)).tolist()
    consents = (rng.random(len(those)) < CONSENTING).tolist()
    waits = rng.integers(0, WITHIN, (len(those), 2)).tolist()
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for (code, start), place, consents_now, (first, second) in zip(those, whose, consents, waits, strict=True):
            office, caseworker = _looks_after(place)
            assigned = min(day, start + timedelta(days=first))
            asked = min(day, assigned + timedelta(days=second))
            said = ("given", asked) if consents_now else ("none", "")
            lines.writerow((code, office, caseworker, assigned, *said))


def _looks_after(place: int) -> tuple[str, str]:
    """Return office and caseworker of the client who was drawn in that place."""
    if place < OF_DEMO * len(DEMO):
        number = place // OF_DEMO
        return OFFICES[number], DEMO[number]
    number = (place - OF_DEMO * len(DEMO)) // OF_OTHERS
    return OFFICES[number % len(OFFICES)], f"cw-{number + 1:03d}"
