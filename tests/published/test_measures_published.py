"""Measures against numbers printed in, or derived from, published worked examples.

The two fund cases are small worked examples of the public-market equivalents; their results were printed in
the source and recomputed independently. The formulas are those of Kaplan and Schoar (2005), Long and Nickels
(1996), Rouvinez (2003) and Gredil, Griffiths and Stucke (2014).
"""

import numpy as np
import pytest

from finance.fund import measures

# Every digit that is given: half a unit of the tenth decimal (of the seventh for the negative position).
TENTH_DECIMAL = 5.1e-11

THREE_YEARS = {
    "paid_in": [25.0, 0.0, 0.0],
    "distributed": [0.0, 15.0, 0.0],
    "nav": 20.0,
    "index": [100.0, 115.0, 130.0],
}
FIVE_YEARS = {
    "paid_in": [100.0, 50.0, 0.0, 0.0, 0.0],
    "distributed": [0.0, 0.0, 60.0, 100.0, 0.0],
    "nav": 20.0,
    "index": [100.0, 105.0, 115.0, 100.0, 120.0],
}


def net_flows(fund):
    flows = np.subtract(fund["distributed"], fund["paid_in"])
    flows[-1] += fund["nav"]
    return flows


@pytest.mark.parametrize(
    ("measure", "published"),
    [
        (measures.ks_pme, 1.1371237458),
        (measures.ln_nav, 15.5434782609),
        (measures.ln_pme, 0.1436463302),
        (measures.pme_plus_scale, 0.7371794872),
        (measures.pme_plus, 0.1425164369),
        (measures.direct_alpha, 0.0875723809),
    ],
)
def test_three_year_fund_against_rising_index(measure, published):
    assert measure(**THREE_YEARS) == pytest.approx(published, rel=0, abs=TENTH_DECIMAL)


@pytest.mark.parametrize(
    ("measure", "published", "tolerance"),
    [
        (measures.ks_pme, 1.1437587658, TENTH_DECIMAL),
        (measures.ln_nav, -5.4658385, 5.1e-8),
        (measures.pme_plus_scale, 0.8605442177, TENTH_DECIMAL),
        (measures.pme_plus, 0.0204890886, TENTH_DECIMAL),
    ],
)
def test_five_year_fund_against_falling_and_rising_index(measure, published, tolerance):
    assert measure(**FIVE_YEARS) == pytest.approx(published, rel=0, abs=tolerance)


def test_long_nickels_rate_does_not_exist_where_the_index_runs_dry():
    assert np.isnan(measures.ln_pme(**FIVE_YEARS))


@pytest.mark.parametrize(("fund", "published"), [(THREE_YEARS, 0.2433981132), (FIVE_YEARS, 0.0776518123)])
def test_internal_rate_of_both_funds(fund, published):
    rate = measures.irr(net_flows(fund), periods_per_year=1)
    assert rate == pytest.approx(published, rel=0, abs=TENTH_DECIMAL)


def test_internal_rate_insead_2019():
    # INSEAD (2019): 12 paid, 40 back three years later.
    rate = measures.irr([-12.0, 0.0, 0.0, 40.0], periods_per_year=1)
    assert rate == pytest.approx(0.4938015822, rel=0, abs=TENTH_DECIMAL)


def test_multiples():
    # DPI(-10, -20, 15, 30) = 1.5, and 2.0 with a value of 15: definitions of the CFA Institute's GIPS (2020).
    paid_in, distributed = [10.0, 20.0, 0.0, 0.0], [0.0, 0.0, 15.0, 30.0]
    assert measures.dpi(paid_in, distributed) == 1.5
    assert measures.tvpi(paid_in, distributed, 15.0) == 2.0
    assert measures.rvpi(paid_in, 15.0) == 0.5
