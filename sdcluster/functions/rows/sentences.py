"""Sentences of the table about what a function does in a run here, made when they are said."""

from __future__ import annotations

from sdcluster.messages import Message, message

Two = tuple[Message, Message]


def time_value_measures() -> Message:
    """Say which measures GET TIME VALUE has."""
    return message("functions.stops.time_value_measures")


def vector_select_actions() -> Message:
    """Say which actions VECTOR SELECT has."""
    return message("functions.stops.vector_select_actions")


def shift_if_true_elements() -> Message:
    """Say how many elements SHIFT IF TRUE moves."""
    return message("functions.stops.shift_if_true_elements")


def clock_of_start() -> Two:
    """Say when CLOCKTIME takes the time, and what fixes it."""
    return message("functions.session.clock"), message("functions.session.clock_remedy")


def first_of_session() -> Two:
    """Say that no run precedes this one, and how to go on from another."""
    return message("functions.session.first"), message("functions.session.first_remedy")


def no_earlier_runs() -> Two:
    """Say that runs are not counted."""
    return message("functions.session.no_earlier_runs"), message("functions.session.count_remedy")


def no_sensitivity_run() -> Two:
    """Say that a run is not part of a sensitivity study."""
    return message("functions.session.not_sensitivity"), message("functions.session.count_remedy")


def no_pause() -> Two:
    """Say that a run does not pause."""
    return message("functions.session.no_pause"), message("functions.session.same_without")


def no_sound() -> Two:
    """Say that a run makes no sound."""
    return message("functions.session.no_sound"), message("functions.session.same_without")


def no_message() -> Two:
    """Say that a run shows no message."""
    return message("functions.session.no_message"), message("functions.session.same_without")
