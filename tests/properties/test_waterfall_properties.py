"""What must hold for every waterfall: nothing is lost, the hurdle is an internal rate, carry is a share of profit."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from finance.fund import measures, waterfall
from tests.properties.partnerships import amounts, columns_in_a_year, rates, scale_of
from tests.unit.waterfall_twin import deal_by_deal_twin, whole_fund_twin

thorough = settings(deadline=None, max_examples=200, derandomize=True)

carry_shares = st.one_of(st.sampled_from([0.0, 0.2]), st.floats(0.01, 0.5))
catch_up_shares = st.one_of(st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.floats(0.0, 1.0))


@st.composite
def any_fund(draw):
    """Calls and proceeds in any order."""
    n_periods = draw(st.integers(1, 12))
    return tuple(draw(hnp.arrays(float, n_periods, elements=amounts)) for _ in range(2))


@st.composite
def any_deals(draw):
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 8)))
    return tuple(draw(hnp.arrays(float, shape, elements=amounts)) for _ in range(2))


@st.composite
def any_terms(draw):
    return draw(rates), draw(carry_shares), draw(catch_up_shares), draw(columns_in_a_year)


def profit_so_far(paid_in, proceeds):
    """Proceeds beyond returned capital, by walking through the columns."""
    owed, profit, walked = 0.0, 0.0, []
    for call, receipt in zip(paid_in, proceeds, strict=True):
        owed += call
        profit += max(receipt - owed, 0.0)
        owed = max(owed - receipt, 0.0)
        walked.append(profit)
    return np.array(walked)


# --- the whole fund ---------------------------------------------------------------------------------------


@thorough
@given(any_fund(), any_terms())
def test_both_sides_sum_to_proceeds_and_neither_pays(fund, terms):
    lps, gp = waterfall.whole_fund(*fund, *terms)
    np.testing.assert_allclose(lps + gp, fund[1], rtol=1e-15)
    assert lps.min() >= 0.0
    assert gp.min() >= 0.0


@thorough
@given(any_fund(), any_terms())
def test_readable_twin_shares_alike(fund, terms):
    _, gp = waterfall.whole_fund(*fund, *terms)
    np.testing.assert_allclose(gp, whole_fund_twin(*fund, *terms), rtol=0, atol=1e-9 * scale_of(*fund))


@thorough
@given(any_fund(), any_terms())
def test_gp_gets_nothing_before_lps_have_capital_and_hurdle(fund, terms):
    paid_in, _ = fund
    lps, gp = waterfall.whole_fund(*fund, *terms)
    worth = (1.0 + terms[0]) ** (-np.arange(gp.size) / terms[3])
    lps_ahead = np.cumsum((lps - paid_in) * worth)
    assert np.all(lps_ahead[gp > 0.0] >= -1e-10 * scale_of(*fund))


@thorough
@given(any_fund(), any_terms())
def test_gp_never_holds_more_than_its_share_of_profit(fund, terms):
    _, gp = waterfall.whole_fund(*fund, *terms)
    limit = terms[1] * profit_so_far(*fund)
    assert np.all(np.cumsum(gp) <= limit + 1e-11 * scale_of(*fund))


@thorough
@given(any_fund(), rates, carry_shares, st.floats(0.6, 1.0), columns_in_a_year)
def test_past_a_full_catch_up_carry_is_a_share_of_profit_whatever_the_hurdle(fund, rate, carry, catch_up, in_year):
    paid_in, proceeds = fund
    proceeds = np.append(proceeds, 1e4 * scale_of(*fund))  # enough for any hurdle and catch-up
    paid_in = np.append(paid_in, 0.0)
    _, gp = waterfall.whole_fund(paid_in, proceeds, rate, carry, catch_up, in_year)
    expected = carry * profit_so_far(paid_in, proceeds)[-1]
    assert gp.sum() == pytest.approx(expected, rel=1e-11)


@thorough
@given(st.floats(1.0, 1000.0), st.integers(1, 12), rates, st.floats(0.01, 1.0), catch_up_shares, columns_in_a_year)
def test_lps_who_get_just_capital_and_hurdle_have_the_hurdle_as_internal_rate(
    paid, n_periods, rate, interim_share, catch_up, in_year
):
    # A receipt on the way, at most what is owed, and at the end what is owed then.
    growth = (1.0 + rate) ** (1.0 / in_year)
    paid_in, proceeds = np.zeros((2, 2 * n_periods + 1))
    paid_in[0] = paid
    proceeds[n_periods] = interim_share * paid
    proceeds[-1] = (paid * growth**n_periods - proceeds[n_periods]) * growth**n_periods
    lps, gp = waterfall.whole_fund(paid_in, proceeds, rate, 0.2, catch_up, in_year)
    np.testing.assert_allclose(gp, 0.0, atol=1e-10 * paid)
    assert measures.irr(lps - paid_in, in_year) == pytest.approx(rate, abs=1e-10)
    _, more = waterfall.whole_fund(paid_in, proceeds + np.eye(proceeds.size)[-1], rate, 0.2, catch_up, in_year)
    assert 0.2 - 1e-9 * paid <= more.sum() <= max(catch_up, 0.2) + 1e-9 * paid  # the next yuan is shared


@thorough
@given(any_fund(), any_terms(), rates, catch_up_shares, carry_shares)
def test_each_term_moves_carry_one_way(fund, terms, other_rate, other_catch_up, other_carry):
    rate, carry, catch_up, in_year = terms
    slack = 1e-10 * scale_of(*fund)

    def total(rate, carry, catch_up):
        return waterfall.whole_fund(*fund, rate, carry, catch_up, in_year)[1].sum()

    assert total(max(rate, other_rate), carry, catch_up) <= total(min(rate, other_rate), carry, catch_up) + slack
    assert (
        total(rate, carry, min(catch_up, other_catch_up)) <= total(rate, carry, max(catch_up, other_catch_up)) + slack
    )
    assert total(rate, min(carry, other_carry), catch_up) <= total(rate, max(carry, other_carry), catch_up) + slack
    assert total(rate, 0.0, 0.0) == 0.0


@thorough
@given(any_fund(), rates, carry_shares, columns_in_a_year)
def test_without_catch_up_carry_is_a_share_of_what_is_above_the_hurdle(fund, rate, carry, in_year):
    _, above_hurdle = waterfall.whole_fund(*fund, rate, 1.0, 1.0, in_year)
    _, gp = waterfall.whole_fund(*fund, rate, carry, 0.0, in_year)
    np.testing.assert_allclose(gp, carry * above_hurdle, rtol=0, atol=1e-11 * scale_of(*fund))
    at_carry = waterfall.whole_fund(*fund, rate, carry, carry, in_year)[1]
    np.testing.assert_array_equal(gp, at_carry)


@thorough
@given(any_fund(), any_terms(), st.floats(0.001, 1000.0))
def test_unit_of_money_does_not_matter(fund, terms, unit):
    _, gp = waterfall.whole_fund(*fund, *terms)
    _, scaled = waterfall.whole_fund(unit * fund[0], unit * fund[1], *terms)
    np.testing.assert_allclose(scaled, unit * gp, rtol=0, atol=1e-10 * unit * scale_of(*fund))


# --- deal by deal -----------------------------------------------------------------------------------------


@thorough
@given(any_deals(), any_terms(), st.booleans())
def test_deals_sum_to_proceeds_and_follow_the_twin(deals, terms, clawback):
    lps, gp = waterfall.deal_by_deal(*deals, *terms, clawback=clawback)
    slack = 1e-9 * scale_of(*deals)
    np.testing.assert_allclose(lps + gp, deals[1].sum(axis=0), rtol=0, atol=slack)
    np.testing.assert_allclose(gp, deal_by_deal_twin(*deals, *terms, clawback=clawback), rtol=0, atol=slack)


@thorough
@given(any_deals(), any_terms())
def test_after_a_clawback_the_gp_keeps_no_more_than_of_the_whole_fund(deals, terms):
    _, kept = waterfall.deal_by_deal(*deals, *terms, clawback=False)
    _, after = waterfall.deal_by_deal(*deals, *terms)
    _, whole = waterfall.whole_fund(deals[0].sum(axis=0), deals[1].sum(axis=0), *terms)
    slack = 1e-10 * scale_of(*deals)
    assert after.sum() == pytest.approx(min(kept.sum(), whole.sum()), abs=slack)
    np.testing.assert_array_equal(after[:-1], kept[:-1])


@thorough
@given(any_fund(), any_terms())
def test_one_deal_is_the_whole_fund(fund, terms):
    whole = waterfall.whole_fund(*fund, *terms)
    alone = waterfall.deal_by_deal(fund[0][np.newaxis], fund[1][np.newaxis], *terms)
    np.testing.assert_allclose(alone, whole, rtol=0, atol=1e-12 * scale_of(*fund))


@thorough
@given(any_deals(), any_terms())
def test_order_of_deals_does_not_matter(deals, terms):
    assume(deals[0].shape[0] > 1)
    forwards = waterfall.deal_by_deal(*deals, *terms)
    backwards = waterfall.deal_by_deal(deals[0][::-1], deals[1][::-1], *terms)
    np.testing.assert_allclose(forwards, backwards, rtol=0, atol=1e-11 * scale_of(*deals))
