"""Lives, extensions and fees of public funds."""

import math

import numpy as np
import pytest

from finance.policy.fund_terms import FundLife, ManagementFee


@pytest.mark.parametrize(
    ("life", "n_extensions", "years"),
    [
        (FundLife(10, 10), 0, 20.0),
        (FundLife(10, 10, (2, 1)), 0, 20.0),
        (FundLife(10, 10, (2, 1)), 1, 22.0),
        (FundLife(10, 10, (2, 1)), 9, 23.0),
        (FundLife(3, 1, (1,)), 1, 5.0),
        (FundLife(5, 2, (2,)), -1, 7.0),
    ],
)
def test_years_of_a_life(life, n_extensions, years):
    assert life.years(n_extensions) == years
    assert life.last_column(4, n_extensions) == 4 * years


def test_when_a_fund_buys_and_sells():
    life = FundLife(5, 5, (2,))
    np.testing.assert_array_equal(life.may_buy([-0.25, 0.0, 4.75, 5.0]), [False, True, True, False])
    np.testing.assert_array_equal(life.is_in_time([10.0, 10.25, 12.0, 12.25]), [True, False, False, False])
    np.testing.assert_array_equal(life.is_in_time([10.0, 10.25, 12.0, 12.25], 1), [True, True, True, False])


# A fund of 100: 30 called at once and 20 in year 2, invested in the year after the call, 25 of it ended in year 4.
PAID_IN, INVESTED, ENDED = [30.0, 0, 20.0, 0, 0, 0, 0], [0, 30.0, 0, 20.0, 0, 0, 0], [0, 0, 0, 0, 25.0, 0, 0]


@pytest.mark.parametrize(
    ("fee", "expected"),
    [
        (ManagementFee(0.02), [0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]),
        (ManagementFee(0.02, "paid-in"), [0, 0.6, 0.6, 1.0, 1.0, 1.0, 1.0]),
        (ManagementFee(0.02, "invested"), [0, 0, 0.6, 0.6, 1.0, 0.5, 0.5]),
        (ManagementFee(0.02, "committed", 3.0, 0.01), [0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0]),
        (ManagementFee(0.02, "committed", 3.0, None, "invested"), [0, 2.0, 2.0, 2.0, 1.0, 0.5, 0.5]),
        (ManagementFee(0.02, "committed", 3.0, 0.015, "paid-in", 5.0), [0, 2.0, 2.0, 2.0, 0.75, 0.75, 0]),
        (ManagementFee(0.02, life_years=2.0), [0, 2.0, 2.0, 0, 0, 0, 0]),
    ],
)
def test_fees_by_their_base(fee, expected):
    np.testing.assert_allclose(fee.fees(100.0, PAID_IN, ENDED, INVESTED), expected, rtol=1e-14)


def test_fees_of_a_year_are_the_same_in_quarters_and_for_many_funds():
    quarterly = np.zeros((3, 25))
    quarterly[:, ::4] = PAID_IN, ENDED, INVESTED
    fee = ManagementFee(0.02, "committed", 3.0, 0.01, "invested")
    fees = fee.fees([100.0, 200.0], *quarterly[:, np.newaxis], periods_per_year=4)
    yearly = fee.fees([100.0, 200.0], [PAID_IN], [ENDED], [INVESTED])
    assert fees.shape == (2, 25)
    np.testing.assert_allclose(fees[:, 1:].reshape(2, 6, 4).sum(axis=-1), yearly[:, 1:], rtol=1e-13)


def test_bases_are_ordered():
    generator = np.random.default_rng(4)
    paid_in = generator.random((50, 12))
    invested, ended = 0.9 * paid_in, 0.3 * paid_in
    commitment = paid_in.sum(axis=-1)
    committed, paid, held = (
        ManagementFee(0.02, base).fees(commitment, paid_in, ended, invested)
        for base in ("committed", "paid-in", "invested")
    )
    assert np.all(committed >= paid - 1e-15)
    assert np.all(paid >= held)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: FundLife(-1, 10), "investment_years"),
        (lambda: FundLife(10, math.nan), "exit_years"),
        (lambda: FundLife(10, 10, (-1,)), "extension_years"),
        (lambda: FundLife(10, 10).last_column(0), "periods_per_year"),
        (lambda: ManagementFee(2), "rate: a rate"),
        (lambda: ManagementFee(0.02, "held"), "base: expected one of committed, paid-in, invested, got held"),
        (lambda: ManagementFee(0.02, later_base="nav"), "later_base: expected one of"),
        (lambda: ManagementFee(0.02, later_rate=-0.1), "later_rate: a rate"),
        (lambda: ManagementFee(0.02, life_years=-1), "life_years"),
        (lambda: ManagementFee(0.02).fees(1.0, [1.0], [1.0], [-1.0]), "invested: amounts are positive"),
    ],
)
def test_wrong_terms_are_explained(make, says):
    with pytest.raises(ValueError, match=says):
        make()
