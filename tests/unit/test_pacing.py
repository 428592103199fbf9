"""The pacing model at the edges: worked by hand, wrong arguments."""

import math

import numpy as np
import pytest

from finance.fund import pacing


def test_three_years_by_hand():
    # Half is called a year; a straight line gives out a third, two thirds, all of the grown value.
    projected = pacing.takahashi_alexander(100.0, [0.5], growth_rate=0.10, life=3, bow=1)
    assert projected["contribution"].tolist() == pytest.approx([50.0, 25.0, 12.5])
    assert projected["distribution_rate"].tolist() == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert projected["distribution"].tolist() == pytest.approx([0.0, 110 / 3, (55 - 110 / 3 + 25) * 1.1])
    assert projected["nav"].tolist() == pytest.approx([50.0, 55 - 110 / 3 + 25, 12.5])
    assert projected.index.name == "year"


def test_yield_floor_and_years_beyond_the_end():
    projected = pacing.takahashi_alexander(100.0, [1.0], 0.0, life=2, bow=2, yield_floor=0.5, years=4)
    assert projected["distribution_rate"].tolist() == [0.5, 1.0, 1.0, 1.0]
    assert projected["distribution"].tolist() == [0.0, 100.0, 0.0, 0.0]
    assert projected["nav"].tolist() == [100.0, 0.0, 0.0, 0.0]


def test_rates_may_be_an_array_and_outlast_the_life():
    projected = pacing.takahashi_alexander(10.0, np.array([0.2, 0.5, 0.9]), 0.1, life=2, bow=1)
    assert projected["contribution"].tolist() == pytest.approx([2.0, 4.0])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"commitment": -1.0}, "commitment: must be a finite number of at least 0, got -1"),
        ({"commitment": math.nan}, "commitment: must be a finite number"),
        ({"contribution_rates": []}, "contribution_rates: expected a list"),
        ({"contribution_rates": [25, 33]}, "contribution_rates: expected a list.*25"),
        ({"contribution_rates": 0.5}, "contribution_rates: expected a list"),
        ({"contribution_rates": [math.nan]}, "contribution_rates: expected a list"),
        ({"growth_rate": -1.5}, "growth_rate: must be a finite number of at least -1"),
        ({"growth_rate": math.inf}, "growth_rate: must be a finite number"),
        ({"life": 0}, "life: must be a whole number of at least 1, got 0"),
        ({"life": 2.5}, "life: must be a whole number"),
        ({"bow": -1}, "bow: must be a finite number of at least 0"),
        ({"yield_floor": 5}, "yield_floor: a share"),
        ({"years": 0}, "years: must be a whole number"),
        ({"years": True}, "years: must be a whole number"),
    ],
)
def test_wrong_arguments_are_explained(changes, says):
    terms = {"commitment": 100.0, "contribution_rates": [0.25], "growth_rate": 0.13, "life": 12, "bow": 2.5}
    with pytest.raises(ValueError, match=says):
        pacing.takahashi_alexander(**(terms | changes))
