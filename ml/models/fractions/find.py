"""From people unemployed on one day to client groups for planning: as many as are stable, and only as aggregates."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from ml.contracts import Role, Stock
from ml.disclosure import redact
from ml.errors import DataError
from ml.models.fractions.aggregate import DISSOLVED, aggregated
from ml.models.fractions.axes import number_of_axes
from ml.models.fractions.coding import Coded, code
from ml.models.fractions.number import FULL, MOST, Effort, choose, try_numbers
from ml.models.fractions.partition import fit_partition
from ml.models.fractions.report import Fractions, Tried
from ml.models.fractions.stability import refit
from ml.progress import Say, silent

FEWEST = 200  # people; among fewer, halves are too small to say anything
FINAL_STARTS = 20


def fractions(stock: Stock, seed: int, say: Say = silent, effort: Effort = FULL) -> Fractions:
    """Return the client groups of people unemployed on one day, or why there are none to show.

    The largest number of groups is taken that come again in other halves (prediction strength of 0.8 or more), are
    packed more closely than those of twins without groups, and come again more reliably than theirs; then each group is
    tried by redrawing. Where any of it fails, the answer is that there is insufficient evidence. Same stock, seed and
    versions, same answer. Nobody's group leaves this function. Raises DataError when a column is no feature.
    """
    _check(stock)
    # One thread: sums over several come in no fixed order, and on matrices so small they cost more than they save.
    with threadpool_limits(1):
        return _found(stock, seed, say, effort)


def _found(stock: Stock, seed: int, say: Say, effort: Effort) -> Fractions:
    rng = np.random.default_rng(seed)
    if len(stock) < FEWEST:
        return _none(stock, seed, f"fewer than {FEWEST} people: too few to find groups among")
    coded = code(stock.features, stock.columns)
    say("looking for what goes together")
    axes = number_of_axes(_sample(coded, rng), rng)
    if not axes:
        return _none(stock, seed, "the columns do not go together more than by chance")
    say("holding halves against each other")
    tried = try_numbers(coded, axes, effort, rng)
    chosen, why = choose(tried)
    if chosen is None:
        return _none(stock, seed, why, tried, axes)
    say("drawing people anew")
    partition = fit_partition(coded.matrix, axes, chosen, rng, FINAL_STARTS)
    again = [refit(coded.matrix, partition, MOST, rng) for _ in range(effort.redraws)]
    if not (np.mean([each.jaccard for each in again], axis=0) >= DISSOLVED).any():
        return _none(stock, seed, "every group dissolves when people are drawn anew", tried, axes)
    groups, hidden = aggregated(stock, partition.groups(coded.matrix), chosen, again)
    columns = tuple(column.name for column in coded.columns)
    return Fractions(stock.as_of, redact(len(stock)), columns, axes, chosen, why, tried, groups, hidden, seed,
                     stock.digest)  # fmt: skip


def _check(stock: Stock) -> None:
    for column in stock.columns:
        if column.role is not Role.FEATURE or column.use_in_model:
            raise DataError(
                f"{stock.name}: column {column.name} is no feature but {column.role}: client groups are made of "
                "behaviour and needs alone; take it out of the declaration"
            )


def _none(stock: Stock, seed: int, why: str, tried: tuple[Tried, ...] = (), axes: int = 0) -> Fractions:
    columns = tuple(column.name for column in stock.columns)
    why = f"insufficient evidence: {why}"
    return Fractions(stock.as_of, redact(len(stock)), columns, axes, None, why, tried, (), 0, seed, stock.digest)


def _sample(coded: Coded, rng: np.random.Generator) -> Coded:
    """Return at most as many people as two halves have."""
    if len(coded) <= 2 * MOST:
        return coded
    rows = rng.choice(len(coded), 2 * MOST, replace=False)
    return Coded(coded.matrix[rows], coded.column, coded.columns)
