"""Which way a cause moves its effect, read from the equation."""

from __future__ import annotations

import pytest

import sdcluster
from sdcluster.model.graph import causal_graph
from tests.workshop import aux, xmile

SHARES = [
    ("x / (x + k)", "+", "-"),
    ("c + x ^ 2 / (x ^ 2 + k ^ 2)", "+", "-"),
    ("c * x / (k + x)", "+", "-"),
    ("c * x * x / (x * x + k * k)", "+", "-"),
    ("1 - x / (x + k)", "-", "+"),
    ("x / (x + k * x)", "?", "-"),  # no share of x: it stands in the rest too
    ("x * (k - x) / (x + k)", "?", "?"),
    ("k / (x + k)", "-", "+"),
]


@pytest.mark.parametrize(("equation", "of_x", "of_k"), SHARES)
def test_a_share_rises_with_what_it_is_a_share_of(tmp_path, equation, of_x, of_k):
    path = tmp_path / "shares.xmile"
    body = aux("x", "1 + time") + aux("k", "2") + aux("c", "0.1") + aux("y", equation)
    path.write_text(xmile(body), encoding="utf-8")
    graph = causal_graph(sdcluster.load(path))
    assert graph.edges["x", "y"]["polarity"] == of_x
    assert graph.edges["k", "y"]["polarity"] == of_k
