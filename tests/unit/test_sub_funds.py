"""What partners of a sub-fund pay and get: fee, carry and contract on its own flows, by hand."""

from typing import get_args

import numpy as np
import pytest

from finance.market.returns import cohort_share
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
    agreement,
    contract_of,
    partner_flows,
    valuation_years,
)
from finance.scenario.schema_policy import CONTRACTS, GuidanceFund
from tests.support import tiny

PLAIN = Agreement(0.0, 0.0, 0.0, contracts.PariPassu(), 0.0)


def accounts(quarters, **amounts):
    """Accounts of one sub-fund: {quarter: amount} by account; costs end with what is received, unless told."""
    found = np.zeros((quarters, N_ACCOUNTS))
    places = {"paid": PAID, "received": RECEIVED, "ended": COST_ENDED, "cohort": COHORT_PAID, "early": EARLY_PAID}
    for name, by_quarter in amounts.items():
        for quarter, amount in by_quarter.items():
            found[quarter, places[name]] = amount
    return found


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


# --- fee ---


def test_the_fee_is_a_quarter_of_the_rate_on_the_cost_held_at_the_quarters_start():
    held = accounts(6, paid={0: 100.0, 2: 60.0}, ended={3: 40.0, 4: 120.0})
    flows = partner_flows(held, 0.25, PLAIN._replace(fee_rate=0.02))
    assert flows.fee == close_to([0.0, 0.5, 0.5, 0.8, 0.6, 0.0])
    assert flows.public_paid_in == close_to([25.0, 0.125, 15.125, 0.2, 0.15, 0.0])
    assert flows.private_paid_in == close_to(3.0 * flows.public_paid_in)


def test_no_fee_on_cost_that_rounding_leaves():
    held = accounts(4, paid={0: 0.3}, ended={1: 0.1 + 0.2, 2: 1e-17})
    assert (partner_flows(held, 0.5, PLAIN._replace(fee_rate=0.02)).fee >= 0.0).all()


def test_the_fee_grows_with_prices_and_is_reported_at_constant_ones():
    held = accounts(9, paid={0: 100.0})
    with_prices = partner_flows(held, 0.0, PLAIN._replace(fee_rate=0.02, inflation_rate=0.05))
    assert with_prices.fee == close_to([0.0, *[0.5] * 8])
    assert with_prices.private_paid_in == close_to([100.0, *[0.5] * 8])


def test_a_loss_is_no_longer_charged():
    """A stake that ended for nothing has brought nothing, but its cost has ended."""
    held = accounts(4, paid={0: 10.0}, ended={1: 10.0})
    assert partner_flows(held, 0.0, PLAIN._replace(fee_rate=0.04)).fee == close_to([0.0, 0.1, 0.0, 0.0])


# --- carry ---


def test_past_the_catch_up_the_manager_has_its_share_of_all_profit():
    doubled = accounts(17, paid={0: 100.0}, received={16: 200.0}, ended={16: 100.0})
    flows = partner_flows(doubled, 0.3, PLAIN._replace(carry_share=0.2, hurdle_rate=0.08))
    assert flows.carry[16] == close_to(20.0)
    assert (flows.public_received[16], flows.private_received[16]) == close_to((0.3 * 180.0, 0.7 * 180.0))
    assert not flows.carry[:16].any()


def test_the_fee_is_capital_that_comes_back_before_carry():
    doubled = accounts(17, paid={0: 100.0}, received={16: 200.0}, ended={16: 100.0})
    flows = partner_flows(doubled, 0.0, PLAIN._replace(carry_share=0.2, hurdle_rate=0.0, fee_rate=0.02))
    assert flows.fee.sum() == close_to(8.0)
    assert flows.carry[16] == close_to(0.2 * (200.0 - 108.0))


def test_the_hurdle_is_nominal():
    """Six per cent at constant prices are 8.12 at prices that rise by two: above a hurdle of eight."""
    grown = 100.0 * 1.06**5
    held = accounts(21, paid={0: 100.0}, received={20: grown}, ended={20: 100.0})
    agreed = PLAIN._replace(carry_share=0.2, hurdle_rate=0.08)
    assert not partner_flows(held, 0.0, agreed).carry.any()
    nominal = 100.0 * (1.06 * 1.02) ** 5
    caught_up = nominal - 100.0 * 1.08**5
    found = partner_flows(held, 0.0, agreed._replace(inflation_rate=0.02)).carry[20]
    assert found == close_to(caught_up / 1.02**5)
    assert 0.0 < caught_up < 0.2 * (nominal - 100.0), "not all is caught up"


def test_without_carry_partners_get_all():
    doubled = accounts(9, paid={0: 100.0}, received={8: 300.0}, ended={8: 100.0})
    flows = partner_flows(doubled, 0.5, PLAIN._replace(inflation_rate=0.02))
    assert not flows.carry.any()
    assert flows.public_received[8] == close_to(150.0)


# --- contracts ---

STEPS = ((2.0, 0.01), (3.0, 0.05))


def test_every_contract_of_a_scenario_has_its_terms():
    assert get_args(GuidanceFund.model_fields["contract"].annotation) == CONTRACTS
    terms = {"contract_rate": 0.05, "contract_share": 0.4, "contract_steps": STEPS}
    fund = tiny().guidance_fund.model_copy(update=terms)
    found = {name: contract_of(fund.model_copy(update={"contract": name})) for name in CONTRACTS}
    assert found == {
        "pari-passu": contracts.PariPassu(),
        "buy-out": contracts.BuyOutOption(0.05, 5.0),
        "scheduled-buy-out": ScheduledBuyOut(StrikeSchedule(STEPS), 1.0, 3.0, 0.4),
        "put": StakePut(0.4, 5.0, 0.05),
        "first-loss": contracts.FirstLoss(0.4),
        "capped": contracts.CappedPublicReturn(0.05, 0.4),
        "shared-hurdle": contracts.SharedHurdle(0.05, 0.4),
        "give-up": contracts.ExcessGiveUp(0.4, 0.05),
        "tiered-give-up": TieredGiveUp(STEPS),
        "stage-give-up": StageGiveUp(0.4, 0.7, 0.05),
        "guarantee": contracts.LossGuarantee(0.4, 0.0, 1.0),
        "private-priority": contracts.PrivatePriority(0.05),
        "senior-debt": contracts.SeniorDebt(0.05),
        "debenture": Debenture(0.05, 5.0, "cash"),
        "accruing-debenture": Debenture(0.05, 5.0, "accruing"),
        "grant": contracts.Grant(),
    }
    assert agreement(fund, 0.02) == Agreement(0.02, 0.2, 0.08, contracts.PariPassu(), 0.02)


@pytest.mark.parametrize(
    ("contract", "received", "public"),
    [
        (contracts.PariPassu(), 80.0, 32.0),
        (contracts.Grant(), 80.0, 0.0),
        (contracts.FirstLoss(0.1), 80.0, 26.0),
        (contracts.LossGuarantee(0.75), 80.0, 23.0),
        (contracts.LossGuarantee(0.75), 50.0, -2.5),
        (contracts.PrivatePriority(0.07), 110.0, 25.847),
        (contracts.ExcessGiveUp(0.5, 0.04), 200.0, 64.333),
        (contracts.CappedPublicReturn(0.03, 0.2), 200.0, 65.097),
        (contracts.SeniorDebt(0.05), 200.0, 51.051),
    ],
)
def test_the_contract_is_that_of_the_policy_folder(contract, received, public):
    """The sub-fund of docs/model/contracts.md: 40 and 60 are paid in, one amount comes back after five years."""
    held = accounts(21, paid={0: 100.0}, received={20: received}, ended={20: 100.0})
    flows = partner_flows(held, 0.4, PLAIN._replace(contract=contract))
    assert flows.public_received[20] == pytest.approx(public, abs=6e-4)
    assert flows.private_received[20] == close_to(received - flows.public_received[20])


def test_interest_and_strikes_are_nominal():
    held = accounts(9, paid={0: 100.0}, received={8: 150.0}, ended={8: 100.0})
    flows = partner_flows(held, 0.5, PLAIN._replace(contract=contracts.SeniorDebt(0.05), inflation_rate=0.03))
    assert flows.public_received[8] == close_to(50.0 * (1.05 / 1.03) ** 2)


# --- the buy-out ---

OPTION = contracts.BuyOutOption(0.06, last_year=1.0)


def test_partners_buy_the_public_out_where_its_part_is_worth_more_than_the_strike():
    """The public has 40 in it and may be bought out a year later for 42.4; half a year on, 20 more are called."""
    held = accounts(9, paid={0: 100.0, 6: 50.0}, received={8: 500.0}, ended={8: 150.0})
    out = partner_flows(held, 0.4, PLAIN._replace(contract=OPTION), np.array([106.1]))
    assert out.public_received == close_to([0, 0, 0, 0, 42.4, 0, 0, 0, 0])
    assert out.private_received == close_to([0, 0, 0, 0, -42.4, 0, 0, 0, 500.0])
    assert out.public_paid_in == close_to([40.0, *[0] * 8]), "later calls are private"
    assert out.private_paid_in[6] == close_to(50.0)
    stays = partner_flows(held, 0.4, PLAIN._replace(contract=OPTION), np.array([105.9]))
    assert stays.public_received[8] == close_to(200.0)
    assert stays.public_paid_in[6] == close_to(20.0)


def test_what_holdings_are_worth_is_counted_after_the_managers_carry():
    """Worth 120 with 100 paid in: 20 % of the profit is the manager's, 116 is left, 46.4 of it the public's."""
    held = accounts(9, paid={0: 100.0}, received={8: 500.0}, ended={8: 100.0})
    with_carry = PLAIN._replace(contract=OPTION, carry_share=0.2, hurdle_rate=0.0)
    at = {"rate": 0.16, "last_year": 1.0}  # strike 46.4
    below = with_carry._replace(contract=contracts.BuyOutOption(at["rate"] - 1e-6, 1.0))
    above = with_carry._replace(contract=contracts.BuyOutOption(at["rate"] + 1e-6, 1.0))
    assert partner_flows(held, 0.4, below, np.array([120.0])).public_received[4] == pytest.approx(46.4, abs=1e-4)
    assert partner_flows(held, 0.4, above, np.array([120.0])).public_received[4] == 0.0


def test_holdings_are_valued_at_the_prices_of_the_day():
    """At constant prices worth 103, with inflation of 5 % 108.15 of the day: above a strike of 106."""
    held = accounts(9, paid={0: 100.0}, received={8: 500.0}, ended={8: 100.0})
    agreed = PLAIN._replace(contract=OPTION)
    assert partner_flows(held, 0.4, agreed, np.array([103.0])).public_received[4] == 0.0
    found = partner_flows(held, 0.4, agreed._replace(inflation_rate=0.05), np.array([103.0]))
    assert found.public_received[4] == close_to(42.4 / 1.05)


def test_without_a_valuation_partners_know_what_comes():
    held = accounts(9, paid={0: 100.0}, received={8: 105.0}, ended={8: 100.0})
    assert not partner_flows(held, 0.4, PLAIN._replace(contract=OPTION)).public_received[4]
    held[8, RECEIVED] = 107.0
    assert partner_flows(held, 0.4, PLAIN._replace(contract=OPTION)).public_received[4] == close_to(42.4)


def test_each_sub_fund_has_its_own_option_and_its_own_share():
    held = np.stack([accounts(9, paid={0: 100.0}, received={8: 500.0}, ended={8: 100.0})] * 3)[None]
    shares, values = np.array([[0.4], [0.2]]), np.array([[120.0, 100.0, 0.0], [0.0, 120.0, 110.0]])[..., None]
    flows = partner_flows(np.repeat(held, 2, axis=0), shares, PLAIN._replace(contract=OPTION), values)
    is_exercised = flows.public_received[..., 4] > 0.0
    assert is_exercised.tolist() == [[True, False, False], [False, True, True]]
    assert flows.public_received[1, 1, 4] == close_to(21.2)


# --- the fund of funds ---


def charged(contract, value=None, received=500.0):
    """What a fund of funds charges, beside the flows without it: 100 held from the start, 50 more from quarter 6."""
    held = accounts(9, paid={0: 100.0, 6: 50.0}, received={8: received}, ended={8: 150.0})
    agreed = PLAIN._replace(contract=contract, fee_rate=0.02, inflation_rate=0.03)
    plain, dear = (partner_flows(held, 0.4, agreed._replace(regional_fee_rate=rate), value) for rate in (0.0, 0.01))
    for name in ("public_paid_in", "private_paid_in", "public_received", "private_received", "fee", "carry"):
        assert (getattr(plain, name) == getattr(dear, name)).all(), name
    assert not plain.public_fee.any()
    return dear.public_fee


def test_a_fund_of_funds_charges_the_public_on_its_part_of_what_is_held():
    """A quarter of 1 % on 40, from quarter 7 on 60; private partners pay nothing of it."""
    for contract in (contracts.PariPassu(), contracts.Grant(), contracts.FirstLoss(0.1), StageGiveUp(0.5, 0.7)):
        assert charged(contract) == close_to([0.0, *[0.1] * 6, 0.15, 0.15])


def test_a_fund_of_funds_charges_nothing_on_what_it_has_sold():
    """Private partners buy all of the stake at the end of year 1, or half of it; or they sell half of theirs."""
    assert charged(OPTION, np.array([200.0])) == close_to([0.0, *[0.1] * 4, *[0.0] * 4])
    assert charged(OPTION, np.array([50.0])) == close_to([0.0, *[0.1] * 6, 0.15, 0.15])
    half = ScheduledBuyOut(StrikeSchedule(((1.0, 0.06),)), 1.0, None, 0.5)
    assert charged(half, np.array([200.0])) == close_to([0.0, *[0.1] * 4, 0.05, 0.05, 0.075, 0.075])
    sold = 0.4 + 0.5 * 0.6
    found = charged(StakePut(0.5, 1.0), np.array([50.0]), received=10.0)
    assert found == close_to([0.0, *[0.1] * 4, *[0.25 * sold] * 2, *[0.375 * sold] * 2])


# --- rights with several dates, rights to sell, and stages ---


def test_a_scheduled_buy_out_is_used_at_the_first_date_at_which_waiting_costs():
    """Dates are years 1, 2 and 3. To year 2 the price is 1 % a year: waiting from year 1 costs less than nothing."""
    held = accounts(17, paid={0: 100.0}, received={16: 500.0}, ended={16: 100.0})
    option = ScheduledBuyOut(StrikeSchedule(STEPS))
    assert valuation_years(option) == (1.0, 2.0, 3.0)
    agreed = PLAIN._replace(contract=option)
    found = partner_flows(held, 0.4, agreed, np.array([120.0, 120.0, 120.0])).public_received
    assert found == close_to([0.0] * 4 + [40.4] + [0.0] * 12), "at year 1, since the price only rises"
    found = partner_flows(held, 0.4, agreed, np.array([90.0, 120.0, 120.0])).public_received
    assert found[8] == close_to(40.0 * 1.01**2)
    found = partner_flows(held, 0.4, agreed, np.array([90.0, 90.0, 120.0])).public_received
    assert found[12] == close_to(40.0 * 1.05**3), "the late rate holds from the start"
    found = partner_flows(held, 0.4, agreed, np.array([90.0, 90.0, 115.0])).public_received
    assert found[16] == close_to(200.0), "46 is less than 46.3"


def test_a_window_that_begins_behind_the_last_price_is_its_last_date():
    late = {"contract": "scheduled-buy-out", "contract_steps": STEPS, "contract_first_year": 4.0, "contract_share": 1.0}
    assert valuation_years(contract_of(tiny().guidance_fund.model_copy(update=late))) == (3.0,)


def test_partners_sell_their_stake_where_it_is_worth_less_than_it_cost():
    """Partners have 60 in it, worth 54 after a year: they sell half for 30, and half of what comes is the public's."""
    held = accounts(9, paid={0: 100.0, 6: 10.0}, received={8: 80.0}, ended={8: 110.0})
    agreed = PLAIN._replace(contract=StakePut(0.5, 1.0))
    found = partner_flows(held, 0.4, agreed, np.array([90.0]))
    assert found.private_received == close_to([0, 0, 0, 0, 30.0, 0, 0, 0, 24.0])
    assert found.public_received == close_to([0, 0, 0, 0, -30.0, 0, 0, 0, 56.0])
    assert found.private_paid_in[6] == close_to(3.0)
    kept = partner_flows(held, 0.4, agreed, np.array([101.0]))
    assert kept.private_received == close_to([0, 0, 0, 0, 0, 0, 0, 0, 48.0])


def test_a_give_up_by_stage_follows_what_went_into_early_rounds():
    """Half of the excess over 40 if 7 tenths went into seed and angel rounds; 35 of 100 earn half of that."""
    contract = StageGiveUp(0.5, 0.7)
    for early, given in ((0.0, 0.0), (35.0, 0.25), (70.0, 0.5), (100.0, 0.5)):
        held = accounts(21, paid={0: 100.0}, received={20: 200.0}, ended={20: 100.0}, early={0: early})
        found = partner_flows(held, 0.4, PLAIN._replace(contract=contract)).public_received[20]
        assert found == close_to(80.0 - given * 40.0)


def test_where_nobody_valued_the_holdings_a_right_is_not_used():
    held = accounts(9, paid={0: 100.0}, received={8: 500.0}, ended={8: 100.0})
    found = partner_flows(held, 0.4, PLAIN._replace(contract=OPTION), np.zeros(0))
    assert found.public_received[8] == close_to(200.0)


# --- nothing, and the cohort's share ---


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_empty_sub_fund_has_no_flows(name):
    terms = {"contract": name, "contract_share": 0.3, "contract_steps": STEPS}
    agreed = agreement(tiny().guidance_fund.model_copy(update=terms), 0.02)
    values = np.zeros((2, len(valuation_years(agreed.contract))))
    flows = partner_flows(np.zeros((2, 12, N_ACCOUNTS)), 0.4, agreed, values)
    assert not any(amounts.any() for amounts in flows)


def test_the_cohorts_share_is_of_what_was_paid():
    held = np.stack(
        [
            accounts(3, paid={0: 30.0, 1: 10.0}, cohort={1: 10.0}),
            accounts(3, paid={2: 5.0}, cohort={2: 5.0}),
            accounts(3),
        ]
    )
    assert cohort_share(held).tolist() == [0.25, 1.0, 0.0]
