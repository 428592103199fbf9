"""What private money expects to earn: from bargains, and from what an agreement leaves partners of sub-funds."""

import math

import numpy as np
import pytest

from finance.fund.measures import irr
from finance.market.beliefs import starting_beliefs
from finance.market.grids import QUALITY
from finance.market.records import PAID_FOR, WORTH
from finance.market.returns import Money, committed_by, net_returns, raised_a_year, supply_distance, years_out
from finance.market.terms import names_of, terms_of
from finance.policy import contracts
from finance.policy.sub_funds import COHORT_PAID, COST_ENDED, N_ACCOUNTS, PAID, RECEIVED
from tests.support import tiny

NOTHING = np.array([0.11, 0.22])  # what was believed before, of both classes
SHARES = (0.4, 0.4)


@pytest.fixture(scope="module")
def terms():
    """The tiny economy whose second class is the programme's; elasticities one and two."""
    scenario = tiny().with_changes(
        {
            "guidance_fund.sub_funds": "patient",
            "guidance_fund.diverted_share": 0.0,
            "classes.market.supply_elasticity": 1.0,
            "classes.patient.supply_elasticity": 2.0,
            "guidance_fund.fee_rate": 0.0,
            "guidance_fund.carry_share": 0.0,
            "world.inflation_rate": 0.0,
        }
    )
    return terms_of(scenario, names_of(scenario))


def money(paid=(0.0, 0.0), worth=(0.0, 0.0), sub_funds=None, values=None):
    """What one path shows."""
    bargains = np.zeros((2, 2))
    bargains[:, PAID_FOR], bargains[:, WORTH] = paid, worth
    accounts = np.zeros((1, 3, 21, N_ACCOUNTS)) if sub_funds is None else sub_funds
    return Money(bargains, accounts, np.zeros(accounts.shape[:2]) if values is None else values, np.zeros((1, 3)))


def one_sub_fund(received, row=2, cohort=100.0):
    """In its first quarter 100 are paid, in its last something is received; rows 0 and 1 are the warm-up's."""
    accounts = np.zeros((1, 3, 21, N_ACCOUNTS))
    accounts[0, row, 0, [PAID, COHORT_PAID]] = 100.0, cohort
    accounts[0, row, 20, [RECEIVED, COST_ENDED]] = received, 100.0
    return accounts


def rate(paid, received):
    flows = np.zeros(21)
    flows[[0, 20]] = -paid, received
    return float(irr(flows, periods_per_year=4))


# --- bargains ---


def test_money_is_out_from_the_stages_of_a_class_to_the_exit(terms):
    """Three stages of a year each. Market funds have no budgets: all stages count alike; patient funds seed and pilot."""
    assert years_out(terms) == pytest.approx([2.0, (0.3 * 3.0 + 0.5 * 2.0) / 0.8])
    short = terms._replace(life_quarters=np.array([6, 4]))
    assert years_out(short) == pytest.approx([1.5, 1.0])


def test_a_bargain_is_spread_over_the_years_that_money_is_out(terms):
    found = net_returns(money((100.0, 50.0), (120.0, 45.0)), terms, terms, SHARES, NOTHING)
    assert found == pytest.approx([math.log(1.2) / 2.0, math.log(0.9) / years_out(terms)[1]])


def test_a_class_that_has_bought_nothing_expects_what_it_did(terms):
    assert net_returns(money((100.0, 0.0), (100.0, 0.0)), terms, terms, SHARES, NOTHING).tolist() == [0.0, 0.22]
    assert np.isnan(net_returns(money(), terms, terms, SHARES, np.full(2, np.nan))).all()


def test_partners_know_that_a_manager_has_bid_for_less_than_they_require(terms):
    """Worth is at the rate at which the manager bids: two points less than the class's is two points less of return."""
    plain, pressed = (
        net_returns(money((100.0, 50.0), (120.0, 45.0)), terms, terms, SHARES, NOTHING, np.array([0.0, points]))
        for points in (0.0, 0.02)
    )
    required = terms.required_return[1]
    assert plain[0] == pressed[0]
    assert plain[1] - pressed[1] == pytest.approx(math.log((1.0 + required) / (1.0 + required - 0.02)))


def test_what_a_duty_buys_counts_for_the_class_whose_money_it_is(terms):
    """Market funds pay 100 for 120, their duty 50 for 45: together 150 for 165."""
    duty = terms._replace(owner=np.array([0, 0]), sub_fund_class=-1)
    found = net_returns(money((100.0, 50.0), (120.0, 45.0)), duty, duty, SHARES, NOTHING)
    assert found == pytest.approx([math.log(1.1) / 2.0, 0.22])


# --- what a contract leaves ---


def with_contract(terms, contract, **agreed):
    return terms._replace(agreement=terms.agreement._replace(contract=contract, **agreed))


def gained(own, root, seen, shares=SHARES):
    """Expected by partners beyond the bargain, which is none."""
    return net_returns(seen._replace(bargains=money((1, 1), (1, 1)).bargains), own, root, shares, NOTHING)[1]


def test_the_same_agreement_leaves_the_same_to_the_bit(terms):
    assert gained(terms, terms, money(sub_funds=one_sub_fund(200.0))) == 0.0


def test_a_contract_is_worth_the_difference_of_two_rates_on_the_same_flows(terms):
    """Private partners paid 60 of 100; of 200 they get 120 pari passu, all but the public's capital if it gives up."""
    own = with_contract(terms, contracts.ExcessGiveUp(1.0, 0.0))
    found = gained(own, terms, money(sub_funds=one_sub_fund(200.0)))
    assert found == pytest.approx(rate(60.0, 160.0) - rate(60.0, 120.0))


def test_fee_and_carry_count_too(terms):
    own = terms._replace(agreement=terms.agreement._replace(carry_share=0.2, hurdle_rate=0.0))
    found = gained(own, terms, money(sub_funds=one_sub_fund(200.0)))
    assert found == pytest.approx(rate(60.0, 0.6 * 180.0) - rate(60.0, 120.0))
    assert gained(terms, own, money(sub_funds=one_sub_fund(200.0))) == pytest.approx(-found)


def test_a_fee_on_commitments_leaves_partners_less(terms):
    """A sub-fund commits 500 a year and invests 100 in all: 2 % of what is committed is more than of what is held."""
    with_the_next = np.concatenate([one_sub_fund(200.0), np.zeros((1, 1, 21, N_ACCOUNTS))], axis=1)
    seen, dear = money(sub_funds=with_the_next), {"fee_rate": 0.02, "fee_base": "committed"}
    invested, committed, more = (
        net_returns(
            seen._replace(bargains=money((1, 1), (1, 1)).bargains),
            terms._replace(agreement=terms.agreement._replace(**agreed)), terms, SHARES, NOTHING, None, a_year,
        )[1]
        for agreed, a_year in (({"fee_rate": 0.02}, 500.0), (dear, 500.0), (dear, 600.0))
    )  # fmt: skip
    assert more < committed < invested < 0.0
    assert gained(terms, terms, seen) == 0.0


def test_what_a_fund_of_funds_charges_is_not_the_partners(terms):
    dear = terms._replace(agreement=terms.agreement._replace(regional_fee_rate=0.05))
    assert gained(dear, terms, money(sub_funds=one_sub_fund(200.0))) == 0.0
    own = with_contract(dear, contracts.ExcessGiveUp(1.0, 0.0))
    found = gained(own, terms, money(sub_funds=one_sub_fund(200.0)))
    assert found == gained(
        with_contract(terms, contracts.ExcessGiveUp(1.0, 0.0)), terms, money(sub_funds=one_sub_fund(200.0))
    )


def test_the_same_fee_under_both_agreements_leaves_the_same(terms):
    dear = terms._replace(agreement=terms.agreement._replace(fee_rate=0.02, fee_base="committed"))
    assert gained(dear, dear, money(sub_funds=one_sub_fund(200.0))) == 0.0, "and nothing is worked out"


def test_a_duty_raises_money_too(terms):
    """Patient funds and what their duty reserves; without a programme nothing is raised for it."""
    capacity = np.array([30.0, 70.0])
    assert raised_a_year(terms, capacity) == 70.0
    assert raised_a_year(terms._replace(owner=np.array([1, 1])), capacity) == 100.0
    assert raised_a_year(terms._replace(sub_fund_class=-1), capacity) == 0.0


def test_pari_passu_leaves_the_same_at_any_public_share(terms):
    found = gained(terms, terms, money(sub_funds=one_sub_fund(200.0)), shares=(0.5, 0.1))
    assert found == pytest.approx(0.0, abs=1e-9)


def test_sub_funds_of_the_warm_up_and_others_ventures_say_nothing(terms):
    own = with_contract(terms, contracts.ExcessGiveUp(1.0, 0.0))
    for accounts in (one_sub_fund(200.0, row=1), one_sub_fund(200.0, cohort=0.0)):
        found = net_returns(money((1, 1), (1, 1), accounts), own, terms, SHARES, NOTHING)
        assert found.tolist() == [0.0, 0.22], "not known, so as before"


def test_sub_funds_count_as_far_as_they_are_the_cohorts(terms):
    own = with_contract(terms, contracts.ExcessGiveUp(1.0, 0.0))
    both = np.concatenate([one_sub_fund(300.0, cohort=25.0), one_sub_fund(60.0)])
    seen = money(sub_funds=both)
    expected = rate(0.25 * 60 + 60, 0.25 * 260 + 60 * 0.6) - rate(0.25 * 60 + 60, 0.25 * 180 + 60 * 0.6)
    assert gained(own, terms, seen) == pytest.approx(expected)


def test_options_are_exercised_on_what_holdings_are_worth(terms):
    own = with_contract(terms, contracts.BuyOutOption(0.0, 1.0))
    accounts = one_sub_fund(200.0)
    cheap, dear = np.array([[0.0, 0.0, 90.0]]), np.array([[0.0, 0.0, 110.0]])
    assert gained(own, terms, money(sub_funds=accounts, values=cheap)) == pytest.approx(0.0, abs=1e-9)
    flows = np.zeros(21)
    flows[[0, 4, 20]] = -60.0, -40.0, 200.0
    bought = float(irr(flows, periods_per_year=4)) - rate(60.0, 120.0)
    assert gained(own, terms, money(sub_funds=accounts, values=dear)) == pytest.approx(bought)


# --- supply ---


def beliefs_with(terms, net_return):
    before = starting_beliefs(names_of(tiny()), np.ones(len(QUALITY)), 0.9, terms)
    return before._replace(net_return=np.array(net_return))


def test_the_root_commits_what_it_states(terms):
    found = committed_by(terms, beliefs_with(terms, [5.0, 5.0]), None)
    assert found.capacity.tobytes() == terms.capacity.tobytes()


def test_a_scenario_commits_by_what_is_gained_over_the_root(terms):
    home = np.array([0.05, 0.10])
    found = committed_by(terms, beliefs_with(terms, [0.06, 0.08]), home)
    private = terms.capacity * (1.0 - terms.public_share)
    assert found.private == pytest.approx(private * np.exp([0.1, -0.4]))
    assert committed_by(terms, beliefs_with(terms, home), home).capacity.tobytes() == terms.capacity.tobytes()


def test_the_distance_is_the_mean_change_of_private_supply_in_logs(terms):
    home = np.array([0.0, 0.0])
    new, old = beliefs_with(terms, [0.02, 0.01]), beliefs_with(terms, [0.01, 0.01])
    private = terms.capacity * (1.0 - terms.public_share)
    assert supply_distance(terms, new, old, home) == pytest.approx(0.1 * private[0] / private.sum())
    assert supply_distance(terms, new, old, None) == 0.0
    bound = beliefs_with(terms, [9.0, 0.01]), beliefs_with(terms, [1.0, 0.01])
    assert supply_distance(terms, *bound, home) == 0.0, "at the bounds nothing moves"
