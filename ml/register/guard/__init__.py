"""The leakage guard: an old cohort, rebuilt from a later extract, must have the same numbers.

Two things are held against each other, so that neither excuses the other:

1. A leak. From the later extract everything that was entered after the old as-of date is removed, file by file, and
   the cohort is built from what is left; and it is built from the whole later extract as of the old day. Any
   difference is a leak: something reads what it should not see.
2. A rewritten history. The rebuilt cohort is compared with the old one. A register that is only added to gives the
   same numbers. A record that was changed afterwards carries its new day of entry, so the rebuilt cohort lacks it:
   such a difference is explained by a late record of that person, and listed. A difference that none explains raises.

Values that are missing on one side only, in columns that k-anonymity generalises, count as generalised: two extracts
need not suppress the same people. Where the later extract's window opened later than the old one's, only looks are
compared whose five years of history it still holds whole.
"""

from ml.register.guard.catalogued import require_catalogued, require_catalogued_columns, require_catalogued_needs
from ml.register.guard.rebuilt import Guard, rebuilt

__all__ = ["Guard", "rebuilt", "require_catalogued", "require_catalogued_columns", "require_catalogued_needs"]
