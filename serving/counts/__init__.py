"""What a service manager sees of a month: how many clients, in a fixed set of tables, and nobody through them.

    seen (store) → tables (exact counts) → drawn (moved by chance, small offices together) → published (as shown)

`made` does this once for each month; `fractions` reads the client groups for planning, which are of other data.

Five rules, and what each is for:

* A table is a partition of the clients of the month: each is in one cell of it, by their latest hint. So each person
  moves one cell of a group, and that of all together, by one. What was said of a hint is crossed with its service need
  and with its band for all offices together alone: by office the cells would be too small, and be two more to move.
* Every count is moved by a chance of its own (noise.py) before anything else is made of it. Whoever knows all but one
  person of an office knows the count without that person, and would read plain rounded counts exactly whenever the one
  person moves a count over a step. Moved counts tell them what a coin that is a little uneven tells.
* What is under FEWEST after that is not shown, zero or not: that a cell is empty tells who knows one person in it.
  Nothing is shown of fewer than ml.disclosure.THRESHOLD people, whatever the chance was; the rest is rounded.
* Totals have a chance of their own. Before the counts leave, we reckon what totals leave of each cell that is not
  shown (reckoned.py), and draw anew where that is less wide than the rounding.
* A month is drawn once, when somebody first asks for it after it has closed, or before a purge could take what it is
  made of, and kept as it was shown: asked again, or after somebody was erased, it says the same. There are no filters.
"""
