"""Spells of unemployment and how they end, as the register knew them on a day.

    what the records say                                      what it means for the spell
    --------------------------------------------------------  ---------------------------------------------------------
    code 02 or 03, in no spell                                begins, on the record's first day
    code 00, 02, 03, 07, 08                                   goes on; in no spell, 00, 07 and 08 begin none
    code 01 or 04 for 28 days or more                         ends on their first day ("01", "04")
    code 01 or 04 for fewer than 28 days                      goes on; work that follows on work is one stretch of work
    code 05 or 06                                             ends on its first day ("05", "06")
    no record for more than 28 days                           ends on the first day without one ("left")
    no record for 28 days or fewer                            goes on
    the last record reaches the as-of date                    under way, censored there
    at the as-of date: work, for fewer than 28 days so far    not certain: under way, censored on the work's first day
    at the as-of date: no record, for 28 days or fewer        not certain: under way, censored on the first such day
    it began before the register's window opened              left out and counted: its true start is not known
    it began in the first five years of the window            left out and counted: its history would be cut short
    it began in the 90 days before the as-of date             left out and counted: nothing certain is known of it yet
    it was under way 90 days before the as-of date            under way, censored there, whatever is known of it since

`duration_days` counts the days from the first day to the first day after (or to the censoring). A record is known
from the day it was entered, its end from the day that was entered; as a person has one code at a time, a record
whose end is not known ends, at the latest, where the next known one begins.

The window opens on the day on which the first known spell ended: an extract of everybody who was a jobseeker from a
day on holds no spell that ended before it. Those under way on that day are seen because they lasted, and would make
spells look longer than they are.

Follow-up ends 90 days before the as-of date. Of the last days not all is told: work becomes an end only after 28
days, and ends are entered up to two months late. Were spells followed to the as-of date, those that end would drop
out as "not certain" while those that go on stay, and spells would look longer than they are: of spells that began in
the last year and a half of the synthetic register 16.2 % seemed to reach a year, where 13.1 % do.

Sources: long-term unemployed are those registered as unemployed without a break for at least a year, and those alike
("rinnasteiset") for at least 12 of the last 16 months: Ministry of Economic Affairs and Employment, Employment Service
Statistics, footnotes of table 902 (Statistics Finland, StatFin, 2016). How long a break must be, the published
definitions that could be found (2026-11-24) do not say; Kela's statistics of benefits begin a new spell after 9 days
without payment. The four weeks are the project's own rule (issue 3): they keep a month's substitute job or a late
renewal from starting the count anew, and are written once, in `TOLERATED_DAYS`.
"""

from __future__ import annotations

from ml.register.schema import Words
from ml.register.schema.codes import EMPLOYMENT_CODES

TOLERATED_DAYS = 28  # a gap may last so long; work must last so long to end a spell
SETTLED_DAYS = 90  # before the as-of date; then all ends are certain and entered
SETTLED_MONTHS = 3  # the same, in whole months
HISTORY_YEARS = 5  # features look back so far; where the register holds less, a history looks better than it was
LATEST_LOOK_DAYS = 28  # a look that comes later than this after its landmark is left out
UNDER_WAY = "under way"
LEFT = "left"
ENDINGS = {
    "01": EMPLOYMENT_CODES["01"],
    "04": EMPLOYMENT_CODES["04"],
    "05": EMPLOYMENT_CODES["05"],
    "06": EMPLOYMENT_CODES["06"],
    LEFT: Words("left the register", "ei enää työnhakijana", "inte längre arbetssökande"),
    UNDER_WAY: Words("still unemployed", "edelleen työttömänä", "fortfarande arbetslös"),
}
