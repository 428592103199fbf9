"""Money of sub-funds is neither made nor lost, whatever the flows, the contract and the terms."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.policy import contracts
from finance.policy.debenture import Debenture
from finance.policy.give_up import StageGiveUp, TieredGiveUp
from finance.policy.put import StakePut
from finance.policy.scheduled_buy_out import ScheduledBuyOut
from finance.policy.strike import StrikeSchedule
from finance.policy.sub_funds import (
    COHORT_PAID,
    COST_ENDED,
    EARLY_PAID,
    N_ACCOUNTS,
    PAID,
    RECEIVED,
    Agreement,
    contract_of,
    partner_flows,
    valuation_years,
)
from finance.scenario import ScenarioError
from finance.scenario.schema_further import FURTHER_CONTRACTS
from finance.scenario.schema_policy import CONTRACTS as KINDS
from tests.support import tiny

CONTRACTS = {
    "pari passu": lambda rate, share: contracts.PariPassu(),
    "grant": lambda rate, share: contracts.Grant(),
    "debt": lambda rate, share: contracts.SeniorDebt(rate),
    "buy-out": lambda rate, share: contracts.BuyOutOption(rate, 2.0),
    "late buy-out": lambda rate, share: contracts.BuyOutOption(rate, 30.0),
    "capped": contracts.CappedPublicReturn,
    "first loss": lambda rate, share: contracts.FirstLoss(share),
    "guarantee": lambda rate, share: contracts.LossGuarantee(share),
    "guarantee with fee and limit": lambda rate, share: contracts.LossGuarantee(share, min(rate, 0.1), 0.5),
    "scheduled buy-out": lambda rate, share: ScheduledBuyOut(
        StrikeSchedule(((1.0, 0.0), (3.0, rate))), 0.5, None, share, 0.1
    ),
    "put": lambda rate, share: StakePut(share, 2.0, rate),
    "shared hurdle": contracts.SharedHurdle,
    "tiered give-up": lambda rate, share: TieredGiveUp(((1.0, share), (2.0, 1.0))),
    "stage give-up": lambda rate, share: StageGiveUp(share, 0.7, rate),
    "debenture": lambda rate, share: Debenture(rate, 3.0, "cash"),
    "accruing debenture": lambda rate, share: Debenture(rate, 3.0, "accruing"),
    "give-up": lambda rate, share: contracts.ExcessGiveUp(share, rate),
    "priority": lambda rate, share: contracts.PrivatePriority(rate),
    "first loss, put and excess": lambda rate, share: contracts.Sequence(
        (contracts.FirstLoss(0.1), StakePut(share, 3.0, rate), StageGiveUp(share, 0.7, rate))
    ),
    "debt, call, put and guarantee": lambda rate, share: contracts.Sequence(
        (
            contracts.SeniorDebt(rate),
            ScheduledBuyOut(StrikeSchedule(((1.0, 0.0), (3.0, rate))), 2.0, None, share, 0.1),
            StakePut(share, 4.0, rate),
            contracts.LossGuarantee(share, min(rate, 0.1), 0.5),
        )
    ),
}


def random_accounts(seed, shape=(3, 2), quarters=24):
    """Accounts as the market writes them: payments first, the cost of what has ended never above what was paid."""
    rng = np.random.default_rng(seed)
    found = np.zeros((*shape, quarters, N_ACCOUNTS))
    found[..., : quarters // 2, PAID] = rng.exponential(20.0, (*shape, quarters // 2))
    found[..., PAID] *= rng.uniform(size=(*shape, quarters)) < 0.5
    found[..., 0, PAID] += 1.0  # nothing is received where nothing was ever paid
    found[..., RECEIVED] = rng.pareto(1.5, (*shape, quarters)) * 15.0 * (rng.uniform(size=(*shape, quarters)) < 0.3)
    paid = found[..., PAID].cumsum(axis=-1)
    ended = np.minimum(np.sort(rng.uniform(0.0, 1.5, (*shape, quarters)), axis=-1) * paid[..., -1:], paid)
    found[..., COST_ENDED] = np.diff(np.maximum.accumulate(ended, axis=-1), axis=-1, prepend=0.0)
    for account in (COHORT_PAID, EARLY_PAID):
        found[..., account] = rng.uniform(size=(*shape, quarters)) * found[..., PAID]
    return found, rng.uniform(0.0, 1.0, shape), rng.exponential(200.0, (*shape, 4))


def at_dates_of(contract, values):
    """As many of the values as the contract has dates."""
    return values[..., : len(valuation_years(contract))]


TERMS = {
    "seed": st.integers(0, 2**32 - 1),
    "fee": st.sampled_from([0.0, 0.02, 0.1]),
    "carry": st.sampled_from([0.0, 0.2, 0.5]),
    "hurdle": st.sampled_from([0.0, 0.08]),
    "inflation": st.sampled_from([0.0, 0.02, 0.1]),
    "rate": st.floats(0.0, 0.3),
    "share": st.floats(0.0, 1.0),
}


@pytest.mark.parametrize("contract", CONTRACTS)
@given(**TERMS)
@settings(max_examples=40, deadline=None)
def test_what_is_received_is_shared_out_and_what_is_paid_is_paid_by_someone(
    contract, seed, fee, carry, hurdle, inflation, rate, share
):
    accounts, public_share, value = random_accounts(seed)
    agreed = Agreement(fee, carry, hurdle, CONTRACTS[contract](rate, share), inflation)
    before = accounts.copy()
    for valued in (None, at_dates_of(agreed.contract, value)):
        flows = partner_flows(accounts, public_share, agreed, valued)
        received = flows.public_received + flows.private_received + flows.carry
        np.testing.assert_allclose(received, accounts[..., RECEIVED], rtol=1e-9, atol=1e-9)
        paid = flows.public_paid_in + flows.private_paid_in
        np.testing.assert_allclose(paid, accounts[..., PAID] + flows.fee, rtol=1e-9, atol=1e-9)
        for amounts in (flows.public_paid_in, flows.private_paid_in, flows.fee, flows.carry):
            assert (amounts >= -1e-9).all()
    assert (accounts == before).all()


@pytest.mark.parametrize("contract", CONTRACTS)
@given(**TERMS)
@settings(max_examples=20, deadline=None)
def test_fee_and_carry_know_nothing_of_the_contract(contract, seed, fee, carry, hurdle, inflation, rate, share):
    accounts, public_share, value = random_accounts(seed)
    plain = Agreement(fee, carry, hurdle, contracts.PariPassu(), inflation)
    first = partner_flows(accounts, public_share, plain)
    agreed = plain._replace(contract=CONTRACTS[contract](rate, share))
    second = partner_flows(accounts, public_share, agreed, at_dates_of(agreed.contract, value))
    assert (first.fee == second.fee).all()
    assert (first.carry == second.carry).all()


@pytest.mark.parametrize("contract", CONTRACTS)
@given(seed=TERMS["seed"], rate=TERMS["rate"], share=TERMS["share"])
@settings(max_examples=20, deadline=None)
def test_a_fund_of_funds_charges_at_most_on_all_that_is_held_and_moves_nothing_else(contract, seed, rate, share):
    accounts, public_share, value = random_accounts(seed)
    agreed = Agreement(0.02, 0.2, 0.08, CONTRACTS[contract](rate, share), 0.02)
    plain, dear = (
        partner_flows(
            accounts, public_share, agreed._replace(regional_fee_rate=fee), at_dates_of(agreed.contract, value)
        )
        for fee in (0.0, 0.01)
    )
    assert all((first == second).all() for first, second in zip(plain[:-1], dear[:-1], strict=True))
    held = np.maximum(np.cumsum(accounts[..., PAID] - accounts[..., COST_ENDED], axis=-1), 0.0)
    assert not dear.public_fee[..., 0].any()
    assert (dear.public_fee >= -1e-12).all()
    assert (dear.public_fee[..., 1:] <= 0.0025 * held[..., :-1] + 1e-9).all()


@given(seed=st.integers(0, 2**32 - 1), inflation=st.sampled_from([0.0, 0.02]))
@settings(max_examples=30, deadline=None)
def test_the_quick_way_of_pari_passu_is_its_split(seed, inflation):
    accounts, public_share, _ = random_accounts(seed)
    flows = partner_flows(accounts, public_share, Agreement(0.02, 0.2, 0.08, contracts.PariPassu(), inflation))
    shared = flows.public_received + flows.private_received
    public, _ = contracts.PariPassu().split(flows.public_paid_in, flows.private_paid_in, shared, 4)
    np.testing.assert_allclose(flows.public_received, public, rtol=1e-9, atol=1e-9)


@given(seed=st.integers(0, 2**32 - 1), more=st.floats(0.0, 0.3))
@settings(max_examples=30, deadline=None)
def test_a_higher_fee_or_carry_leaves_partners_less(seed, more):
    """Of the fee where there is no carry: with it a fee can put off a carry that is never paid back."""
    accounts, public_share, _ = random_accounts(seed)

    def to_partners(fee, carry):
        flows = partner_flows(accounts, public_share, Agreement(fee, carry, 0.06, contracts.PariPassu(), 0.02))
        net = flows.private_received - flows.private_paid_in + flows.public_received - flows.public_paid_in
        return net.sum(axis=-1)

    assert (to_partners(0.02 + more, 0.0) <= to_partners(0.02, 0.0) + 1e-9).all()
    assert (to_partners(0.02, 0.2 + more) <= to_partners(0.02, 0.2) + 1e-9).all()


@given(
    kind=st.sampled_from(KINDS),
    rate=st.floats(0.0, 0.5),
    share=st.floats(0.0, 1.0),
    years=st.tuples(st.floats(0.0, 30.0), st.floats(0.25, 30.0)).map(sorted),
    steps=st.lists(st.tuples(st.floats(0.0, 30.0), st.floats(-0.1, 1.2)), max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_what_the_rules_of_a_scenario_allow_can_be_agreed(kind, rate, share, years, steps):
    """No terms that `check` lets pass are refused when the contract is made."""
    fund = {
        "contract": kind,
        "contract_rate": rate,
        "contract_share": share,
        "contract_first_year": years[0],
        "contract_last_year": max(years[1], 0.25),
        "contract_steps": [list(step) for step in steps],
    }
    try:
        scenario = tiny().with_changes({f"guidance_fund.{name}": value for name, value in fund.items()})
    except ScenarioError:
        return
    assert contract_of(scenario.guidance_fund) is not None


@given(
    first=st.sampled_from(KINDS),
    kinds=st.lists(st.sampled_from(FURTHER_CONTRACTS), min_size=1, max_size=3),
    shares=st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3),
    last_year=st.floats(0.25, 30.0),
    steps=st.lists(st.tuples(st.floats(0.5, 8.0), st.floats(0.0, 1.0)), min_size=1, max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_further_terms_that_the_rules_allow_can_be_agreed_and_valued(first, kinds, shares, last_year, steps):
    """Each date of a right is among those at which the market values holdings: rising by a year but for the last."""
    further = {"order": [f"term-{place}" for place in range(len(kinds))]}
    common = {"last_year": last_year, "steps": [list(step) for step in steps]}
    for name, kind, share in zip(further["order"], kinds, shares, strict=False):
        further[name] = {"contract": kind, "share": share, **common}
    changes = {"contract": first, "contract_share": 0.5, "contract_steps": [[4.0, 0.1]], "further": further}
    try:
        scenario = tiny().with_changes({f"guidance_fund.{name}": value for name, value in changes.items()})
    except ScenarioError:
        return
    contract = contract_of(scenario.guidance_fund)
    dates = valuation_years(contract)
    assert all(later - earlier == 1.0 for earlier, later in pairwise(dates[:-1]))
    for right in contract.rights if isinstance(contract, contracts.Sequence) else ():
        assert set(valuation_years(right)) <= set(dates)
