"""Waterfalls at the edges: worked by hand, shapes, wrong arguments."""

import math

import numpy as np
import pytest

from finance.fund import waterfall

TERMS = {"hurdle_rate": 0.08, "carry_share": 0.20}


@pytest.mark.parametrize(
    ("proceeds", "catch_up_share", "to_gp"),
    [
        (90.0, 1.0, 0.0),
        (108.0, 1.0, 0.0),
        (109.0, 1.0, 1.0),
        (110.0, 1.0, 2.0),
        (120.0, 1.0, 4.0),
        (109.0, 0.5, 0.5),
        (108.0 + 16.0 / 3.0, 0.5, 8.0 / 3.0),  # caught up: a fifth of 8 + 16/3
        (120.0, 0.5, 4.0),
        (120.0, 0.2, 2.4),  # a share of no more than the carry catches nothing up
        (120.0, 0.1, 2.4),
        (120.0, 0.0, 2.4),
    ],
)
def test_one_year_by_tiers(proceeds, catch_up_share, to_gp):
    lps, gp = waterfall.whole_fund([100.0, 0.0], [0.0, proceeds], **TERMS, catch_up_share=catch_up_share)
    assert gp.sum() == pytest.approx(to_gp, abs=1e-12)
    assert lps.sum() == pytest.approx(proceeds - to_gp, abs=1e-12)


def test_call_counts_before_proceeds_of_its_column():
    lps, gp = waterfall.whole_fund([100.0], [150.0], **TERMS)
    assert (lps.sum(), gp.sum()) == pytest.approx((140.0, 10.0))  # no time, no hurdle, full catch-up


def test_unpaid_hurdle_bears_the_hurdle():
    # Capital back after a year; 8 are owed, after another year 8.64.
    _, gp = waterfall.whole_fund([100.0, 0.0, 0.0], [0.0, 100.0, 8.64 + 1.0], **TERMS)
    np.testing.assert_allclose(gp, [0.0, 0.0, 1.0], rtol=1e-13)


def test_quarters_compound_to_years():
    paid_in, proceeds = np.zeros((2, 9))
    paid_in[0], proceeds[8] = 100.0, 100.0 * 1.08**2 + 1.0
    _, gp = waterfall.whole_fund(paid_in, proceeds, **TERMS, periods_per_year=4)
    assert gp.sum() == pytest.approx(1.0, rel=1e-12)


def test_call_after_carry_is_returned_first():
    # 20 of profit, 4 of them carry; then 10 more are called and lost in part: no clawback within the whole fund.
    lps, gp = waterfall.whole_fund([100.0, 0.0, 10.0, 0.0], [0.0, 120.0, 0.0, 6.0], **TERMS)
    np.testing.assert_allclose(gp, [0.0, 4.0, 0.0, 0.0], rtol=1e-13)
    np.testing.assert_allclose(lps, [0.0, 116.0, 0.0, 6.0], rtol=1e-13)


def test_without_hurdle_carry_is_of_all_profit_whatever_the_catch_up():
    for catch_up_share in (0.0, 0.5, 1.0):
        _, gp = waterfall.whole_fund([100.0, 0.0], [30.0, 120.0], 0.0, 0.2, catch_up_share)
        np.testing.assert_allclose(gp, [0.0, 10.0], rtol=1e-13)


def test_clawback_takes_back_what_the_whole_fund_would_not_have_paid():
    # A gains 90, B loses 30 of 50: carry 18, of the whole fund 12.
    paid_in, proceeds = [[10.0, 0.0, 0.0], [50.0, 0.0, 0.0]], [[0.0, 100.0, 0.0], [0.0, 0.0, 20.0]]
    _, kept = waterfall.deal_by_deal(paid_in, proceeds, 0.0, 0.2, clawback=False)
    lps, gp = waterfall.deal_by_deal(paid_in, proceeds, 0.0, 0.2)
    np.testing.assert_allclose(kept, [0.0, 18.0, 0.0], rtol=1e-13)
    np.testing.assert_allclose(gp, [0.0, 18.0, -6.0], rtol=1e-13)
    np.testing.assert_allclose(lps, [0.0, 82.0, 26.0], rtol=1e-13)


def test_deal_below_its_hurdle_pays_no_carry_though_the_whole_fund_would():
    paid_in, proceeds = [[100.0, 0.0], [100.0, 0.0]], [[0.0, 150.0], [0.0, 105.0]]
    _, gp = waterfall.deal_by_deal(paid_in, proceeds, **TERMS)
    _, whole = waterfall.whole_fund([200.0, 0.0], [0.0, 255.0], **TERMS)
    assert gp.sum() == pytest.approx(10.0)
    assert whole.sum() == pytest.approx(11.0)


def test_leading_axes_broadcast_and_arguments_stay_as_they_are():
    generator = np.random.default_rng(2)
    paid_in, proceeds = generator.random((4, 1, 8)), 3.0 * generator.random((5, 8))
    before = paid_in.copy(), proceeds.copy()
    lps, gp = waterfall.whole_fund(paid_in, proceeds, **TERMS, periods_per_year=4)
    assert lps.shape == gp.shape == (4, 5, 8)
    np.testing.assert_array_equal(
        gp[2, 3], waterfall.whole_fund(paid_in[2, 0], proceeds[3], **TERMS, periods_per_year=4)[1]
    )
    by_deal = waterfall.deal_by_deal(paid_in, proceeds, **TERMS)
    assert by_deal[0].shape == by_deal[1].shape == (4, 8)
    np.testing.assert_array_equal(paid_in, before[0])
    np.testing.assert_array_equal(proceeds, before[1])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: waterfall.whole_fund([1.0, 0.0], [1.0], **TERMS), "paid_in has 2 columns but proceeds has 1"),
        (lambda: waterfall.whole_fund([1.0, math.nan], [1.0, 2.0], **TERMS), "paid_in: every amount must be a finite"),
        (lambda: waterfall.whole_fund([1.0, 0.0], [-1.0, 2.0], **TERMS), "proceeds: amounts are positive"),
        (lambda: waterfall.whole_fund(1.0, [1.0], **TERMS), "paid_in: expected an array with time"),
        (lambda: waterfall.whole_fund([1.0], [1.0], 8, 0.2), "hurdle_rate: a rate is a decimal a year"),
        (lambda: waterfall.whole_fund([1.0], [1.0], 0.08, 20), "carry_share: a share is a number from 0 to 1, got 20"),
        (lambda: waterfall.whole_fund([1.0], [1.0], 0.08, 0.2, -0.5), "catch_up_share: a share"),
        (lambda: waterfall.whole_fund([1.0], [1.0], 0.08, 0.2, 1.0, 0), "periods_per_year: must be a number above 0"),
        (lambda: waterfall.deal_by_deal([1.0], [1.0], **TERMS), r"deal_paid_in: expected deals as the axis.*\(1,\)"),
        (lambda: waterfall.deal_by_deal(np.ones((0, 3)), np.ones((0, 3)), **TERMS), "expected deals as the axis"),
        (lambda: waterfall.deal_by_deal(np.ones((2, 3)), np.ones((4, 3)), **TERMS), "do not broadcast"),
    ],
)
def test_wrong_arguments_are_explained(call, says):
    with pytest.raises(ValueError, match=says):
        call()
