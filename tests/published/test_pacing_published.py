"""The pacing model against its paper's base set for venture capital.

Takahashi and Alexander (2002), "Illiquid Alternative Asset Fund Modeling", Journal of Portfolio Management
28(2). The table follows from the printed inputs by the printed formulas.
"""

import numpy as np

from finance.fund import measures, pacing

GROWTH_RATE = 0.13
BASE_SET = {
    "commitment": 100.0,
    "contribution_rates": [0.25, 1 / 3, 0.50],
    "growth_rate": GROWTH_RATE,
    "life": 12,
    "bow": 2.5,
}

# Contribution, distribution rate, distribution, value after both.
TABLE = [
    (25.0, 0.002005, 0.0, 25.0),
    (25.0, 0.011340, 0.320362, 52.929638),
    (25.0, 0.031250, 1.869078, 82.941414),
    (12.5, 0.064150, 6.012384, 100.211413),
    (6.25, 0.112065, 12.690172, 106.798724),
    (3.125, 0.176777, 21.333864, 102.473695),
    (1.5625, 0.259891, 30.094201, 87.263573),
    (0.78125, 0.362887, 35.783539, 63.605549),
    (0.390625, 0.487139, 35.012781, 37.252114),
    (0.195312, 0.633938, 26.685556, 15.604646),
    (0.097656, 0.804505, 14.186033, 3.544873),
    (0.048828, 1.0, 4.005707, 0.048828),
]


def test_base_set_for_venture_capital():
    projected = pacing.takahashi_alexander(**BASE_SET)
    assert list(projected.columns) == ["contribution", "distribution_rate", "distribution", "nav"]
    assert list(projected.index) == list(range(1, 13))
    np.testing.assert_allclose(projected.to_numpy(), TABLE, rtol=0, atol=1e-6)


def test_internal_rate_of_the_base_set_is_its_growth():
    projected = pacing.takahashi_alexander(**BASE_SET)
    flows = (projected["distribution"] - projected["contribution"]).to_numpy(copy=True)
    flows[-1] += projected["nav"].iloc[-1]
    assert abs(measures.irr(flows, periods_per_year=1) - GROWTH_RATE) < 1e-13
