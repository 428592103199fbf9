"""Fees of sub-funds on what is invested, paid in and committed, by hand and against those of a fund of one vehicle."""

from itertools import product

import numpy as np
import pytest

from finance.policy import contracts
from finance.policy.fund_terms import FEE_BASES, ManagementFee
from finance.policy.sub_fund_fees import Raised, fees, vehicles_raised
from finance.policy.sub_funds import COST_ENDED, N_ACCOUNTS, PAID, RECEIVED, Agreement, partner_flows

PLAIN = Agreement(0.02, 0.0, 0.0, contracts.PariPassu(), 0.0)


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


def one_vehicle(quarters=20, investing=8, life=16, ends=20):
    return vehicles_raised((1, quarters), 4, investing, life, (ends, ends))


def flows_of(base, later, raised, accounts=None, share=0.4):
    held = np.zeros((1, 20, N_ACCOUNTS))
    held[0, 0, PAID], held[0, 12, COST_ENDED], held[0, 12, RECEIVED] = 50.0, 50.0, 90.0
    agreed = PLAIN._replace(fee_base=base, later_fee_base=later)
    return partner_flows(held if accounts is None else accounts, share, agreed, None, raised)


def test_vehicles_count_from_the_quarter_after_their_raise_to_the_end_of_their_life():
    """Two vehicles a sub-fund, three sub-funds; each invests for a year and lives for two; the clock has 18 quarters."""
    raised = vehicles_raised((3, 16), 8, 4, 8, (18, 18))
    assert raised.to_date[0].tolist() == [0, 1, 1, 1, 1, *[2] * 11]
    assert raised.investing[0].tolist() == [0, *[1] * 8, *[0] * 7]
    assert raised.later[0].tolist() == [0, 0, 0, 0, 0, *[1] * 8, 0, 0, 0]
    assert (raised.investing[1] == raised.investing[0]).all()
    assert raised.later[1].tolist() == [0, 0, 0, 0, 0, *[1] * 5, *[0] * 6], "ten quarters are left of the clock"
    assert raised.investing[2].tolist() == [0, 1, *[0] * 14], "two are left, and no second vehicle"


def test_sub_funds_of_the_warm_up_are_raised_to_the_switch_and_charge_beyond_it():
    raised = vehicles_raised((1, 12), 8, 4, 8, (4, 12))
    assert raised.to_date[0].tolist() == [0, *[1] * 11]
    assert raised.later[0].tolist() == [0] * 5 + [1] * 4 + [0] * 3


@pytest.mark.parametrize(("base", "later"), [*product(FEE_BASES, FEE_BASES)])
def test_of_one_vehicle_it_is_the_fee_of_a_fund(base, later):
    rng = np.random.default_rng(5)
    paid = rng.exponential(5.0, (3, 20)) * (np.arange(20) < 8)
    ended = np.where(np.arange(20) == 15, paid.sum(axis=-1, keepdims=True), 0.0)
    fund = ManagementFee(0.02, base, investment_years=2.0, later_base=later, life_years=4.0)
    expected = fund.fees([100.0] * 3, paid, ended, paid, periods_per_year=4)
    found = fees(paid, np.cumsum(paid - ended, axis=-1), 0.02, (base, later), one_vehicle().times(100.0))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_fee_on_commitments_by_hand():
    """Of 100 half is called at once and comes back after three years; the vehicle invests for two and lives for four."""
    raised = one_vehicle().times(100.0)
    flows = flows_of("committed", "invested", raised)
    assert flows.fee[0] == close_to([0.0, *[0.5] * 8, *[0.25] * 4, *[0.0] * 7])
    assert flows.public_paid_in[0] == close_to(0.4 * (50.0 * (np.arange(20) == 0) + flows.fee[0]))
    assert flows.private_paid_in[0] == close_to(1.5 * flows.public_paid_in[0])
    assert flows_of("committed", "committed", raised).fee.sum() == close_to(16 * 0.5)
    assert flows_of("paid-in", "paid-in", raised).fee.sum() == close_to(16 * 0.25)
    assert flows_of("invested", "invested", None).fee.sum() == close_to(12 * 0.25)


def test_two_vehicles_step_down_one_after_the_other():
    """Each commits 100 and invests for a year, one a year after the other; later the fee is on the cost held, 60."""
    raised = vehicles_raised((1, 16), 8, 4, 12, (16, 16)).times(100.0)
    paid = 60.0 * (np.arange(16) == 0)
    found = fees(paid[None], np.cumsum(paid)[None], 0.04, ("committed", "invested"), raised)[0]
    assert found[1:5] == close_to([1.0] * 4)
    assert found[5:9] == close_to([1.0 + 0.5 * 0.6] * 4), "half of the cost is behind the period"
    assert found[9:13] == close_to([0.6] * 4)


@pytest.mark.parametrize("seed", range(5))
def test_committed_costs_more_than_paid_in_and_paid_in_more_than_invested(seed):
    rng = np.random.default_rng(seed)
    accounts = np.zeros((4, 20, N_ACCOUNTS))
    accounts[:, :8, PAID] = rng.uniform(0.0, 12.5, (4, 8))
    accounts[:, 10, COST_ENDED] = 0.5 * accounts[..., PAID].sum(axis=-1)
    accounts[:, 16, COST_ENDED] = 0.5 * accounts[..., PAID].sum(axis=-1)
    raised = Raised(*(np.repeat(each, 4, axis=0) for each in one_vehicle().times(100.0)))
    net = {}
    for base in FEE_BASES:
        flows = flows_of(base, base, raised, accounts)
        net[base] = (flows.private_received - flows.private_paid_in).sum(axis=-1)
        assert (flows.fee >= 0.0).all()
    assert (net["committed"] < net["paid-in"]).all()
    assert (net["paid-in"] < net["invested"]).all()


def test_a_fee_that_needs_commitments_says_so():
    with pytest.raises(ValueError, match="needs the commitments"):
        flows_of("committed", "invested", None)
    with pytest.raises(ValueError, match="needs the commitments"):
        flows_of("invested", "paid-in", None)
