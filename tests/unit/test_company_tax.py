"""The company's tax account in the kernel and in what buyers are expected to add: by hand, and whatever is spent."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.market import company_tax
from finance.market.arrival import market_exit_law
from finance.market.company_tax import tax_after
from finance.market.grids import QUALITY
from finance.market.laws import exit_law, exit_nodes
from tests.readable.cases import plain_terms


def taxes(stock, year, income, rate=0.25, carry=10, years=None):
    """Tax of each year after an exit, from a stock of losses by year."""
    left = np.array(stock, dtype=float)
    return [tax_after(left, year, income, rate, carry, t) for t in range(1, (years or carry) + 1)]


# --- by hand ---


def test_losses_are_used_up_the_oldest_first():
    left = np.array([4.0, 5.0, 6.0])
    assert tax_after(left, 2, 7.0, 0.25, 10, 1) == 0.0
    assert left.tolist() == [0.0, 2.0, 6.0]
    assert tax_after(left, 2, 7.0, 0.25, 10, 2) == 0.0
    assert left.tolist() == [0.0, 0.0, 1.0]
    assert tax_after(left, 2, 7.0, 0.25, 10, 3) == pytest.approx(0.25 * 6.0)
    assert left.tolist() == [0.0, 0.0, 0.0]


def test_a_loss_expires_so_many_years_after_it_arose():
    """Of year 0, for three years, with the exit in year 2: it can be used in year 3 and no later."""
    assert taxes([50.0, 0.0, 0.0], 2, 7.0, carry=3) == pytest.approx([0.0, 1.75, 1.75])
    assert taxes([0.0, 50.0, 0.0], 2, 7.0, carry=3) == pytest.approx([0.0, 0.0, 1.75])
    assert taxes([0.0, 0.0, 50.0], 2, 7.0, carry=3) == pytest.approx([0.0, 0.0, 0.0])
    assert taxes([50.0, 0.0, 0.0], 2, 7.0, carry=2) == pytest.approx([1.75, 1.75]), "too old before the exit"


def test_what_expires_first_is_used_first():
    """Used the other way round the older loss would be lost."""
    assert taxes([7.0, 7.0, 0.0], 2, 7.0, carry=3) == pytest.approx([0.0, 0.0, 1.75])


def test_without_losses_all_income_is_taxed():
    assert taxes([0.0], 0, 8.0, years=3) == pytest.approx([2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("share", "by_rate"),
    [
        (1.0, {0.25: 25.0, 0.15: 15.0, 0.05: 5.0}),
        (1.2, {0.25: 30.0, 0.15: 18.0, 0.05: 6.0}),
        (1.5, {0.25: 37.5, 0.15: 22.5, 0.05: 7.5}),
        (2.0, {0.25: 50.0, 0.15: 30.0, 0.05: 10.0}),
    ],
)
def test_with_income_enough_the_deduction_is_worth_rate_times_what_is_deducted(share, by_rate):
    """Cash value of 100 of research to a company that earns enough at once (statutory rates 25, 15 and 5 %)."""
    for rate, worth in by_rate.items():
        plain, enlarged = taxes([100.0], 0, 1e3, rate), taxes([100.0 * (1.0 + share)], 0, 1e3, rate)
        assert sum(plain) - sum(enlarged) == pytest.approx(worth)


# --- whatever is spent ---

SPENDING = st.lists(st.floats(0.0, 300.0), min_size=1, max_size=16)


@given(
    cash=SPENDING,
    research_share=st.floats(0.0, 1.0),
    shares=st.tuples(st.floats(0.0, 2.0), st.floats(0.0, 2.0)),
    income=st.floats(0.0, 200.0),
    rate=st.floats(0.0, 0.5),
    carry=st.integers(1, 20),
)
def test_more_deduction_never_saves_less_and_never_more_than_its_tax(cash, research_share, shares, income, rate, carry):
    spent = np.array(cash)

    def due(share):
        return np.array(taxes(spent * (1.0 + share * research_share), len(cash) - 1, income, rate, carry))

    less, more = sorted(shares)
    assert (due(more).cumsum() <= due(less).cumsum() + 1e-9).all()
    saved = (due(0.0) - due(more)).sum()
    assert -1e-9 <= saved <= rate * more * research_share * spent.sum() + 1e-6
    assert (due(0.0) <= rate * income + 1e-12).all()


@given(cash=SPENDING, income=st.floats(0.0, 200.0), carry=st.integers(1, 19))
def test_longer_carry_forward_never_costs(cash, income, carry):
    due = [sum(taxes(cash, len(cash) - 1, income, 0.25, years, years=20)) for years in (carry, carry + 1)]
    assert due[1] <= due[0] + 1e-9


# --- what buyers are expected to add ---


def firm(**changes):
    """One stage: 10 of research spent half a year before a sale at 200; income 10 a year, taxed at a quarter."""
    given = {
        "company_tax_rate": 0.25,
        "super_deduction_share": 1.0,
        "earnings_yield": 0.05,
        "research_share": np.ones((1, 1)),
    }
    return plain_terms(**(given | changes))


def expected(terms):
    return company_tax.expected_saving(terms, 0, exit_nodes(terms.truncation_sd))


def test_the_expected_saving_is_that_of_a_venture_that_took_typical_time():
    saved = expected(firm())
    assert saved.listed == pytest.approx(np.full(len(QUALITY), 2.5 / 1.1**2), rel=0.02)  # between nodes of the price
    assert not saved.sold.any()
    sold = expected(firm(ipo_floor=1e9, transferable_share=1.0, trade_sale_discount=0.0))
    assert sold.sold == pytest.approx(saved.listed)
    assert not sold.listed.any()


def test_in_a_trade_sale_the_saving_is_before_the_discount():
    """Sold for 140 of 200, losses halved: 5 and 10 against an income of 7. Exit laws are before the discount."""
    saved = expected(firm(ipo_floor=1e9)).sold
    asset = 0.25 * 2.0 / 1.1 + 0.25 * 3.0 / 1.1**2
    assert 0.7 * saved == pytest.approx(np.full(len(QUALITY), asset), rel=0.03)


def test_a_holiday_is_expected_to_save_as_much_as_it_does():
    """The first year is covered by the loss; of the next two the tax of 2.5 is saved, of one more half of it."""
    saved = expected(firm(super_deduction_share=0.0, holiday_years=3, reduced_years=1, reduced_share=0.5)).listed
    asset = 2.5 / 1.1**2 + 2.5 / 1.1**3 + 1.25 / 1.1**4
    assert saved == pytest.approx(np.full(len(QUALITY), asset), rel=0.03)


@pytest.mark.parametrize(
    ("share", "kept", "paid"), [(0.4, 1.0, (0.0, 0.0, 0.4, 1.0)), (0.4, 0.5, (0.5, 0.5, 0.7, 1.0))]
)
def test_the_years_of_a_holiday(share, kept, paid):
    assert tuple(company_tax.holiday_factor(t, 2, 1, share, kept) for t in (1, 2, 3, 4)) == pytest.approx(paid)


@pytest.mark.parametrize(
    "off",
    [
        {"super_deduction_share": 0.0},
        {"company_tax_rate": 0.0},
        {"earnings_yield": 0.0},
        {"research_share": np.zeros((1, 1))},
        {"exit_log_median": np.log([40.0])},  # below what any buyer pays for
    ],
)
def test_nothing_is_saved(off):
    saved = expected(firm(**off))
    assert not saved.listed.any()
    assert not saved.sold.any()


def test_no_deduction_is_no_change_of_the_exit_law_to_the_bit():
    terms = firm(super_deduction_share=0.0, exit_log_sd=np.array([0.8]), quality_log_value=np.array([0.5]))
    law, market = exit_law(terms, 0), market_exit_law(terms, 0)
    assert market.listed.tobytes() == law.listed.tobytes()
    assert market.sold.tobytes() == law.sold.tobytes()


@given(shares=st.tuples(st.floats(0.0, 4.0), st.floats(0.0, 4.0)), transferable=st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_more_deduction_is_never_expected_to_save_less(shares, transferable):
    spread = {"exit_log_sd": np.array([0.8]), "quality_log_value": np.array([0.5]), "transferable_share": transferable}
    less, more = (expected(firm(super_deduction_share=share, **spread)) for share in sorted(shares))
    assert (less.listed <= more.listed + 1e-12).all()
    assert (less.sold <= more.sold + 1e-12).all()
    assert (less.listed >= 0.0).all()
