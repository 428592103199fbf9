"""Bundles of arrays that compiled functions hand on by where they are."""

from typing import NamedTuple

import numpy as np
import pytest
from numba.core.errors import LoweringError, TypingError

from finance.compiling import njit
from finance.market.held import hold


class Pair(NamedTuple):
    amounts: np.ndarray
    factor: float


class Nested(NamedTuple):
    inner: Pair


@njit
def scale_all(pair):
    for place in range(len(pair.amounts)):
        pair.amounts[place] *= pair.factor


@njit
def scale(pair, times):
    held = hold(pair)
    for _ in range(times):
        scale_all(held)
    again = hold(Pair(pair.amounts[1:], 10.0))
    scale_all(again)


@njit
def look_inside(nested):
    return hold(nested).inner.factor


@njit
def look_for_more(pair):
    return hold(pair).more


def test_what_is_held_is_the_bundle_itself():
    amounts = np.array([1.0, 2.0, 3.0])
    scale(Pair(amounts, 2.0), 3)
    assert amounts.tolist() == [8.0, 160.0, 240.0]


def test_a_held_array_that_nothing_else_names_lives_as_long_as_it_is_needed():
    """Held arrays count no references, so those of the caller must keep them."""
    for _ in range(1000):
        amounts = np.ones(5)
        scale(Pair(amounts, 2.0), 1)
        assert amounts.tolist() == [2.0, 20.0, 20.0, 20.0, 20.0]


def test_a_bundle_in_a_bundle_is_refused():
    """Its arrays would be given back without having been counted."""
    with pytest.raises((LoweringError, TypeError), match="references that nobody would count"):
        look_inside(Nested(Pair(np.ones(1), 2.0)))


def test_only_the_fields_of_the_bundle_are_found():
    with pytest.raises(TypingError, match="more"):
        look_for_more(Pair(np.ones(1), 2.0))
