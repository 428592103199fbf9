"""Partners' election, schedules, talent, and reliefs abroad; worked by hand."""

import numpy as np
import pytest

from finance.policy import tax

NO_SCHEDULE = tax.Schedule((0.0,), (0.1,))

# --- schedules and talent -----------------------------------------------------------------------------------


def test_brackets():
    schedule = tax.Schedule((0.0, 1.0, 3.0), (0.1, 0.2, 0.5))
    assert tax.progressive_tax([0.0, 1.0, 2.0, 3.0, 5.0], schedule) == pytest.approx([0.0, 0.1, 0.3, 0.5, 1.5])


@pytest.mark.parametrize(
    ("income", "due"), [(0.03, 0.0015), (0.09, 0.0075), (0.30, 0.0495), (0.50, 0.1095), (1.0, 0.2845)]
)
def test_business_income_by_quick_deductions(income, due):
    # Rate times income less 0, 1,500, 10,500, 40,500, 65,500 yuan (recalled).
    assert tax.progressive_tax(income, tax.BUSINESS_INCOME.value) == pytest.approx(due, rel=1e-12)


def test_talent_below_fifteen_percent_gets_nothing():
    assert tax.talent_refund([0.0, 0.05, 0.2]).tolist() == [0.0, 0.0, 0.0]
    assert tax.talent_refund(1.0) == pytest.approx(0.24308 - 0.15 * 0.94)


# --- the two accounts ---------------------------------------------------------------------------------------


def test_single_fund_forgets_losses_fee_carry_and_unused_deductions():
    flows = tax.partner_flows([-10.0, 10.0, 10.0], [1.0, 0.0, 0.0], expenses=3.0, deduction=[0.0, 12.0, 4.0])
    assert tax.single_fund_tax(flows) == pytest.approx([0.2, 0.0, 1.2])


def test_whole_income_carries_losses_and_deductions():
    flows = tax.partner_flows([-10.0, 10.0, 10.0], [1.0, 0.0, 0.0], expenses=[3.0, 0.0, 0.0], deduction=[0.0, 6.0, 0.0])
    # Loss 12: the second year is free, the third 10 - 2 - 6 = 2.
    assert tax.whole_income_tax(flows, NO_SCHEDULE) == pytest.approx([0.0, 0.0, 0.2])


def test_losses_of_whole_income_expire():
    flows = tax.partner_flows([-10.0] + [0.0] * 5 + [10.0])
    assert tax.whole_income_tax(flows, NO_SCHEDULE)[-1] == pytest.approx(1.0)
    assert tax.whole_income_tax(flows, NO_SCHEDULE, life_years=6)[-1] == 0.0


def test_deduction_that_comes_free_in_a_year_of_the_other_election_is_lost():
    flows = tax.partner_flows([1.0, 1.0], deduction=[0.5, 0.0])
    assert tax.whole_income_tax(flows, NO_SCHEDULE, is_whole_income=[False, True]) == pytest.approx([0.0, 0.1])


# --- the election -------------------------------------------------------------------------------------------


def test_large_gain_is_taxed_by_fund_and_small_ones_as_income():
    large = tax.elect(tax.partner_flows([5.0, 0.0, 0.0]), 0.08)
    assert not large.is_whole_income.any()
    assert large.tax[0] == pytest.approx(1.0)
    small = tax.elect(tax.partner_flows([0.05, 0.0, 0.0]), 0.08)
    assert small.is_whole_income.all()
    assert small.tax[0] == pytest.approx(0.0035)


def test_losses_make_whole_income_worth_choosing_and_the_next_lock_may_differ():
    flows = tax.partner_flows([-4.0, 2.0, 2.0, 9.0, 9.0, 9.0])
    chosen = tax.elect(flows, 0.08)
    assert chosen.is_whole_income.tolist() == [True] * 3 + [False] * 3
    assert chosen.tax == pytest.approx([0.0, 0.0, 0.0, 1.8, 1.8, 1.8])
    worth = 1.08 ** -np.arange(6)
    assert chosen.present_value == pytest.approx((chosen.tax * worth).sum())
    assert chosen.present_value < min(
        (paid * worth).sum() for paid in (chosen.single_fund_tax, chosen.whole_income_tax)
    )


def test_lock_holds_for_three_years():
    # Alone, the second year would be whole income and the others single-fund.
    flows = tax.partner_flows([9.0, 0.02, 9.0, 0.0])
    assert tax.elect(flows, 0.0).is_whole_income.tolist() == [False] * 4
    assert tax.elect(flows, 0.0, tax.SINGLE_FUND.value._replace(lock_years=1)).is_whole_income.tolist()[1]


def test_loss_is_taken_over_a_lock_of_the_other_election():
    # A loss in the first lock, worth most in the third; single-fund in between.
    flows = tax.partner_flows([-1.0, 0.0, 0.0, 50.0, 0.0, 0.0, 1.2, 0.0, 0.0])
    years = tax.elect(flows, 0.0, life_years=10).is_whole_income.tolist()
    assert years == [True] * 3 + [False] * 3 + [True] * 3


def test_one_choice_in_advance_is_worse_than_hindsight_and_better_than_neither():
    flows = tax.partner_flows([[5.0, 0.0, 0.0], [0.05, 0.0, 0.0], [-1.0, 1.0, 0.0]])
    ahead, after = (tax.elect(flows, 0.05, knows_its_path=known) for known in (False, True))
    assert (ahead.is_whole_income == ahead.is_whole_income[0]).all()
    assert after.is_whole_income[:, 0].tolist() == [False, True, True]
    assert after.present_value.mean() < ahead.present_value.mean()


# --- abroad -------------------------------------------------------------------------------------------------


def test_early_sale_pays_relief_back():
    seis = tax.SEIS.value
    won = tax.scheme_outcome(seis, 0.1, 0.3, 2.0, 0.40, 0.24)
    assert (won.relief_withdrawn, won.gain_tax) == (pytest.approx(0.05), pytest.approx(0.24 * 0.2))
    lost = tax.scheme_outcome(seis, 0.1, 0.02, 2.0, 0.40, 0.24)
    assert lost.relief_withdrawn == pytest.approx(0.5 * 0.02)
    # Relief kept .04, proceeds .02: a loss of .04.
    assert lost.loss_relief == pytest.approx(0.4 * 0.04)
    assert lost.net == pytest.approx(0.02 - 0.1 + 0.05 - 0.01 + 0.016)


def test_above_the_limit_an_investment_is_taxed_as_outside():
    outcome = tax.scheme_outcome(tax.SEIS.value, 0.4, 0.8, 5.0, 0.40, 0.24)
    assert outcome.income_tax_relief == pytest.approx(0.1)
    assert outcome.gain_tax == pytest.approx(0.24 * 0.2)
    nothing = tax.scheme_outcome(tax.SEIS.value, 0.0, 0.0, 5.0, 0.40, 0.24)
    assert all(part == 0.0 for part in nothing)


def test_qsbs_gain_before_three_years_and_losses():
    assert tax.qsbs_tax([1.0, 5.0], [11.0, 1.0], 1.0, 0.2).tolist() == [2.0, 0.0]


def test_israels_first_law_is_a_deferral():
    saved, later = tax.israel_2011_tax(2.0, 6.0, 0.5)
    assert saved == pytest.approx([1 / 3] * 3)
    assert later == pytest.approx(0.25 * 6.0)
    assert tax.rolled_over_gain([3.0, 1.0], 2.0).tolist() == [2.0, 1.0]


# --- arguments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tax.progressive_tax(1.0, tax.Schedule((1.0,), (0.1,))), "schedule: needs as many thresholds"),
        (lambda: tax.progressive_tax(1.0, tax.Schedule((0.0, 1.0), (0.1,))), "schedule: needs as many"),
        (lambda: tax.progressive_tax(-1.0, NO_SCHEDULE), "income: amounts are positive"),
        (lambda: tax.talent_refund(1.0, talent_rate=15), "talent_rate: a share"),
        (lambda: tax.partner_flows([1.0], dividends=-1.0), "dividends: amounts are positive"),
        (lambda: tax.partner_flows([1.0, 2.0], deduction=[1.0]), "gains has 2 columns but deduction has 1"),
        (lambda: tax.partner_flows(1.0), "gains: expected an array with time"),
        (lambda: tax.elect(tax.partner_flows([1.0]), -0.1), "discount_rate: must be a finite number of at least 0"),
        (lambda: tax.elect(tax.partner_flows([1.0] * 40), 0.1), "40 years are 14 locks .* at most 10"),
        (
            lambda: tax.elect(tax.partner_flows([1.0]), 0.1, tax.SINGLE_FUND.value._replace(lock_years=0)),
            "lock_years: must be a whole number of at least 1",
        ),
        (lambda: tax.scheme_outcome(tax.EIS.value, 1.0, 1.0, 1.0, 40, 0.2), "income_tax_rate: a share"),
        (lambda: tax.qsbs_tax(1.0, -2.0, 3.0, 0.2), "proceeds: amounts are positive"),
    ],
)
def test_wrong_arguments_are_explained(call, says):
    with pytest.raises(ValueError, match=says):
        call()
