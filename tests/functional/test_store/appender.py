"""A process that appends to the log: `python appender.py URL NAME TIMES`; each entry with its judgement."""

from __future__ import annotations

import sys

from serving.store.database import Database
from serving.store.judgements import Judgement, add_judgement
from serving.store.log import Event

url, name, times = sys.argv[1:]
database = Database(url)
for number in range(int(times)):
    id = f"{name}{number:031x}"
    with database.recording(Event("judgement", f"caseworker-{name}", "caseworker", "a" * 32, {"id": id})) as entry:
        add_judgement(entry, Judgement(id, "a" * 32, f"caseworker-{name}", "skills", "fair", "Has a trade."))
