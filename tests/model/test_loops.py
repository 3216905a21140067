"""Feedback loops of a model: the same list in every process."""

from __future__ import annotations

import os
import subprocess
import sys

LISTED = """
import sdcluster
from sdcluster.model.graph import loops

for loop in loops(sdcluster.load("value_chain"), limit=50):
    print(loop.polarity, *loop.names, sep=", ")
"""


def test_every_process_lists_the_same_loops() -> None:
    lists = {
        subprocess.run(
            [sys.executable, "-c", LISTED],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    (listed,) = lists
    assert listed.count("\n") == 50
