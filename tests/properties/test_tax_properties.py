"""What must hold for any company, angel and partner: nothing is used twice, generosity never costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from finance.policy import tax
from tests.unit.tax_twin import angel_twin, bracket_twin, carry_forward_twin, elect_twin

thorough = settings(deadline=None, max_examples=150, derandomize=True)
brief = settings(deadline=None, max_examples=50, derandomize=True)

amounts = st.one_of(st.just(0.0), st.floats(0.01, 1000.0))
gains = st.one_of(st.just(0.0), st.floats(0.01, 1000.0), st.floats(-1000.0, -0.01))
shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))
rates = st.floats(0.0, 0.5)
lives = st.one_of(st.none(), st.integers(0, 12))


@st.composite
def years_of(draw, *elements):
    """Several arrays over the same 1 to 12 years."""
    n_years = draw(st.integers(1, 12))
    return [draw(hnp.arrays(float, n_years, elements=element)) for element in elements]


def slack(*values):
    return 1e-11 * (1.0 + sum(np.abs(value).sum() for value in values))


# --- carried forward ----------------------------------------------------------------------------------------


@thorough
@given(years_of(amounts, amounts), lives)
def test_used_expired_and_left_are_what_was_earned(flows, life):
    earned, income = flows
    carried = tax.carry_forward(earned, income, life)
    to_date = np.cumsum(carried.used + carried.expired) + carried.left
    np.testing.assert_allclose(to_date, np.cumsum(earned), rtol=0, atol=slack(earned))
    assert carried.left[-1] == pytest.approx(carried.left_by_origin.sum())
    assert min(part.min() for part in carried) >= 0.0


@thorough
@given(years_of(amounts, amounts), lives)
def test_no_more_is_used_than_there_is_nor_than_can_be(flows, life):
    earned, income = flows
    carried = tax.carry_forward(earned, income, life)
    assert np.all(carried.used <= income + slack(earned, income))
    assert np.all(np.cumsum(carried.used) <= np.cumsum(earned) + slack(earned))
    # And nothing is left or expires in a year with income to spare.
    is_spare = income > carried.used + slack(earned, income)
    assert np.all(carried.left[is_spare] + carried.expired[is_spare] <= slack(earned, income))


@thorough
@given(years_of(amounts, amounts, st.integers(0, 8).map(float)))
def test_oldest_goes_first_as_in_the_twin(flows):
    earned, income, life = flows
    carried = tax.carry_forward(earned, income, life)
    used, expired, left = carry_forward_twin(list(earned), list(income), [int(years) for years in life])
    tolerance = slack(earned, income)
    np.testing.assert_allclose(carried.used, np.sum(used, axis=0), rtol=0, atol=tolerance)
    np.testing.assert_allclose(carried.expired, expired, rtol=0, atol=tolerance)
    np.testing.assert_allclose(carried.left_by_origin, left, rtol=0, atol=tolerance)


@thorough
@given(years_of(amounts, amounts))
def test_something_younger_is_touched_only_when_the_older_is_used_up(flows):
    earned, income = flows
    left = tax.carry_forward(earned, income).left_by_origin
    touched = np.flatnonzero(left < earned - slack(earned, income))
    if touched.size:
        assert np.all(left[: touched[-1]] <= slack(earned, income))


@thorough
@given(years_of(amounts, amounts), st.integers(0, 8), st.integers(0, 8))
def test_longer_life_never_uses_less_to_date(flows, life, more):
    short, long = (np.cumsum(tax.carry_forward(*flows, years).used) for years in (life, life + more))
    assert np.all(long >= short - slack(*flows))


@brief
@given(st.integers(2, 5), years_of(amounts, amounts), lives)
def test_companies_at_once_are_each_by_itself(n_companies, flows, life):
    earned = np.outer(np.arange(n_companies), flows[0])
    together = tax.carry_forward(earned, flows[1], life)
    for company in range(n_companies):
        alone = tax.carry_forward(earned[company], flows[1], life)
        for one, all_of_it in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one, all_of_it[company])


# --- a company's tax ----------------------------------------------------------------------------------------


@thorough
@given(years_of(gains), rates, lives)
def test_tax_is_never_negative_and_never_above_that_without_losses(flows, rate, life):
    (profit,) = flows
    paid = tax.company_tax(profit, rate, life).tax
    assert np.all(paid >= 0.0)
    assert np.all(paid <= rate * np.maximum(profit, 0.0) + slack(profit))


@thorough
@given(years_of(gains, amounts), rates, lives, rates)
def test_tax_is_negative_only_by_a_refund_of_what_was_given_up(flows, rate, life, refund_rate):
    profit, surrendered = flows
    paid = tax.company_tax(profit, rate, life, surrendered, refund_rate).tax
    most = refund_rate * np.minimum(surrendered, np.maximum(-profit, 0.0))
    assert np.all(paid >= -most - slack(profit))
    assert np.all(paid[profit >= 0.0] >= 0.0)


@thorough
@given(years_of(gains, amounts), rates, lives, st.floats(0.0, 3.0), st.floats(0.0, 3.0), rates)
def test_more_super_deduction_never_raises_tax_to_date(flows, rate, life, share, more, refund_rate):
    profit, research = flows
    for refund in (0.0, refund_rate):
        less_saved, more_saved = (
            np.cumsum(tax.super_deduction_saving(profit, research, k, rate, life, refund))
            for k in (share, share + more)
        )
        if refund == 0.0:
            assert np.all(more_saved >= less_saved - slack(profit, 10.0 * research))
            assert np.all(more_saved <= rate * (share + more) * np.cumsum(research) + slack(profit, 10.0 * research))
        assert np.all(less_saved >= -slack(profit, 10.0 * research))


@thorough
@given(years_of(gains), rates, st.integers(0, 6), st.integers(0, 6), st.integers(0, 3), st.integers(0, 3))
def test_longer_relief_of_early_companies_never_raises_tax(flows, rate, holiday, half, more_holiday, more_half):
    (profit,) = flows
    first = tax.first_profit_column(profit)
    n_years = profit.size
    less = tax.early_relief_rates(rate, n_years, first, holiday, half)
    more = tax.early_relief_rates(rate, n_years, first, holiday + more_holiday, half + more_half)
    paid = [tax.company_tax(profit, relieved).tax for relieved in (rate, less, more)]
    assert np.all(paid[0] >= paid[1])
    assert np.all(paid[1] >= paid[2])


@thorough
@given(years_of(amounts, gains), shares, shares)
def test_larger_deduction_never_uses_less(flows, share, other):
    lower, higher = sorted((share, other))
    terms = tax.INVESTMENT_DEDUCTION.value
    less, more = (tax.corporate_deduction(*flows, terms._replace(share=one)) for one in (lower, higher))
    assert np.all(np.cumsum(more.used) >= np.cumsum(less.used) - slack(*flows))
    assert np.all(more.used <= np.maximum(flows[1], 0.0) + slack(*flows))


@thorough
@given(amounts, amounts, amounts)
def test_technology_that_is_exempt_further_is_taxed_less(income, exempt, more):
    less_exempt, more_exempt = (tax.technology_transfer_income(income, e) for e in (exempt, exempt + more))
    assert 0.0 <= more_exempt <= less_exempt <= income / 2.0


@thorough
@given(amounts, amounts, amounts, rates)
def test_deferral_of_technology_for_equity_never_raises_tax(cost, value, proceeds, rate):
    now, later = (sum(tax.technology_for_equity_tax(cost, value, proceeds, rate, d)) for d in (False, True))
    assert later <= now + slack(cost, value, proceeds)


@thorough
@given(st.floats(0.0, 0.30), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_research_responds_more_the_cheaper_it_gets(rate, share, more):
    change = tax.user_cost_change(rate, share, share + more)
    assert change <= 1e-12
    responses = tax.research_response(min(change, 0.0), tax.ELASTICITY.value)
    assert np.all(np.diff(responses) >= 0.0)
    assert responses[0] >= 0.0


# --- angels -------------------------------------------------------------------------------------------------


@st.composite
def any_angel(draw):
    n_deals, n_periods = draw(st.integers(1, 4)), draw(st.integers(1, 10))
    whole = hnp.arrays(int, n_deals, elements=st.integers(0, n_periods + 1))
    return (
        draw(hnp.arrays(float, n_deals, elements=amounts)),
        draw(hnp.arrays(float, (n_deals, n_periods), elements=gains)),
        draw(whole),
        draw(whole),
        draw(hnp.arrays(bool, n_deals)),
    )


@thorough
@given(any_angel())
def test_angels_deductions_add_up_and_tax_is_that_of_the_rest(angel):
    cost, realised, *_ = angel
    taxed = tax.angel_tax(*angel)
    tolerance = slack(cost, realised)
    total = taxed.used.sum(axis=-1) + taxed.expired.sum(axis=-1) + taxed.left
    np.testing.assert_allclose(total, taxed.earned, rtol=0, atol=tolerance)
    room = np.maximum(realised, 0.0).sum(axis=0)
    assert np.all(taxed.used.sum(axis=0) <= room + tolerance)
    np.testing.assert_allclose(taxed.tax, 0.2 * (room - taxed.used.sum(axis=0)), rtol=0, atol=tolerance)
    assert min(part.min() for part in taxed) >= -tolerance
    assert np.all(taxed.tax >= 0.0)


@thorough
@given(any_angel())
def test_angels_deductions_are_those_of_the_twin(angel):
    cost, realised, invested, liquidated, eligible = angel
    used = angel_twin(cost, realised, invested, liquidated, eligible, 0.7, 2, 3)
    np.testing.assert_allclose(tax.angel_tax(*angel).used, used, rtol=0, atol=slack(cost, realised))


@thorough
@given(any_angel(), st.integers(0, 4))
def test_longer_reuse_never_raises_an_angels_tax_to_date(angel, years):
    terms = tax.INVESTMENT_DEDUCTION.value
    short, long = (
        np.cumsum(tax.angel_tax(*angel, terms=terms._replace(reuse_years=reuse)).tax) for reuse in (years, years + 1)
    )
    assert np.all(long <= short + slack(angel[0], angel[1]))


@thorough
@given(amounts, amounts, rates, shares, shares, shares, shares)
def test_more_generous_terms_never_raise_tax_on_a_gain(cost, proceeds, rate, share, other, deducted, more_deducted):
    lower, higher = sorted((share, other))
    less, more = sorted((deducted, more_deducted))
    due = tax.gain_tax(cost, proceeds, rate, [lower, higher, lower], [less, less, more])
    assert np.all(due[1:] <= due[0])
    assert np.all(due >= 0.0)
    assert due[0] <= rate * max(0.0, proceeds - cost)


# --- partners -----------------------------------------------------------------------------------------------


@st.composite
def any_partner(draw):
    sizes = st.one_of(st.just(0.0), st.floats(0.001, 2.0))
    both = st.one_of(sizes, st.floats(-2.0, -0.001))
    n_years = draw(st.integers(1, 9))
    return [draw(hnp.arrays(float, n_years, elements=e)) for e in (both, sizes, sizes, sizes)]


@brief
@given(any_partner(), st.floats(0.0, 0.2))
def test_election_is_never_worse_than_either_and_is_the_best_there_is(flows, discount_rate):
    read = tax.partner_flows(*flows)
    chosen = tax.elect(read, discount_rate)
    worth = (1.0 + discount_rate) ** -np.arange(flows[0].size)
    either = [np.sum(paid * worth) for paid in (chosen.single_fund_tax, chosen.whole_income_tax)]
    assert chosen.present_value <= min(either)
    assert chosen.present_value == pytest.approx(np.sum(chosen.tax * worth), abs=1e-12)
    best = elect_twin(list(zip(*flows, strict=True)), discount_rate, tax.BUSINESS_INCOME.value)
    assert chosen.present_value == pytest.approx(best, abs=1e-11)
    assert np.all(chosen.tax >= 0.0)
    np.testing.assert_array_equal(chosen.single_fund_tax, tax.single_fund_tax(read))
    np.testing.assert_array_equal(chosen.whole_income_tax, tax.whole_income_tax(read))


@brief
@given(any_partner(), st.floats(0.0, 0.2))
def test_election_is_one_for_each_lock_and_its_tax_that_of_the_choice(flows, discount_rate):
    read = tax.partner_flows(*flows)
    chosen = tax.elect(read, discount_rate)
    for start in range(0, flows[0].size, 3):
        assert len(set(chosen.is_whole_income[start : start + 3].tolist())) == 1
    whole = tax.whole_income_tax(read, is_whole_income=chosen.is_whole_income)
    expected = np.where(chosen.is_whole_income, whole, chosen.single_fund_tax)
    np.testing.assert_allclose(chosen.tax, expected, rtol=0, atol=1e-12)


@brief
@given(any_partner(), any_partner(), st.floats(0.0, 0.2))
def test_choice_in_advance_is_never_worse_than_either_on_average(one, other, discount_rate):
    n_years = min(one[0].size, other[0].size)
    both = [np.stack([a[:n_years], b[:n_years]]) for a, b in zip(one, other, strict=True)]
    read = tax.partner_flows(*both)
    chosen = tax.elect(read, discount_rate, knows_its_path=False)
    worth = (1.0 + discount_rate) ** -np.arange(n_years)
    for paid in (chosen.single_fund_tax, chosen.whole_income_tax):
        assert chosen.present_value.mean() <= np.sum(paid * worth, axis=-1).mean()
    assert np.array_equal(chosen.is_whole_income[0], chosen.is_whole_income[1])
    assert tax.elect(read, discount_rate).present_value.mean() <= chosen.present_value.mean() + 1e-12


# --- schedules, talent, long holdings, abroad -----------------------------------------------------------------


@thorough
@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.sampled_from([tax.BUSINESS_INCOME, tax.COMPREHENSIVE_INCOME]))
def test_schedules_are_those_of_the_twin_and_leave_more_of_more(income, more, rule):
    due = tax.progressive_tax([income, income + more], rule.value)
    assert due[0] == pytest.approx(bracket_twin(income, *rule.value), abs=1e-12)
    assert 0.0 <= due[0] <= due[1] + 1e-12
    assert due[1] - due[0] <= rule.value.rates[-1] * more + 1e-12


@thorough
@given(st.floats(0.0, 5.0), shares, shares)
def test_talent_never_bears_more_than_its_rate_nor_than_before(salary, rate, other):
    lower, higher = sorted((rate, other))
    due, refund = tax.salary_tax(salary), tax.talent_refund(salary, lower)
    assert 0.0 <= tax.talent_refund(salary, higher) <= refund <= due
    assert due - refund <= lower * max(0.0, salary - 0.06) + 1e-12


@thorough
@given(
    hnp.arrays(float, (3, 2), elements=gains),
    hnp.arrays(float, (3, 2), elements=st.floats(0.0, 10.0)),
    amounts,
    shares,
    st.floats(0.0, 5.0),
)
def test_holding_longer_never_lowers_the_relief(sold, years, due, individual_share, longer):
    relief = tax.holding_relief(due, sold, years, individual_share)
    assert np.all((relief >= 0.0) & (relief <= individual_share * due))
    if np.all(sold >= 0.0):
        assert np.all(tax.holding_relief(due, sold, years + longer, individual_share) >= relief)


@thorough
@given(
    st.sampled_from([tax.SEIS, tax.EIS, tax.VCT]), amounts, amounts, st.floats(0.0, 8.0), rates, rates, st.floats(0, 9)
)
def test_british_schemes_never_leave_an_investor_worse(rule, invested, proceeds, years, income_rate, gain_rate, longer):
    outcome = tax.scheme_outcome(rule.value, invested, proceeds, years, income_rate, gain_rate)
    tolerance = slack(invested, proceeds)
    outside = proceeds - invested - gain_rate * max(0.0, proceeds - invested)
    assert outcome.net >= outside - tolerance
    assert min(part for part in outcome[:-1]) >= 0.0
    assert outcome.relief_withdrawn <= outcome.income_tax_relief
    later = tax.scheme_outcome(rule.value, invested, proceeds, years + longer, income_rate, gain_rate)
    assert later.net >= outcome.net - tolerance


@thorough
@given(amounts, amounts, st.floats(0.0, 8.0), st.floats(0.0, 8.0))
def test_qsbs_held_longer_is_never_taxed_more(cost, proceeds, years, longer):
    now, later = tax.qsbs_tax(cost, proceeds, [years, years + longer], 0.20)
    assert 0.0 <= later <= now <= 0.20 * max(0.0, proceeds - cost) + slack(cost, proceeds)
