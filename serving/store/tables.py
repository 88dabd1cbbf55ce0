"""The tables. Each row that a person or a service causes carries `seq`, the entry of the log that tells of it.

A client is known by the pseudonym of the purpose "advice". Times are UTC, as text of one length, so that they sort
as they stand and read the same from SQLite and PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from serving.identity.session_table import session_table

metadata = MetaData()

_PSEUDONYM = String(32)
_STAFF = String(255)
_TIME = String(27)  # 2026-11-28T14:05:06.123456Z
_DAY = String(10)
_ID = String(32)
_OFFICE = String(200)  # as long as a line on the wire


def _seq() -> Column[int]:
    return Column("seq", BigInteger, nullable=False, index=True)


# Where each client stands now: every hint asks this one row first.
clients = Table(
    "clients",
    metadata,
    Column("client", _PSEUDONYM, primary_key=True),
    Column("risk_pseudonym", _PSEUDONYM, unique=True),  # of the same person in the cohort of each model
    Column("needs_pseudonym", _PSEUDONYM, unique=True),
    Column("office", _OFFICE),
    Column("caseworker", _STAFF, index=True),
    Column("assigned_on", _DAY),
    Column("consent_on", _DAY),  # the right in force since that day; null: not in force
    Column("objection_on", _DAY),
    Column("restriction_on", _DAY),
    Column("erased_on", _DAY),
    _seq(),
)

# What was recorded of rights, one row each; `clients` holds what is in force. One entry may tell of many clients.
rights = Table(
    "rights",
    metadata,
    Column("client", _PSEUDONYM, primary_key=True),
    Column("right", String(20), primary_key=True),
    Column("in_force", Boolean, nullable=False),
    Column("since", _DAY, nullable=False),
    Column("recorded_by", _STAFF, nullable=False),
    Column("recorded_at", _TIME, nullable=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False, index=True),
)

judgements = Table(
    "judgements",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client", _PSEUDONYM, nullable=False, index=True),
    Column("caseworker", _STAFF, nullable=False),
    Column("service_need", String(20), nullable=False),
    Column("chance_of_work", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    _seq(),
)

# Hints are made in batches; one that is not complete goes on where it stopped. `seq`: the entry that began it, then the
# one that completed it.
batches = Table(
    "batches",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("task", String(10), nullable=False),  # risk or needs
    Column("model", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("cohort", String(71), nullable=False),
    Column("as_of", _DAY, nullable=False),
    Column("valid_until", _TIME, nullable=False),
    Column("done_rows", Integer, nullable=False),  # rows of the cohort looked at so far
    Column("hints", Integer, nullable=False),  # hints made of them
    Column("completed_at", _TIME),
    _seq(),
)

# What a batch said of each client. Nobody is shown a hint before its batch is complete; the newest complete one stands.
# So a night's hints appear by one small write: moving them from table to table would keep every other writer waiting.
hints = Table(
    "hints",
    metadata,
    Column("client", _PSEUDONYM, primary_key=True),
    Column("task", String(10), primary_key=True),
    Column("batch", _ID, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("model", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("as_of", _DAY, nullable=False),
    Column("valid_until", _TIME, nullable=False),
    Column("content", Text, nullable=False),
)

# What was shown to whom, as it was shown.
advices = Table(
    "advices",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("judgement", _ID, nullable=False),
    Column("client", _PSEUDONYM, nullable=False),
    Column("caseworker", _STAFF, nullable=False),
    Column("office", _OFFICE),
    Column("at", _TIME, nullable=False),
    Column("source", String(10), nullable=False),  # stored or live
    Column("need", String(20)),  # the answer, for counts
    Column("band", String(10)),
    Column("models", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("advices_of_client", "client", "seq"),  # each index is a page more that every hint writes
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("advice", _ID, nullable=False, unique=True),
    Column("client", _PSEUDONYM, nullable=False, index=True),
    Column("caseworker", _STAFF, nullable=False),
    Column("agrees", String(10), nullable=False),
    Column("why", Text),
    Column("done", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    _seq(),
)

# Who looked at a client who was not theirs, until when, and why.
accesses = Table(
    "accesses",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client", _PSEUDONYM, nullable=False, index=True),
    Column("staff", _STAFF, nullable=False),
    Column("office", _OFFICE),
    Column("ground", String(20), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("until", _TIME, nullable=False),
    _seq(),
    Index("accesses_of_staff", "staff", "client", "until"),
)

stops = Table(
    "stops",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("model", String(64)),  # null: all of them
    Column("why", Text, nullable=False),
    Column("by", _STAFF, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("lifted_by", _STAFF),
    Column("lifted_at", _TIME),
    Column("lifted_why", Text),
    _seq(),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("who", _STAFF, primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("question", LargeBinary(32), nullable=False),  # what was asked, as a digest that nobody can try out
    Column("status", Integer, nullable=False),
    Column("answer", Text),  # null: a right of the client took it away; the key stays, so that nothing is done twice
    Column("client", _PSEUDONYM, index=True),
    Column("at", _TIME, nullable=False, index=True),
)

# Who is signed in on the pages.
sessions = session_table(metadata)

# Counts of months that are over, as they were first shown: asked again, they are the same.
published = Table(
    "published",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("content", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    _seq(),
)

# The log. Its chain covers a commitment to who, client and content; these may be taken out later, with proof.
log = Table(
    "log",
    metadata,
    # In SQLite an Integer key is the row's own number, and needs no index beside the rows.
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("at", _TIME, nullable=False),
    Column("action", String(40), nullable=False),
    Column("who", _STAFF),
    Column("role", String(30)),
    Column("client", _PSEUDONYM, index=True),
    Column("content", Text),
    Column("salt", String(32)),
    Column("commitment", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
