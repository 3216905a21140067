"""The words in which a model's behaviour can be asserted, one small class each."""

from sdcluster.checks.vocabulary.assertion import Assertion, Finding, Run, Runs
from sdcluster.checks.vocabulary.one_run import (
    Bounded,
    Drop,
    EarlyWarning,
    Final,
    Growth,
    Monotone,
    Number,
    Order,
    Peaks,
    SeveralPeaks,
    Value,
)
from sdcluster.checks.vocabulary.several_runs import Across, Ratio, SweepPeak, TwoEndStates
from sdcluster.checks.vocabulary.two_variables import Elasticity

KINDS: dict[str, type[Assertion]] = {
    word.kind: word
    for word in (
        Peaks,
        SeveralPeaks,
        Order,
        EarlyWarning,
        Value,
        Final,
        Number,
        Growth,
        Drop,
        SweepPeak,
        Monotone,
        Bounded,
        TwoEndStates,
        Ratio,
        Across,
        Elasticity,
    )
}

__all__ = ["KINDS", "Assertion", "Finding", "Run", "Runs"]
