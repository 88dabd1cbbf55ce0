"""Which rule of whole records holds where, and how hard.

What may lie ahead differs by table. Services and plans are arranged beforehand, so a first day after the as-of date
is told and passes. Benefits and self-ratings can only be written down once they have come to pass. The others can
be told to the office a little ahead (a move, a furlough from Monday): entered first is told and passes, but nothing
may begin after the as-of date. Nothing at all can have been entered after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ml.register.intake import record_rules as rules
from ml.register.intake.finding import Rule
from ml.register.intake.record_rules import RecordRule
from ml.register.intake.records import OLDEST, YOUNGEST
from ml.register.schema import TABLES, Table

PLANNED = ("services", "plans")
PAST = ("benefits", "abilitator")

_CORRECT_DAYS = "correct the days at the source"

REPEAT = Rule("repeated row", "a row is the same as an earlier one in every column", "deliver each record once")
KEY = Rule(
    "shared key",
    "rows say different things under one key (see DATA_DICTIONARY.md), so none of them can be trusted",
    "deliver one record a key",
)
ORPHAN = Rule("person not in jobseekers", "the person has no record in jobseekers", "deliver the person, too")
MIXED = Rule(
    "artificial person among real ones",
    "the person is made up (individual number 900–999) and others are not",
    "leave test persons out",
)
BIRTH = Rule(
    "birth date disagrees",
    "the date of birth is another than the identity code says",
    "correct the date of birth or the identity code",
)
GENDER = Rule(
    "gender disagrees",
    "the gender is another than the identity code says (it may have been corrected lately)",
    "check the gender at the source",
    hard=False,
)
AGE = Rule(
    "impossible age",
    f"the person was under {YOUNGEST} or over {OLDEST} years old when it happened",
    "correct the identity code or the day",
)
ARRIVAL = Rule("arrival before birth", "the person came to Finland before being born", "correct the day of arrival")
PLAN = Rule(
    "integration plan ends before it starts", "the integration plan's last day lies before its first", _CORRECT_DAYS
)
PLAN_START = Rule(
    "integration plan without start",
    "the integration plan has a last day and no first",
    "add the first day at the source",
    hard=False,
)
END_FIRST = Rule("end before start", "the last day lies before the first", _CORRECT_DAYS)
FUTURE = Rule(
    "after the as-of date",
    "a day lies after the day up to which the extract knows",
    "correct the day, or give the extract's own day with --as-of",
)
PLANNED_AHEAD = Rule(
    "planned ahead",
    "a service or meeting lies after the as-of date",
    "nothing, if it was planned; correct the day otherwise",
    hard=False,
)
END_AHEAD = Rule(
    "end known ahead",
    "the last day lies after the as-of date",
    "nothing, if it was agreed; correct the day otherwise",
    hard=False,
)
_WRITTEN_FIRST = "the record was entered before what it tells had happened"
ENTERED_FIRST = Rule("entered before it happened", _WRITTEN_FIRST, _CORRECT_DAYS)
SAID_AHEAD = Rule("entered ahead", _WRITTEN_FIRST, "nothing, if it was told ahead; correct the days otherwise", False)
END_NOT_ENTERED = Rule(
    "end without its entry",
    "there is a last day and not the day on which it was entered",
    "deliver end_entered wherever end is given",
)
ENTERED_NO_END = Rule(
    "entry of an end without end",
    "the end was entered on a day and there is no last day",
    "deliver end wherever end_entered is given",
)
END_ENTERED_FIRST = Rule("end entered before the record", "the end was entered before the record itself", _CORRECT_DAYS)
OVERLAP = Rule(
    "overlap",
    "a record lasts until the same person's next one begins, or longer",
    "end each before the next begins",
)
DAYS_PAID = Rule(
    "more days paid than the period has",
    "more benefit days were paid than the period has days",
    "correct days_paid or the period",
)
ENDING = Rule(
    "ending without end", "how a service ended is given and no last day", "add the last day at the source", hard=False
)


def rules_of(table: Table) -> Iterator[RecordRule]:
    """Yield the rules of whole records that hold for a table, the hard ones among them."""
    yield from _of_every_table(table)
    yield from _of_time(table)
    if table.end is not None:
        yield from _of_ends(table, table.end)
    yield from _of_one_table(table.name)


def _of_every_table(table: Table) -> Iterator[RecordRule]:
    name = table.name
    yield RecordRule(REPEAT, name, (), rules.repeats)
    yield RecordRule(KEY, name, table.key, rules.shares_key)
    yield RecordRule(AGE, name, ("identity_code", table.happened), rules.of_impossible_age)
    if name != "jobseekers":
        yield RecordRule(ORPHAN, name, ("identity_code",), rules.of_nobody)


def _of_time(table: Table) -> Iterator[RecordRule]:
    name, happened, entered = table.name, table.happened, table.entered
    yield RecordRule(FUTURE, name, (entered,), rules.after_as_of(entered))
    yield RecordRule(PLANNED_AHEAD if name in PLANNED else FUTURE, name, (happened,), rules.after_as_of(happened))
    if name not in PLANNED:
        entered_first = ENTERED_FIRST if name in PAST else SAID_AHEAD
        yield RecordRule(entered_first, name, (happened, entered), rules.known_before(entered, happened))


def _of_ends(table: Table, end: str) -> Iterator[RecordRule]:
    name, entry = table.name, table.end_entered
    yield RecordRule(END_FIRST, name, (table.happened, end), rules.before(end, table.happened))
    if name not in PLANNED:
        yield RecordRule(FUTURE if name in PAST else END_AHEAD, name, (end,), rules.after_as_of(end))
    if table.alone:
        yield RecordRule(OVERLAP, name, (table.happened, end), rules.reaches_into_next)
    if entry is not None:
        yield RecordRule(FUTURE, name, (entry,), rules.after_as_of(entry))
        yield RecordRule(END_NOT_ENTERED, name, (end, entry), rules.given_without(end, entry))
        yield RecordRule(ENTERED_NO_END, name, (end, entry), rules.given_without(entry, end))
        yield RecordRule(END_ENTERED_FIRST, name, (table.entered, entry), rules.before(entry, table.entered))


def _of_one_table(name: str) -> Iterator[RecordRule]:
    plan = ("integration_plan_start", "integration_plan_end")
    match name:
        case "jobseekers":
            yield RecordRule(MIXED, name, ("identity_code",), rules.artificial_among_real)
            yield RecordRule(BIRTH, name, ("birth_date",), rules.birth_disagrees)
            yield RecordRule(GENDER, name, ("gender",), rules.gender_disagrees)
            yield RecordRule(
                ARRIVAL, name, ("birth_date", "arrived_in_finland"), rules.before("arrived_in_finland", "birth_date")
            )
            yield RecordRule(FUTURE, name, ("arrived_in_finland",), rules.after_as_of("arrived_in_finland"))
            yield RecordRule(PLAN, name, plan, rules.before(plan[1], plan[0]))
            yield RecordRule(PLAN_START, name, plan, rules.given_without(plan[1], plan[0]))
        case "services":
            yield RecordRule(ENDING, name, ("ended", "end"), rules.given_without("ended", "end"))
        case "benefits":
            yield RecordRule(DAYS_PAID, name, ("start", "end", "days_paid"), rules.more_days_than_period)


RECORD_RULES = tuple(rule for table in TABLES.values() for rule in rules_of(table))
HARD_RULES = tuple(each for each in RECORD_RULES if each.rule.hard)
SOFT_RULES = tuple(each for each in RECORD_RULES if not each.rule.hard)
