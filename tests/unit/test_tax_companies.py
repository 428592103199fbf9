"""Companies' tax: losses and their lives, refunds, rates, early relief, technology; worked by hand."""

from datetime import date

import numpy as np
import pytest

from finance.policy import tax

# --- carry-forward ------------------------------------------------------------------------------------------


def test_oldest_is_used_first():
    carried = tax.carry_forward([4.0, 5.0, 6.0, 0.0], [0.0, 0.0, 0.0, 7.0])
    assert carried.used.tolist() == [0.0, 0.0, 0.0, 7.0]
    assert carried.left_by_origin.tolist() == [0.0, 2.0, 6.0, 0.0]
    assert carried.left.tolist() == [4.0, 9.0, 15.0, 8.0]


def test_last_year_of_a_life_counts_and_then_it_expires():
    carried = tax.carry_forward([9.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0], life_years=2)
    assert carried.used.tolist() == [0.0, 1.0, 2.0, 0.0]
    assert carried.expired.tolist() == [0.0, 0.0, 6.0, 0.0]


def test_what_arises_can_be_used_in_its_own_year():
    carried = tax.carry_forward([3.0, 1.0], [2.0, 0.0], life_years=0)
    assert carried.used.tolist() == [2.0, 0.0]
    assert carried.expired.tolist() == [1.0, 1.0]


def test_lives_by_year_of_origin():
    # Before a company qualified five years, from five before it on ten.
    lives = tax.loss_life_years(np.arange(2020, 2034), 2028)
    assert lives.tolist() == [5.0] * 3 + [10.0] * 11
    losses = np.zeros((2, 14))
    losses[0, 2], losses[1, 3] = 1.0, 1.0
    carried = tax.carry_forward(losses, np.zeros(14), lives)
    assert np.argwhere(carried.expired).tolist() == [[0, 7], [1, 13]]


@pytest.mark.parametrize(("qualified", "life"), [(None, 5), (2018, 10), (2016, 10), (2023, 10), (2024, 5)])
def test_life_of_a_loss_of_2018(qualified, life):
    assert tax.loss_life_years(2018, qualified) == life


def test_loss_of_2012_is_too_old_even_for_a_company_that_qualified_before_2018():
    assert tax.loss_life_years(2012, 2010) == 5


# --- a company's tax ----------------------------------------------------------------------------------------


def test_losses_bring_no_cash_and_reduce_later_tax():
    paid = tax.company_tax([-10.0, -2.0, 5.0, 20.0], 0.25)
    assert paid.tax.tolist() == [0.0, 0.0, 0.0, 0.25 * 13.0]
    assert paid.losses.used.tolist() == [0.0, 0.0, 5.0, 7.0]


def test_losses_given_up_for_a_refund_are_not_carried():
    paid = tax.company_tax([-10.0, 20.0], 0.25, surrendered=[4.0, 9.0], refund_rate=0.145)
    assert paid.tax == pytest.approx([-0.58, 0.25 * 14.0])
    # No more than the loss can be given up.
    assert tax.company_tax([-10.0, 20.0], 0.25, surrendered=99.0, refund_rate=0.5).tax.tolist() == [-5.0, 5.0]


def test_rates_can_change_by_year():
    rates = tax.early_relief_rates(0.15, 6, holiday_years=2, half_rate_years=2)
    assert rates.tolist() == [0.0, 0.0, 0.075, 0.075, 0.15, 0.15]
    paid = tax.company_tax([10.0] * 6, rates)
    assert paid.tax == pytest.approx([0.0, 0.0, 0.75, 0.75, 1.5, 1.5])


def test_refundable_super_deduction_is_cash_in_the_valley():
    profit, research = [-10.0, -10.0, 30.0], [8.0, 8.0, 8.0]
    refunded = tax.super_deduction_saving(profit, research, 1.5, 0.25, refund_rate=0.145)
    assert refunded == pytest.approx([0.145 * 12.0, 0.145 * 12.0, 0.25 * 10.0])
    carried = tax.super_deduction_saving(profit, research, 1.5, 0.25)
    assert carried == pytest.approx([0.0, 0.0, 0.25 * 10.0])


def test_super_deduction_that_turns_a_profit_into_a_loss():
    saved = tax.super_deduction_saving([5.0, 20.0], [10.0, 0.0], 1.0, 0.25)
    assert saved == pytest.approx([1.25, 1.25])


def test_years_of_rates_must_be_those_of_profits():
    with pytest.raises(ValueError, match="profit has 3 columns but tax_rate has 2"):
        tax.company_tax([1.0, 1.0, 1.0], [0.1, 0.2])


# --- early relief -------------------------------------------------------------------------------------------


def test_relief_begins_with_the_company_or_with_its_first_profit():
    profit = np.array([[-1.0, -1.0, 4.0, 4.0, 4.0, 4.0], [-1.0] * 6])
    first = tax.first_profit_column(profit)
    assert first.tolist() == [2, 6]
    rates = tax.early_relief_rates(0.2, 6, first, 1, 2)
    assert rates[0].tolist() == [0.2, 0.2, 0.0, 0.1, 0.1, 0.2]
    assert rates[1].tolist() == [0.2] * 6
    from_the_start = tax.early_relief_rates(0.2, 6, 0, 1, 2)
    assert (tax.company_tax(profit[0], from_the_start).tax > tax.company_tax(profit[0], rates[0]).tax).any()


def test_scenario_of_the_seed():
    rates = tax.early_relief_rates(tax.HIGH_TECH_RATE.value, 12)
    assert rates.tolist() == [0.0] * 5 + [0.075] * 5 + [0.15] * 2


# --- rates and technology -----------------------------------------------------------------------------------


def test_lowest_rate_a_company_is_entitled_to():
    rates = tax.company_tax_rate([2.0, 2.0, 9.0, 9.0, -1.0], 100, 10.0, [False, True, False, True, False])
    assert rates.tolist() == [0.05, 0.05, 0.25, 0.15, 0.05]


def test_small_companies_pay_as_others_after_2027():
    assert tax.company_tax_rate(2.0, 100, 10.0, on=date(2027, 12, 31)) == 0.05
    assert tax.company_tax_rate(2.0, 100, 10.0, on=date(2028, 1, 1)) == 0.25
    assert tax.company_tax_rate(2.0, 100, 10.0, True, on=date(2028, 1, 1)) == 0.15


def test_technology_for_equity():
    deferred = tax.technology_for_equity_tax(1.0, 6.0, [0.0, 11.0])
    assert [part.tolist() for part in deferred] == [[0.0, 0.0], [0.0, 2.0]]
    at_once = tax.technology_for_equity_tax(1.0, 6.0, [0.0, 11.0], is_deferred=False)
    assert [part.tolist() for part in at_once] == [[1.0, 1.0], [0.0, 1.0]]


# --- research -----------------------------------------------------------------------------------------------


def test_only_companies_with_taxable_income_respond():
    response = tax.research_response(-0.25, [-0.15, -1.0, -2.6], has_taxable_income=[True, True, False])
    assert response[2] == 0.0
    assert response[:2] == pytest.approx([0.76 * (0.75**-0.15 - 1.0), 0.76 / 3.0])


def test_dearer_research_is_less_research():
    assert tax.research_response(0.2, -1.0) < 0.0
    assert tax.research_response(0.0, -2.6) == 0.0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tax.b_index(1.0, 1.0), "tax_rate: must be below 1"),
        (lambda: tax.b_index(25, 1.0), "tax_rate: a share is a number from 0 to 1, got 25"),
        (lambda: tax.b_index(0.25, -1.0), "share: amounts are positive"),
        (lambda: tax.user_cost_change(0.5, 1.0, 2.0), "share_before: research costs its user nothing"),
        (lambda: tax.research_response(-1.0), "user_cost_change: must be above -1"),
        (lambda: tax.research_response(-0.1, 1.0), "elasticity: must not be above 0"),
        (lambda: tax.carry_forward([1.0], [1.0], 2.5), "life_years: years and columns are whole numbers.*2.5"),
        (lambda: tax.carry_forward([1.0], [1.0], [[1.0, 2.0]]), "life_years: expected shape"),
        (lambda: tax.carry_forward([-1.0], [1.0]), "earned: amounts are positive"),
        (lambda: tax.carry_forward([1.0, np.nan], [1.0, 2.0]), "earned: every amount must be a finite number"),
        (lambda: tax.company_tax(1.0, 0.25), "profit: expected an array with time"),
        (lambda: tax.company_tax([1.0, np.inf], 0.25), "profit: every amount must be a finite number"),
        (lambda: tax.super_deduction_saving([1.0], [-1.0], 1.0, 0.25), "research: amounts are positive"),
        (lambda: tax.early_relief_rates(0.25, 5, holiday_years=-1), "holiday_years: years and columns"),
        (lambda: tax.super_deduction_value([1.0, 2.0, 3.0], [1.0, 2.0], 0.25), "do not broadcast"),
    ],
)
def test_wrong_arguments_are_explained(call, says):
    with pytest.raises(ValueError, match=says):
        call()
