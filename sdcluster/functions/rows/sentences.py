"""Messages on how some functions of the table behave in a run of sdcluster.

Each message is a function, so that its text is looked up only when it is shown.
"""

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
    """Return the message that says how many elements SHIFT IF TRUE may move."""
    return message("functions.stops.shift_if_true_elements")


def clock_of_start() -> Two:
    """Return two messages. They say when CLOCKTIME reads the clock, and how to fix its value."""
    return message("functions.session.clock"), message("functions.session.clock_remedy")


def first_of_session() -> Two:
    """Return two messages. They say that ENDVAL finds no earlier run, and how to continue from another run."""
    return message("functions.session.first"), message("functions.session.first_remedy")


def no_earlier_runs() -> Two:
    """Return two messages. They say that RUNCOUNT is 0 because runs are not counted, and what to use instead."""
    return message("functions.session.no_earlier_runs"), message("functions.session.count_remedy")


def no_sensitivity_run() -> Two:
    """Return two messages. They say that SENSIRUNCOUNT and SENSIRUNTOTAL are 0, and what to use instead."""
    return message("functions.session.not_sensitivity"), message("functions.session.count_remedy")


def no_pause() -> Two:
    """Return two messages. They say that a run does not pause, and that the results are the same without PAUSE."""
    return message("functions.session.no_pause"), message("functions.session.same_without")


def no_sound() -> Two:
    """Return two messages. They say that a run makes no sound, and that the results are the same without SOUND."""
    return message("functions.session.no_sound"), message("functions.session.same_without")


def no_message() -> Two:
    """Return two messages. They say that a run shows no message, and that the results are the same without MESSAGE."""
    return message("functions.session.no_message"), message("functions.session.same_without")
