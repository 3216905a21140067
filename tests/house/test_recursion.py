"""Contexts for work on large trees leave the interpreter as they found it."""

import gc

import pytest

from sdcluster.recursion import without_collecting


def test_the_collector_goes_on_after_the_outermost_block():
    with without_collecting():
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_collector_goes_on_after_an_error():
    with pytest.raises(ValueError, match="inside"), without_collecting():
        raise ValueError("inside")
    assert gc.isenabled()


def test_a_program_that_keeps_the_collector_off_keeps_it_off():
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
