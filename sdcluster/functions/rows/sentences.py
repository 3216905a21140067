"""Messages of the table about the behaviour of functions in a run here, created on demand."""

from __future__ import annotations

from sdcluster.messages import Message, message

Two = tuple[Message, Message]


def time_value_measures() -> Message:
    """Return the message that lists the measures of GET TIME VALUE."""
    return message("functions.stops.time_value_measures")


def vector_select_actions() -> Message:
    """Return the message that lists the actions of VECTOR SELECT."""
    return message("functions.stops.vector_select_actions")


def shift_if_true_elements() -> Message:
    """Return the message on the number of elements moved by SHIFT IF TRUE."""
    return message("functions.stops.shift_if_true_elements")


def clock_of_start() -> Two:
    """Return the message on when CLOCKTIME reads the clock, and how to fix its value."""
    return message("functions.session.clock"), message("functions.session.clock_remedy")


def first_of_session() -> Two:
    """Return the message that no run precedes this one, and how to continue from another run."""
    return message("functions.session.first"), message("functions.session.first_remedy")


def no_earlier_runs() -> Two:
    """Return the message that runs are not counted."""
    return message("functions.session.no_earlier_runs"), message("functions.session.count_remedy")


def no_sensitivity_run() -> Two:
    """Return the message that a run is not part of a sensitivity study."""
    return message("functions.session.not_sensitivity"), message("functions.session.count_remedy")


def no_pause() -> Two:
    """Return the message that a run does not pause."""
    return message("functions.session.no_pause"), message("functions.session.same_without")


def no_sound() -> Two:
    """Return the message that a run makes no sound."""
    return message("functions.session.no_sound"), message("functions.session.same_without")


def no_message() -> Two:
    """Return the message that a run shows no message."""
    return message("functions.session.no_message"), message("functions.session.same_without")
