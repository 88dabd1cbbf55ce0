"""Whether a case is like those that a model learnt from: values never seen, or values never seen together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml.contracts import Bools, Floats

from .encode import Encoder

USUAL = 0.999  # of the training part's rows are as near to the average as a familiar case
CHUNK = 20_000  # rows at a time


@dataclass(frozen=True)
class Familiarity:
    """Mahalanobis distance on the design columns, squared: how unusual values are together (Mahalanobis 1936).

    mean   (columns,) of the training part
    root   (columns, rank) turns deviations into independent ones of variance 1
    limit  99.9 % of the training part's rows are nearer
    """

    mean: Floats
    root: Floats
    limit: float

    def distance(self, encoder: Encoder, codes: Floats) -> Floats:
        """Return the squared distance of each row, (n,)."""
        found = np.empty(len(codes))
        for begin in range(0, len(codes), CHUNK):
            near = (encoder.design(codes[begin : begin + CHUNK]) - self.mean) @ self.root
            found[begin : begin + CHUNK] = (near * near).sum(axis=1)
        return found

    def far(self, encoder: Encoder, codes: Sequence[float]) -> bool:
        """Return whether a row is farther than the limit, codes (inputs,)."""
        near = encoder.design_row_times(codes, self.root) - self._mean_in_root
        return bool(near @ near > self.limit)

    @cached_property
    def _mean_in_root(self) -> Floats:
        return np.asarray(self.mean @ self.root)

    def unlike(self, encoder: Encoder, codes: Floats) -> Bools:
        """Return which rows are unlike the training part, (n,): by one value alone, or by all together."""
        return np.asarray(encoder.unfamiliar(codes).any(axis=1) | (self.distance(encoder, codes) > self.limit))


def fit_familiarity(encoder: Encoder, codes: Floats) -> Familiarity:
    """Return the familiarity of the training part's codes, (n, inputs)."""
    design = encoder.sparse_design(codes)
    mean = np.asarray(design.mean(axis=0)).ravel()
    covariance = np.asarray((design.T @ design).toarray()) / len(codes) - np.outer(mean, mean)
    variance, axes = np.linalg.eigh(covariance)
    # Columns that others determine (the last value of a category) have no axis of their own.
    kept = variance > variance.max() * 1e-6
    draft = Familiarity(mean, axes[:, kept] / np.sqrt(variance[kept]), np.inf)
    return Familiarity(mean, draft.root, float(np.quantile(draft.distance(encoder, codes), USUAL)))
