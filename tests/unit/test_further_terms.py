"""Further terms behind the contract of sub-funds: what a scenario says, and what partners get, by hand."""

from typing import get_args

import numpy as np
import pytest

from finance.policy import contracts
from finance.policy.give_up import StageGiveUp, TieredGiveUp
from finance.policy.put import StakePut
from finance.policy.scheduled_buy_out import ScheduledBuyOut
from finance.policy.strike import StrikeSchedule
from finance.policy.sub_funds import (
    COST_ENDED,
    N_ACCOUNTS,
    PAID,
    RECEIVED,
    Agreement,
    contract_of,
    contract_with,
    partner_flows,
    valuation_years,
)
from finance.scenario.schema_further import FURTHER_CONTRACTS, FurtherTerm
from finance.scenario.schema_policy import CONTRACTS
from tests.support import tiny

PLAIN = Agreement(0.0, 0.0, 0.0, contracts.PariPassu(), 0.0)


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


# --- what is agreed ---


def fund_with(contract="first-loss", contract_share=0.1, **terms):
    """A programme's terms with further ones by name."""
    further = {"order": list(terms)} | {name.replace("_", "-"): term for name, term in terms.items()}
    further["order"] = [name.replace("_", "-") for name in further["order"]]
    changes = {"contract": contract, "contract_share": contract_share, "further": further}
    return tiny().with_changes({f"guidance_fund.{name}": value for name, value in changes.items()}).guidance_fund


PUT = {"contract": "put", "share": 0.3, "last_year": 8.0}
EXCESS = {"contract": "give-up", "share": 0.3}


def test_further_terms_stand_behind_the_contract_in_their_order():
    assert set(FURTHER_CONTRACTS) < set(CONTRACTS)
    assert get_args(FurtherTerm.model_fields["contract"].annotation) == FURTHER_CONTRACTS
    assert contract_of(fund_with(put=PUT, excess=EXCESS)) == contracts.Sequence(
        (contracts.FirstLoss(0.1), StakePut(0.3, 8.0), contracts.ExcessGiveUp(0.3))
    )
    every = {
        "option": {"contract": "scheduled-buy-out", "share": 0.4, "last_year": 3.0, "steps": [[4.0, 0.02]]},
        "cover": {"contract": "guarantee", "share": 0.4, "premium_rate": 0.01, "claim_cap": 0.5},
        "tiers": {"contract": "tiered-give-up", "share": 0.5, "steps": [[1.0, 0.2], [2.0, 0.6]]},
        "stages": {"contract": "stage-give-up", "share": 0.4, "rate": 0.03, "target_share": 0.6},
    }
    assert contract_of(fund_with("senior-debt", **every)).terms[1:] == (
        ScheduledBuyOut(StrikeSchedule(((4.0, 0.02),)), 1.0, 3.0, 0.4),
        contracts.LossGuarantee(0.4, 0.01, 0.5),
        TieredGiveUp(((1.0, 0.1), (2.0, 0.3))),
        StageGiveUp(0.4, 0.6, 0.03),
    )


def test_a_further_term_without_a_share_is_not_there():
    alone = contracts.FirstLoss(0.1)
    nothing = {name: term | {"share": 0.0} for name, term in (("put", PUT), ("excess", EXCESS))}
    assert contract_of(fund_with(**nothing)) == alone
    assert valuation_years(contract_of(fund_with(**nothing))) == ()


def test_a_dose_moves_a_further_term_from_nothing():
    content = {"order": ["put", "excess"], "put": PUT, "excess": EXCESS}
    scenario = tiny().with_changes({"guidance_fund.further": content})
    half = scenario.with_dose({"guidance_fund.further": 0.5}).guidance_fund
    assert [term.share for term in half.further.in_order()] == [0.15, 0.15]
    assert half.further["put"].last_year == 8.0
    assert scenario.with_dose({"guidance_fund": 0.0}).digest == tiny().digest
    alone = scenario.with_dose({"guidance_fund.further.put": 0.0}).guidance_fund
    assert alone.further.names == ("excess",)
    gone = scenario.with_changes({"guidance_fund.further.put": {"absent": True}}).guidance_fund
    assert gone.further == alone.further


def test_behind_a_contract_that_concedes_nothing_the_first_further_term_is_the_contract():
    for name, share in (("pari-passu", 0.1), ("first-loss", 0.0), ("guarantee", 0.0)):
        assert contract_of(fund_with(name, share, put=PUT)) == StakePut(0.3, 8.0)
        assert contract_of(fund_with(name, share)) == contract_with(name, fund_with(name, share).model_dump())


def test_several_rights_have_their_dates_at_whole_years_and_holdings_are_valued_in_all_between():
    option = {
        "contract": "scheduled-buy-out",
        "share": 0.3,
        "last_year": 4.6,
        "first_year": 4.0,
        "steps": [[9.0, 0.05]],
    }
    agreed = contract_of(fund_with(option=option, put=PUT | {"last_year": 6.5}))
    assert valuation_years(agreed) == (4.0, 5.0, 6.0, 7.0)
    assert [valuation_years(right) for right in agreed.rights] == [(4.0,), (7.0,)]
    alone = contract_of(fund_with(put=PUT | {"last_year": 6.5}))
    assert valuation_years(alone) == (6.5,), "of one right the date is its own"
    early = contract_of(fund_with(put=PUT | {"last_year": 0.25}, option=option))
    assert valuation_years(early) == (1.0, 2.0, 3.0, 4.0)


# --- what partners get ---


def sold(contract, values, received, **agreed):
    """What partners get of 100 held from the start, 40 of it public, where one amount comes back after five years."""
    held = np.zeros((21, N_ACCOUNTS))
    held[0, PAID], held[20, RECEIVED], held[20, COST_ENDED] = 100.0, received, 100.0
    return partner_flows(held, 0.4, PLAIN._replace(contract=contract, **agreed), np.array(values))


def test_a_put_behind_a_first_loss_is_idle_where_that_makes_the_loss_good():
    """Worth 95 the stake of 60 is worth 60 with the first loss, and costs 60; worth 80 it is worth 54, so it is sold."""
    terms = contracts.Sequence((contracts.FirstLoss(0.1), StakePut(0.5, 2.0)))
    kept = sold(terms, [95.0], 80.0)
    assert kept.private_received == close_to([*[0.0] * 20, 54.0])
    put = sold(terms, [80.0], 80.0)
    assert put.private_received == close_to([*[0.0] * 8, 30.0, *[0.0] * 11, 27.0])
    assert sold(StakePut(0.5, 2.0), [95.0], 80.0).private_received[8] == close_to(30.0), "alone it is worth 57"


def test_a_give_up_behind_a_right_is_not_weighed_but_one_before_it_is():
    """Sold at 150 the public has 60, of which 20 are excess; where it gives up half of that, its stake is worth 50."""
    option = ScheduledBuyOut(StrikeSchedule(((2.0, 0.15),)), 2.0)
    strike = 40.0 * 1.15**2
    assert 50.0 < strike < 60.0
    give_up = contracts.ExcessGiveUp(0.5)
    behind, before = (contracts.Sequence(terms) for terms in ((option, give_up), (give_up, option)))
    found = sold(behind, [150.0], 200.0).public_received
    assert found == close_to([*[0.0] * 8, strike - 0.5 * (strike - 40.0), *[0.0] * 12]), (
        "and half of the gain is given up"
    )
    assert sold(before, [150.0], 200.0).public_received == close_to([*[0.0] * 20, 60.0])


def test_a_right_counts_what_another_has_moved():
    """Partners buy half of the public's 40 after a year; after three they may sell all of theirs, now 80, at cost."""
    option = ScheduledBuyOut(StrikeSchedule(((1.0, 0.0),)), 1.0, None, 0.5)
    terms = contracts.Sequence((option, StakePut(1.0, 3.0)))
    flows = sold(terms, [120.0, 0.0, 70.0], 50.0, regional_fee_rate=0.04)
    assert flows.private_received[4] == close_to(-20.0)
    assert flows.private_received[12] == close_to(80.0), "60 paid in, and 20 paid for the public's half"
    assert flows.public_received[20] == close_to(50.0)
    assert flows.public_fee == close_to([0.0, *[0.4] * 4, *[0.2] * 8, *[1.0] * 8])
    assert sold(terms, [120.0, 0.0, 101.0], 50.0).private_received[12] == 0.0, "80 % of 101 are worth more"


def test_the_lp_first_step_fund_on_what_a_sale_would_bring():
    """KVIC's three terms: of 200 the public gives up 3 tenths of 40; of 80 partners have 54 and sell 3 tenths at cost."""
    terms = contract_of(fund_with(put=PUT | {"last_year": 5.0}, excess=EXCESS))
    for received, private in ((200.0, 132.0), (100.0, 60.0), (90.0, 60.0), (80.0, 55.8), (0.0, 18.0)):
        assert sold(terms, [received], received).private_received[20] == close_to(private)
