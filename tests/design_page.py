"""The integrated model written out by hand, from decision 0017: what the model file and stand-ins are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

import numpy as np

# name of the stock, start
STOCKS = {
    "leader knowledge": 1.0,
    "follower knowledge": 0.8,
    "known practice": 1.0,
    "world frontier": 2.0,
    "technology ceiling": 2.0,
    "new technology": 0.0,
    "search effort": 0.0,
    "take off activity": 0.002,
    "social ties": 0.10,
    "economic ties": 0.05,
    "knowledge ties": 0.02,
    "lock in": 0.05,
    "chain position": 0.05,
    "dependence": 0.05,
}
LEVERS = {
    "openness": 0.5,
    "policy": 0.3,
    "property right protection": 0.6,
    "breeding share": 0.0,
}


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -700 else 0.0


def formulas(
    t: float, y: Sequence[float] | np.ndarray, levers: Mapping[str, float]
) -> tuple[list[float], dict[str, float]]:
    """Return the net rates of the fourteen stocks in the model's order, and the auxiliaries that lessons name."""
    L, F, known, W, C, B, E, A, Ns, Ne, Nk, R, V, D = y
    openness, policy, s = levers["openness"], levers["policy"], levers["breeding share"]
    protection, rate = levers["property right protection"], levers.get("breeding rate", 0.65)
    gap = max(L - F, 0)
    g = gap / L
    followers = F / max(L, F)
    coupling = 0.2 * Ns + 0.3 * Ne + 0.5 * Nk
    parity = 1 / (1 + (g / 0.08) ** 2)
    overreach = logistic((policy - 0.45) / 0.10)
    support = policy * (1 - overreach)
    after_policy = 1 / (1 + 2.4 * policy**2)
    after_buyers = 1 / (1 + 18 * D**2)
    outside = openness * 1.23 / (openness + 0.23) * followers * (0.3 + 0.7 * Nk)
    captured = logistic((D - 0.62) / 0.03)
    reachable = 1.3 * W
    headroom = max(reachable - C, 0) / reachable
    effort = 2.8 * s + (1 - s) * parity * E * (0.3 + 0.7 * protection)
    breeding = (
        rate * (0.14 + 1.6 * outside) * headroom * (0.3 + Nk) * (0.5 + 1.5 * support) * followers * effort
        * (1 - R) * after_policy * after_buyers * (1 - 0.7 * overreach) * (1 - 0.95 * captured)
    )  # fmt: skip
    take_off = A * B / 2
    innovation = 0.38 * (1 - 0.8 * s) * after_policy * (1 - R) * max(C - L, 0) * L / C
    frontier = 0.42 * outside * (1 - R) * max(min(C, W) - L, 0)
    diffusion = 0.45 * (0.25 + coupling) * max(known - F, 0) * (1 - 0.65 * protection)
    loss = 2.7 * 0.03 * R
    cognitive = parity * (1 - openness) ** 2 * Ne
    functional = 1.3 * captured
    political = 0.5 * overreach * policy
    opportunism = 0.53 * (1 - protection) * 0.95 * Ne
    pressure = cognitive + functional + political + opportunism
    renewal = 0.06 + 0.3 * (innovation + frontier) / L
    helped = 0.54 * outside + 0.78 * support

    def change_of_lock_in(r: float) -> tuple[float, float]:
        hard = 0.235 * pressure * (0.02 + r**2 / (r**2 + 0.29**2)) * (1 - r)
        return hard, 0.44 * r * (renewal + helped * (1 - r) ** 2)

    hardening, loosening = change_of_lock_in(R)
    worse, better = change_of_lock_in(0.3)
    ripe = B**4 / (1 + B**4)
    rates = [
        innovation + frontier - loss * L,
        diffusion - loss * F,
        (L - known) / 2.2,
        0.023 * W,
        0.4 * take_off * max(reachable - C, 0),
        breeding - take_off - 0.02 * B,
        (3.6 * parity * (1 - R) - E) / 13 - 3.5 * E * take_off,
        ((0.002 * ripe + A * B * (1 + 1.8 * A)) * (1 - A) - A - 0.3 * A**2) / 0.8,
        0.35 * Ns * (1 - Ns) - 0.03 * Ne * Ns,
        0.30 * Ne * (1 - Ne) * Ns * min(1, F) - 0.1 * R * Ne,
        0.25 * (Nk + 0.02) * (1 - Nk) * Ne * (0.2 + openness) - 0.19 * R * Nk,
        hardening - loosening,
        (min(1, L / (0.8 * W)) * Nk * (1 - R) * (1 - 0.45 * D) - V) / 12,
        (openness * (1 - V) * (1 - 0.35 * Nk) - D) / 20,
    ]
    named = {
        "gap": gap,
        "relative gap": g,
        "knowledge stock": 0.3 * L + 0.7 * F,
        "relative position": (0.3 * L + 0.7 * F) / W,
        "coupling": coupling,
        "parity": parity,
        "overreach": overreach,
        "support": support,
        "resources left": after_policy,
        "margin left": after_buyers,
        "outside learning": outside,
        "captured": captured,
        "headroom": headroom,
        "breeding effort": effort,
        "breeding": breeding,
        "take off": take_off,
        "innovation": innovation,
        "learning from the frontier": frontier,
        "diffusion": diffusion,
        "loss rate": loss,
        "cognitive pressure": cognitive,
        "functional pressure": functional,
        "political pressure": political,
        "opportunism pressure": opportunism,
        "lock in risk": worse / (worse + better),
    }
    return rates, named
