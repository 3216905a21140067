"""Compute the positions of the bodies in a layout: linked bodies are near each other, and no bodies overlap.

Distances on paper approximate distances in the graph, by stress majorization (Gansner, Koren and North 2005, "Graph
drawing by stress majorization") from an initial layout by pivots (Brandes and Pich 2007). The same graph always has the
same positions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LENGTH = 105.0  # target length of a link in pixels
ROUNDS = 60  # of stress majorization
PUSHES = 400  # rounds in which bodies that overlap move apart
GAP = 14.0  # pixels between bodies
PIVOTS = 30


def distances(neighbours: Sequence[Sequence[int]], half: Array) -> Array:
    """Return the target distance of each pair of bodies, shape (n, n).

    The distance is proportional to the number of links on the shortest path, and longer between large bodies.
    """
    count = len(neighbours)
    steps = np.full((count, count), np.inf)
    for start in range(count):
        steps[start, start] = 0
        queue = deque([start])
        row = steps[start]
        while queue:
            here = queue.popleft()
            for other in neighbours[here]:
                if row[other] == np.inf:
                    row[other] = row[here] + 1
                    queue.append(other)
    size = np.sqrt(half[:, 0] * half[:, 1])
    far = LENGTH * steps + np.maximum(0, size[:, None] + size[None, :] - LENGTH)
    np.fill_diagonal(far, 0)
    return far


def stressed(far: Array) -> Array:
    """Return positions, shape (n, 2), that approximate the target distances by stress majorization.

    The weight of a pair is the inverse square of its target distance.
    """
    count = len(far)
    if count == 1:
        return np.zeros((1, 2))
    spots = _start(far)
    with np.errstate(divide="ignore"):
        weights = np.where(far > 0, far**-2.0, 0.0)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.inv(laplacian + 1.0 / count) - 1.0 / count
    pulls = weights * far
    for _ in range(ROUNDS if count < 400 else ROUNDS // 3):
        apart = spots[:, None, :] - spots[None, :, :]
        length = np.sqrt((apart**2).sum(axis=2))
        ratio = np.divide(pulls, length, out=np.zeros_like(length), where=length > 1e-9)
        spots = inverse @ (ratio.sum(axis=1)[:, None] * spots - ratio @ spots)
    return spots * np.array([1.25, 0.8])  # because pages and names are wider than high


def _start(far: Array) -> Array:
    """Return initial positions, shape (n, 2), from the distances to a few bodies (pivots) far from each other."""
    pivots = [0]
    while len(pivots) < min(len(far), PIVOTS):
        pivots.append(int(far[:, pivots].min(axis=1).argmax()))
    squares = far[:, pivots] ** 2
    centred = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    left, values, _ = np.linalg.svd(-centred / 2, full_matrices=False)
    spots = np.zeros((len(far), 2))
    found = left[:, :2] * np.sqrt(values[:2])
    spots[:, : found.shape[1]] = found
    # The sign of an axis is arbitrary, so it is fixed. Bodies with equal distances would have the same position, so all
    # positions are shifted a little.
    turn = np.arange(len(far)) * 2.399963
    spots *= np.where(spots[np.abs(spots).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    return spots + 12 * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def apart(spots: Array, half: Array) -> Array:
    """Return positions without overlaps: overlapping bodies move apart in the direction with the shorter way."""
    spots = spots.copy()
    one, other = np.triu_indices(len(spots), 1)
    room = half[one] + half[other] + GAP
    for count in range(1, PUSHES):
        if count % 30 == 0:
            spots *= 1.07  # crowded bodies need more space
        delta = spots[one] - spots[other]
        over = room - np.abs(delta)
        close = np.flatnonzero((over > 0.5).all(axis=1))
        if not len(close):
            break
        across = (over[close, 0] < over[close, 1]).astype(int)
        axis = 1 - across  # axis 0 pushes sideways, axis 1 up or down
        rows = np.arange(len(close))
        push = over[close][rows, axis] * np.where(delta[close][rows, axis] >= 0, 0.4, -0.4)
        np.add.at(spots, (one[close], axis), push)
        np.add.at(spots, (other[close], axis), -push)
    return spots
