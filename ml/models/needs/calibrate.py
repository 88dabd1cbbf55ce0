"""Margins → probabilities of the entities that keep their word: vector scaling, one temperature and a bias an entity.

Fitted by maximum likelihood on a part of its own, later than training: the biases make the mean prediction of every
entity equal its share there (Guo et al. 2017 name the method; one temperature for all entities keeps it to three
parameters, so that a small part serves).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, softmax

from ml.contracts import ENTITIES, Floats, Rows
from ml.measures.clusters import by_person
from ml.measures.shares import Z95

STEPS = 50
TOLERANCE = 1e-10
EDGE = 1e-9
FREE = len(ENTITIES)  # the slope, and the biases of all entities but the first, whose bias is 0


@dataclass(frozen=True)
class VectorScaling:
    """probabilities = softmax(slope × margins + bias); slope is the inverse temperature.

    bias        one an entity, the first 0
    covariance  of the slope and the other biases, robust, by person
    """

    slope: float
    bias: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]

    def probability(self, margins: Floats) -> Floats:
        """Return calibrated probabilities, (n, entities), each row summing to 1."""
        return np.asarray(softmax(self.slope * margins + np.array(self.bias), axis=1))

    def interval(self, margins: Floats) -> tuple[Floats, Floats]:
        """Return the 95 % intervals of the shares among people with these margins, (n, entities) both."""
        probability = np.clip(self.probability(margins), EDGE, 1 - EDGE)
        design = _design(margins)
        apart = design - (probability[:, :, None] * design).sum(axis=1, keepdims=True)
        gradient = apart / (1 - probability)[:, :, None]  # of each log-odds
        variance = np.einsum("nki,ij,nkj->nk", gradient, np.array(self.covariance), gradient)
        spread = Z95 * np.sqrt(np.maximum(variance, 0))
        return np.asarray(expit(logit(probability) - spread)), np.asarray(expit(logit(probability) + spread))


def vector_scaling(margins: Floats, entity: Rows, person: Rows) -> VectorScaling:
    """Return the calibration of a part.

    margins  (n, entities)
    entity   (n,) by its place in ENTITIES; each must be there
    person   (n,) rows of one person share a number

    Margins that say nothing, or the wrong way round, get slope 0: then every row has the shares of the part.
    """
    varies = np.ptp(margins - margins[:, :1], axis=0).max() > EDGE
    free = np.arange(FREE) if varies else np.arange(1, FREE)
    theta = _fit(margins, entity, free)
    if theta[0] <= 0 and varies:
        free = np.arange(1, FREE)
        theta = _fit(margins, entity, free)
    covariance = np.zeros((FREE, FREE))
    covariance[np.ix_(free, free)] = _sandwich(margins, entity, person, theta, free)
    return VectorScaling(
        float(theta[0]), (0.0, *map(float, theta[1:])), tuple(tuple(map(float, row)) for row in covariance)
    )


def _design(margins: Floats) -> Floats:
    """Return the derivatives of the scaled margins by the parameters, (n, entities, parameters)."""
    design = np.zeros((*margins.shape, FREE))
    design[:, :, 0] = margins
    for place in range(1, FREE):
        design[:, place, place] = 1.0
    return design


def _fit(margins: Floats, entity: Rows, free: Rows) -> Floats:
    """Return the parameters of greatest likelihood (Newton with halving); those not free stay 0."""
    design, theta = _design(margins)[:, :, free], np.zeros(len(free))
    loss = _loss(design, theta, entity)
    for _ in range(STEPS):
        gradient, curvature = _derivatives(design, theta, entity)
        step = np.linalg.lstsq(curvature, gradient.sum(axis=0), rcond=None)[0]
        while (after := _loss(design, theta + step, entity)) > loss and np.abs(step).max() > TOLERANCE:
            step = step / 2
        theta, loss = theta + step, after
        if np.abs(step).max() < TOLERANCE:
            break
    whole = np.zeros(FREE)
    whole[free] = theta
    return whole


def _loss(design: Floats, theta: Floats, entity: Rows) -> float:
    scaled = design @ theta
    return float(np.sum(np.logaddexp.reduce(scaled, axis=1) - scaled[np.arange(len(entity)), entity]))


def _derivatives(design: Floats, theta: Floats, entity: Rows) -> tuple[Floats, Floats]:
    """Return each row's gradient of the log likelihood, (n, free), and the information, (free, free)."""
    probability = softmax(design @ theta, axis=1)
    average = np.einsum("nk,nki->ni", probability, design)
    gradient = design[np.arange(len(entity)), entity] - average
    second = np.einsum("nk,nki,nkj->ij", probability, design, design, optimize=True) - average.T @ average
    return gradient, second


def _sandwich(margins: Floats, entity: Rows, person: Rows, theta: Floats, free: Rows) -> Floats:
    gradient, information = _derivatives(_design(margins)[:, :, free], theta[free], entity)
    bread, scores = np.linalg.pinv(information), by_person(gradient, person)
    return np.asarray(bread @ (scores.T @ scores) @ bread)
