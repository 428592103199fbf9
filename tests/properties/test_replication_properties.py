"""A contract and the portfolio of options it is translated into pay the same, whatever the fund gives out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.policy import contracts
from finance.policy.fair_value import Discounting, fair_value
from finance.policy.replication import public_portfolio
from tests.properties.partnerships import amounts, rates, shares
from tests.properties.terms import insured, puts, shared_hurdles, staged, tiered_give_ups

thorough = settings(deadline=None, max_examples=500, derandomize=True)

LAST = 9.0
#: Rights are used when the fund ends: earlier, a partner who knows the future does better than any option.
translated = st.one_of(
    st.just(contracts.PariPassu()),
    st.just(contracts.Grant()),
    st.builds(contracts.SeniorDebt, rates),
    st.builds(contracts.Debenture, rates, st.sampled_from([1.0, 5.0, 10.0]), st.sampled_from(["cash", "accruing"])),
    st.builds(contracts.BuyOutOption, rates, st.just(LAST)),
    st.builds(
        lambda rate, stake, profit: contracts.ScheduledBuyOut(
            contracts.StrikeSchedule(((LAST, rate),)), LAST, LAST, stake, profit
        ),
        rates,
        shares,
        shares,
    ),
    st.builds(contracts.CappedPublicReturn, rates, shares),
    st.builds(contracts.FirstLoss, shares),
    st.builds(contracts.ExcessGiveUp, shares, rates),
    st.builds(contracts.PrivatePriority, rates),
    st.builds(lambda put: contracts.StakePut(put.stake_share, LAST, put.rate), puts),
    shared_hurdles,
    staged,
    tiered_give_ups(),
    insured,
)


@thorough
@given(translated, amounts, amounts, st.integers(0, 9), st.floats(0.0, 5.0))
def test_portfolio_pays_what_the_contract_pays(contract, public, private, years, multiple):
    flows = np.zeros((3, years + 1))
    flows[0, 0], flows[1, 0], flows[2, -1] = public, private, multiple * (public + private)
    paid = contract.split(*flows)[0].sum()
    portfolio = public_portfolio(contract, public, private, years)
    scale = (1.0 + public + private) * (1.0 + multiple) * 1.3**years
    assert portfolio.payoff(flows[2, -1]) == pytest.approx(paid, abs=1e-10 * scale)


@thorough
@given(translated, st.floats(1.0, 100.0), st.floats(1.0, 100.0), st.integers(1, 9), st.floats(0.0, 3.0), rates)
def test_without_volatility_the_value_is_the_discounted_payoff(contract, public, private, years, multiple, rate):
    discounting = Discounting.flat(rate)
    distribution = multiple * (public + private)
    value = fair_value(
        contract, public, private, distribution * float(discounting.at(years)), 0.0, discounting, float(years)
    )
    flows = np.zeros((3, years + 1))
    flows[0, 0], flows[1, 0], flows[2, -1] = public, private, distribution
    expected = contract.split(*flows)[0] @ discounting.at(np.arange(years + 1))
    assert value.public == pytest.approx(expected, abs=1e-9 * (1.0 + distribution + public + private) * 1.3**years)
    assert value.whole == pytest.approx(distribution * float(discounting.at(years)))


@settings(deadline=None, max_examples=150, derandomize=True)
@given(translated, st.floats(0.05, 1.5), st.floats(0.1, 3.0), st.integers(1, 9))
def test_value_is_the_expected_discounted_payoff(contract, volatility, multiple, years):
    discounting = Discounting.flat(0.02)
    discount = float(discounting.at(years))
    spot = multiple * 100.0
    value = fair_value(contract, 40.0, 60.0, spot, volatility, discounting, float(years))
    # Simpson's rule in the standard normal, under the measure of the horizon.
    normal = np.linspace(-9.0, 9.0, 8001)
    weights = np.exp(-0.5 * normal**2) * np.where(np.arange(8001) % 2, 4.0, 2.0)
    spread = volatility * np.sqrt(years)
    distribution = spot / discount * np.exp(spread * normal - 0.5 * spread**2)
    portfolio = public_portfolio(contract, 40.0, 60.0, years)
    at_the_end = portfolio._replace(fixed=()).payoff(distribution) @ weights / weights.sum() * discount
    fixed = sum(payment.amount * float(discounting.at(payment.years)) for payment in portfolio.fixed)
    # Far out, a fund of high volatility has part of its mean where nobody looks.
    assert value.public == pytest.approx(at_the_end + fixed, abs=2e-3 * spot + 1e-2)
