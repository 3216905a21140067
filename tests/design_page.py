"""The integrated model as its design page writes it, by hand: what models and stand-ins are held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

import numpy as np

# name of the stock, start on the design page
STOCKS = {
    "leader knowledge": 1.0,
    "follower knowledge": 0.8,
    "technology ceiling": 2.0,
    "new technology": 0.0,
    "take off activity": 0.002,
    "social ties": 0.10,
    "economic ties": 0.05,
    "knowledge ties": 0.02,
    "lock in": 0.05,
    "chain position": 0.05,
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
    """Return the net rates of the ten stocks in the model's order, and the auxiliaries that the page names."""
    L, F, C, B, A, Ns, Ne, Nk, R, V = y
    openness, policy, s = levers["openness"], levers["policy"], levers["breeding share"]
    protection, rate = levers["property right protection"], levers.get("breeding rate", 0.30)
    gap = max(L - F, 0)
    g = gap / L
    coupling = 0.2 * Ns + 0.3 * Ne + 0.5 * Nk
    parity = 1 / (1 + (g / 0.08) ** 2)
    overreach = logistic((policy - 0.45) / 0.10)
    support = policy * (1 - overreach)
    outside = openness * (F / L) * (0.3 + 0.7 * Nk)
    dependence = openness * (1 - V) * (1 - 0.35 * Nk)
    captured = logistic((dependence - 0.62) / 0.06)
    breeding = (
        rate * logistic((t - 8) / 0.5) * (0.15 + 1.2 * outside) * (0.3 + Nk) * (0.5 + 1.5 * support)
        * (F / L) * (s + (1 - s) * parity) * (1 - R) * (1 - 0.7 * overreach) * (1 - 0.8 * captured)
    )  # fmt: skip
    take_off = A * B / 1.5
    innovation = 0.35 * (1 - 0.8 * s) * (1 - R) * max(C - L, 0)
    diffusion = 0.45 * (0.25 + coupling) * gap
    loss = 4 * 0.03 * R
    cognitive = parity * (1 - openness) ** 2 * Ne
    functional = 0.9 * captured
    political = 0.8 * overreach * policy
    opportunism = 0.5 * (1 - protection) * 0.9 * Ne
    pressure = cognitive + functional + political + opportunism
    hardening = 0.18 * pressure * (0.04 + R**2 / (R**2 + 0.09)) * (1 - R)
    loosening = 0.35 * R * (
        0.06 + 0.55 * outside * (1 - R) + 0.55 * support * (1 - R) + 0.4 * innovation / L
    )  # fmt: skip
    rates = [
        innovation - loss * L,
        diffusion - loss * F,
        0.6 * take_off * C,
        breeding - take_off - 0.02 * B,
        (0.002 + A * (B - 1) - 0.3 * A**2) / 0.8,
        0.35 * Ns * (1 - Ns) - 0.03 * Ne * Ns,
        0.30 * Ne * (1 - Ne) * Ns * min(1, F) - 0.1 * R * Ne,
        0.25 * (Nk + 0.02) * (1 - Nk) * Ne * (0.2 + openness) - 0.15 * R * Nk,
        hardening - loosening,
        (min(1, L / 6) * Nk * (1 - R) * (1 - 0.5 * dependence) - V) / 12,
    ]
    named = {
        "gap": gap,
        "relative gap": g,
        "knowledge stock": 0.3 * L + 0.7 * F,
        "coupling": coupling,
        "parity": parity,
        "overreach": overreach,
        "support": support,
        "outside learning": outside,
        "dependence": dependence,
        "captured": captured,
        "breeding": breeding,
        "take off": take_off,
        "innovation": innovation,
        "diffusion": diffusion,
        "loss rate": loss,
        "cognitive pressure": cognitive,
        "functional pressure": functional,
        "political pressure": political,
        "opportunism pressure": opportunism,
        "lock in risk": hardening / (hardening + loosening),
    }
    return rates, named
