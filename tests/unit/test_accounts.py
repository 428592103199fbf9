"""Accounts that flows run through."""

import numpy as np
import pytest

from finance.fund.accounts import period_growth, repaid, repaid_together


def test_growth_of_a_column_compounds_to_a_year():
    assert period_growth(0.08, 1) == 1.08
    assert period_growth(0.08, 4) ** 4 == pytest.approx(1.08, rel=1e-15)
    assert period_growth(0.0, 12) == 1.0


def test_balance_grows_is_called_and_is_repaid_in_that_order():
    calls, receipts = np.array([100.0, 0.0, 50.0, 0.0]), np.array([10.0, 200.0, 20.0, 33.0])
    # 90 left, 99 repaid, 30 left of 50, 33 repaid.
    np.testing.assert_allclose(repaid(calls, receipts, 1.1), [10.0, 99.0, 20.0, 33.0], rtol=1e-15)
    np.testing.assert_array_equal(repaid(calls, receipts), [10.0, 90.0, 20.0, 30.0])


def test_partners_are_repaid_by_share_until_one_has_all():
    first_calls, second_calls = np.array([40.0, 0.0, 0.0]), np.array([0.0, 60.0, 0.0])
    share = np.array([1.0, 0.4, 0.4])
    first, second = repaid_together(first_calls, second_calls, np.array([30.0, 20.0, 60.0]), share)
    # 10 and 60 are owed after the first column; 8 and 12 are paid by share, then the first is owed only 2 more.
    np.testing.assert_allclose(first, [30.0, 8.0, 2.0], rtol=1e-14)
    np.testing.assert_allclose(second, [0.0, 12.0, 48.0], rtol=1e-14)


def test_together_partners_are_repaid_all_that_there_is_or_is_owed():
    generator = np.random.default_rng(3)
    first_calls, second_calls, receipts = generator.exponential(size=(3, 500, 15)) * (
        generator.random((3, 500, 15)) < 0.5
    )
    share = generator.random((500, 15))
    first, second = repaid_together(first_calls, second_calls, receipts, share)
    np.testing.assert_allclose(first + second, repaid(first_calls + second_calls, receipts), rtol=0, atol=1e-13)
    for calls, repayments in ((first_calls, first), (second_calls, second)):
        assert repayments.min() >= 0.0
        assert np.min(np.cumsum(calls - repayments, axis=-1)) >= -1e-13
