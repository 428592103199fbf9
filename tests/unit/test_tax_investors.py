"""Investors' tax: eligible start-ups, deductions of companies and angels, long holdings; worked by hand."""

import numpy as np
import pytest

from finance.policy import tax
from tests.unit.tax_twin import angel_twin

ELIGIBLE = {
    "staff": 300,
    "graduate_share": 0.30,
    "assets": 50.0,
    "revenue": 50.0,
    "age_months": 60,
    "unlisted_years": 2,
    "research": [1.0, 3.0],
    "cost": [10.0, 10.0],
}

# --- eligibility --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "is_eligible"),
    [
        ({}, True),
        ({"staff": 301}, False),
        ({"graduate_share": 0.29}, False),
        ({"assets": 50.1}, False),
        ({"revenue": 50.1}, False),
        ({"age_months": 61}, False),
        ({"unlisted_years": 1}, False),
        ({"research": [1.0, 2.9]}, False),
        ({"research": [0.0, 0.0], "cost": [0.0, 0.0]}, False),
    ],
)
def test_every_limit_counts_and_includes_its_own_value(changed, is_eligible):
    assert tax.is_eligible_start_up(**ELIGIBLE | changed) == is_eligible


def test_start_ups_are_told_apart_all_at_once():
    told = tax.is_eligible_start_up(**ELIGIBLE | {"staff": [10, 400], "research": [[[5.0, 5.0]], [[0.0, 0.0]]]})
    assert told.tolist() == [[True, False], [False, False]]


# --- companies ----------------------------------------------------------------------------------------------


def test_deduction_is_earned_two_years_after_the_money_by_the_share_held():
    assert tax.deduction_earned([10.0, 0.0, 20.0, 5.0]).tolist() == [0.0, 0.0, 7.0, 0.0]
    assert tax.deduction_earned([10.0, 0.0, 0.0], held_share=0.5).tolist() == [0.0, 0.0, 3.5]
    assert tax.deduction_earned([10.0, 20.0]).tolist() == [0.0, 0.0]


def test_company_in_loss_carries_its_deduction():
    deduction = tax.corporate_deduction([10.0] + [0.0] * 5, [9.0, 9.0, -5.0, 0.0, 3.0, 9.0])
    assert deduction.used.tolist() == [0.0, 0.0, 0.0, 0.0, 3.0, 4.0]
    assert not deduction.expired.any()


# --- angels -------------------------------------------------------------------------------------------------


def test_gain_of_one_deal():
    due = tax.gain_tax(10.0, [5.0, 10.0, 16.0, 30.0], deduction_share=0.7)
    assert due == pytest.approx([0.0, 0.0, 0.0, 0.2 * 13.0])
    assert tax.gain_tax(10.0, 30.0, exemption_share=0.5) == pytest.approx(2.0)
    assert tax.gain_tax(10.0, 30.0, exemption_share=1.0) == 0.0


def test_deduction_is_used_on_its_own_company_only_while_that_lives():
    gains = np.zeros((2, 6))
    gains[0, 4], gains[1, 4] = 5.0, 5.0
    taxed = tax.angel_tax([10.0, 0.0], gains, 0)
    assert taxed.used[0].tolist() == [0.0, 0.0, 0.0, 0.0, 5.0, 0.0]
    assert taxed.left.tolist() == [2.0, 0.0]
    assert taxed.tax[4] == pytest.approx(0.2 * 5.0)


def test_deduction_counts_from_the_day_it_is_held_for_24_months():
    gains = np.full((1, 10), 1.0)
    taxed = tax.angel_tax([10.0], gains, 1, periods_per_year=4)
    assert np.flatnonzero(taxed.used[0]).tolist() == [9]
    assert taxed.tax.tolist() == pytest.approx([0.2] * 9 + [0.0])


def test_failed_companys_deduction_is_reused_for_three_years_and_expires():
    gains = np.zeros((3, 10))
    gains[1, 4], gains[1, 6], gains[1, 8] = 2.0, 3.0, 9.0
    gains[2, 5] = 4.0
    taxed = tax.angel_tax([10.0, 0.0, 0.0], gains, 0, [4, 10, 10], is_eligible=[True, True, False])
    # In years 4 to 7 on the eligible company's gains, not on the other's; what is left expires with year 7.
    assert taxed.used[0].tolist() == [0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 3.0, 0.0, 0.0, 0.0]
    assert taxed.expired[0].tolist() == [0.0] * 7 + [2.0] + [0.0] * 2
    assert taxed.tax == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 1.8, 0.0])


def test_first_liquidated_is_used_first():
    gains = np.zeros((3, 8))
    gains[2, 5] = 8.0
    taxed = tax.angel_tax([10.0, 10.0, 0.0], gains, 0, [4, 3, 8])
    assert taxed.used[:, 5].tolist() == [1.0, 7.0, 0.0]


def test_company_liquidated_within_24_months_earns_no_deduction():
    gains = np.zeros((2, 6))
    gains[1, 4] = 8.0
    assert tax.angel_tax([10.0, 0.0], gains, 0, [1, 6]).earned.tolist() == [0.0, 0.0]
    assert tax.angel_tax([10.0, 0.0], gains, 0, [2, 6]).earned.tolist() == [7.0, 0.0]


def test_angels_losses_reduce_no_gain():
    taxed = tax.angel_tax([1.0, 1.0], [[-5.0], [5.0]], 0)
    assert taxed.tax.tolist() == [1.0]


def test_many_angels_at_once_are_each_by_itself():
    generator = np.random.default_rng(5)
    n_angels, n_deals, n_periods = 60, 4, 12
    cost = generator.integers(0, 20, (n_angels, n_deals)).astype(float)
    gains = generator.integers(-5, 8, (n_angels, n_deals, n_periods)).astype(float)
    gains *= generator.random(gains.shape) < 0.2
    invested, liquidated = generator.integers(0, 4, (2, n_angels, n_deals))
    liquidated += generator.integers(0, 10, (n_angels, n_deals))
    eligible = generator.random((n_angels, n_deals)) < 0.7
    together = tax.angel_tax(cost, gains, invested, liquidated, eligible, periods_per_year=1)
    for i in range(n_angels):
        used = angel_twin(cost[i], gains[i], invested[i], liquidated[i], eligible[i], 0.7, 2, 3)
        np.testing.assert_allclose(together.used[i], used, rtol=0, atol=1e-12)
    assert np.count_nonzero(together.expired) > 10
    assert np.count_nonzero(together.used.sum(axis=-1) > 0.0) > 30
    assert (together.used > np.maximum(gains, 0.0)).any(), "none was used on another's gain"


# --- long holdings ------------------------------------------------------------------------------------------


def test_long_holdings_have_to_exceed_half_of_the_years_gains():
    gains = [[6.0, 5.0, -1.0], [5.0, 5.0, 0.0]]
    share = tax.holding_relief_share(gains, [[4.0], [1.0]], 0.5)
    assert share.tolist() == [0.25, 0.0, 0.0]


def test_longer_holdings_count_for_half_relief_too():
    # 30 % each on holdings of 4 and 6 years: together over half for longer than 3 years, not for longer than 5.
    assert tax.holding_relief_share([[3.0], [3.0], [4.0]], [[4.0], [6.0], [1.0]], 1.0) == 0.5


# --- arguments ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tax.is_eligible_start_up(**ELIGIBLE | {"graduate_share": 30}), "graduate_share: a share"),
        (lambda: tax.is_eligible_start_up(**ELIGIBLE | {"cost": [1.0]}), "research has 2 columns but cost has 1"),
        (lambda: tax.angel_tax([1.0], [1.0, 2.0], 0), "gains: expected deals as the axis before time"),
        (lambda: tax.angel_tax([-1.0], [[1.0]], 0), "cost: amounts are positive"),
        (lambda: tax.angel_tax([1.0], [[1.0]], 0.5), "invested: years and columns are whole"),
        (lambda: tax.angel_tax([1.0], [[1.0]], 0, -1), "liquidated: years and columns are whole"),
        (lambda: tax.angel_tax([1.0, 2.0], [[1.0]], [0, 0, 0]), "do not broadcast"),
        (lambda: tax.angel_tax([1.0], [[1.0]], 0, periods_per_year=0), "periods_per_year"),
        (lambda: tax.gain_tax(1.0, 2.0, exemption_share=100), "exemption_share: a share"),
        (lambda: tax.holding_relief_share([1.0], 4.0, 0.5), "transfer_gains: expected deals"),
        (lambda: tax.holding_relief_share([[1.0]], -4.0, 0.5), "holding_years: amounts are positive"),
        (lambda: tax.holding_relief(-1.0, [[1.0]], 4.0, 0.5), "company_tax: amounts are positive"),
        (lambda: tax.corporate_deduction([1.0], [1.0, 2.0]), "earned has 1 columns but income has 2"),
    ],
)
def test_wrong_arguments_are_explained(call, says):
    with pytest.raises(ValueError, match=says):
        call()
