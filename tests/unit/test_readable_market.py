"""The readable market against cases worked out by hand: rounds, prices, attempts, exits.

Unless a test says otherwise: a round needs 10, the one class calls 10 a quarter and bids 40, founders sell
at most half (floor 20), capital is ample (sellers get .9 of what the bid is above the floor: price 38).
"""

import math

import numpy as np
import pytest
from scipy import stats

from finance import luck
from finance.market import records
from finance.market.conventions import TO_EXIT
from finance.market.records import BY_BUYERS, BY_VEHICLES, NEVER, TO_FOUNDERS, TO_VEHICLES, TO_VENTURES
from tests.readable import life
from tests.readable.cases import KEY, SURE, calm_world, flat_tables, one_era, plain_terms
from tests.readable.draws import Draws

FOUR = {"mean_quarters": np.full((1, 1), 4.0)}


def run(terms, tables=None, world=None, planner=None, path=0):
    tables = flat_tables(terms) if tables is None else tables
    return one_era(terms, tables, planner=planner, world=world).run(path)


def fate_of(economy, row=0):
    return records.FATES[economy.record.fate[row]]


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


# --- a round and its exit ---


def test_one_venture_one_class_certain_success():
    terms = plain_terms(n_quarters=4, tax_rate=np.array([0.2]), preference_multiple=1.0, social_rate=0.08)
    world = calm_world(terms)
    world.index_ratio[2] = 1.1
    world.sector_factor[0, 2] = 0.9
    economy = run(terms, world=world)
    record = economy.record
    assert (record.asked[0, 0], record.closed[0, 0], record.left[0, 0]) == (0, 0, 2)
    assert record.passed[0, 0]
    assert record.worthwhile[0, 0]
    assert record.wanted[0, 0]
    assert record.supplied[0, 0] == 10.0
    assert record.stake[0, 0] == close_to(10 / 38)
    assert record.price_over_floor[0, 0] == close_to(38 / 20)
    assert record.price_ratio[0, 0] == close_to(40 / 38)
    assert record.tightness[0, 0] == 1.0
    assert (fate_of(economy), record.fate_stage[0], record.end_quarter[0]) == ("ipo", 0, 2)
    # sold for 200 × 1.1 × .9 = 198; the preference of 10 is worth less than the stake
    received = 198 * 10 / 38
    tax = 0.2 * (received - 10)
    ledger = np.zeros((4, records.N_ACCOUNTS))
    ledger[0, records.INVESTED] = 10.0
    ledger[2, [records.DISTRIBUTED, records.GAIN, records.TAX]] = received - tax, received - 10, tax
    ledger[2, records.PRESENT] = (received - tax) * 1.1**-0.5
    assert record.ledger[0] == close_to(ledger)
    assert record.deals.tolist() == [[1, 0]]
    assert list(record.social) == close_to([10.0, 198 * 1.08**-0.5, 0.0])
    flows = np.zeros((4, records.N_FLOWS))
    flows[0, [BY_VEHICLES, TO_VENTURES]] = 10.0
    flows[2, BY_BUYERS] = 198.0
    flows[2, [TO_VEHICLES, records.TO_TREASURY, TO_FOUNDERS]] = received - tax, tax, 198 - received
    assert record.flows == pytest.approx(flows)
    assert record.cause_first[0, 0] == records.NO_CAUSE


def test_bids_and_worth_move_with_the_index_and_needs_do_not():
    terms = plain_terms(n_quarters=1)
    world = calm_world(terms)
    world.index_ratio[0] = 0.6
    record = run(terms, world=world).record
    assert record.stake[0, 0] == close_to(10 / (20 + 0.9 * (24 - 20)))
    assert record.price_ratio[0, 0] == close_to(24 / 23.6)
    assert record.worthwhile[0, 0]
    world.index_ratio[0] = 0.19  # 50 × .19 is below the need
    assert not run(terms, world=world).record.worthwhile[0, 0]


def test_a_partial_round_is_topped_up_in_the_next_quarter():
    terms = plain_terms(n_quarters=5, capacity=np.array([32.0]), **FOUR)
    economy = run(terms)
    record, venture = economy.record, economy.ventures[0]
    assert record.closed[0, 0] == 0
    assert record.stake[0, 0] == close_to(8 / 38)
    assert record.supplied[0, 0] == close_to(10)
    assert [record.ledger[0, t, records.INVESTED] for t in range(5)] == close_to([8, 2, 0, 0, 0])
    # both closings at a price of 30 a share: 30 for the founders' one share, 10 for the money
    assert economy.record.ledger[0, 4, records.DISTRIBUTED] == close_to(200 * 10 / 40)
    assert [round_.shares for round_ in venture.rounds] == close_to([8 / 30, 2 / 30])
    assert record.cause_first[0, 0] == records.NO_CAUSE
    under_way = run(terms._replace(n_quarters=2)).ventures[0].attempt
    assert (under_way.cash, under_way.runway) == (close_to(10), 5)


def test_below_the_least_fill_nothing_closes_and_the_search_lapses():
    terms = plain_terms(n_quarters=4, capacity=np.array([1.0]), search_quarters=3)
    economy = run(terms)
    record = economy.record
    assert record.closed[0, 0] == NEVER
    assert record.wanted[0, 0]
    assert (record.left[0, 0], record.end_quarter[0], fate_of(economy)) == (2, 2, "starved")
    assert record.cause_first[0, 0] == record.cause_last[0, 0] == records.BY_CAPACITY
    assert not record.ledger[:, :, records.INVESTED].any()


def test_what_is_not_worthwhile_and_lapses_is_rightly_refused():
    terms = plain_terms(n_quarters=4, capacity=np.array([1.0]), search_quarters=3)
    economy = run(terms, planner=flat_tables(terms, fresh=9.9).company)
    assert fate_of(economy) == "efficient_rejection"
    assert not economy.record.worthwhile[0, 0]
    assert economy.record.cause_first[0, 0] == economy.record.cause_last[0, 0] == records.NO_CAUSE


def test_classes_are_taken_in_order_of_value_and_the_last_sets_the_price():
    terms = plain_terms(n_classes=3, n_quarters=1, capacity=np.array([32.0, 24.0, 80.0]))
    record = run(terms, flat_tables(terms, bids=(30.0, 40.0, 25.0))).record
    # the second class has 6, the first 8; the third is not needed
    assert list(record.ledger[:, 0, records.INVESTED]) == close_to([80 / 14, 60 / 14, 0])
    assert record.stake[0, 0] == close_to(10 / (20 + 0.9 * 10))
    assert record.price_ratio[0, 0] == close_to(40 / 29)


def test_a_bid_below_the_floor_is_no_offer():
    terms = plain_terms(n_quarters=1)
    economy = run(terms, flat_tables(terms, bids=(19.9,)))
    assert not economy.record.wanted[0, 0]
    assert run(terms, flat_tables(terms, bids=(20.0,))).record.stake[0, 0] == close_to(0.5)


def test_founders_keep_their_floor():
    """Having sold half at the first stage, founders who must keep .3 sell at most 1 − .3 ÷ .5 = .4 next."""
    terms = plain_terms(n_stages=2, n_quarters=3, founders_floor=0.3)
    tables = flat_tables(terms)
    tables.bid[0, 0, 0, 0] = 20.0
    tables.bid[0, 0, 0, 1] = 24.9
    assert not run(terms, tables).record.wanted[0, 1]
    tables.bid[0, 0, 0, 1] = 25.1  # above 10 ÷ .4
    assert run(terms, tables).record.stake[0, 1] == close_to(10 / (25 + 0.9 * 0.1))


def test_a_ticket_limits_what_one_vehicle_pays():
    terms = plain_terms(n_classes=2, n_quarters=1, ticket_max=np.array([3.0, np.inf]))
    record = run(terms, flat_tables(terms, bids=(50.0, 40.0))).record
    assert list(record.ledger[:, 0, records.INVESTED]) == close_to([30 / 13, 100 / 13])


def test_a_distressed_round_has_a_larger_preference():
    terms = plain_terms(
        n_quarters=1, sellers_share_short=0.0, sellers_share_ample=0.0, preference_multiple=1.0,
        distressed_dilution=0.35, distressed_preference=1.5,
    )  # fmt: skip
    assert run(terms).ventures[0].rounds[0].preference == close_to(15)
    milder = terms._replace(distressed_dilution=0.5)
    assert run(milder).ventures[0].rounds[0].preference == close_to(10)


def test_holders_take_up_their_rights():
    """The first class holds 10 ÷ 35 and takes .7 of that of the next round; the second class shrinks to 8."""
    terms = plain_terms(
        n_stages=2, n_classes=2, n_quarters=3, sellers_share_short=0.5, sellers_share_ample=0.5,
        pro_rata_share=0.7, in_mandate=np.array([[[True, True]], [[False, True]]]),
    )  # fmt: skip
    tables = flat_tables(terms, bids=(50.0, 55.0))
    record = run(terms, tables).record
    assert record.stake[0, 0] == close_to(10 / 35)
    assert list(record.ledger[:, 2, records.INVESTED]) == close_to([2, 8])
    tables.bid[0, 0, 0, 1] = 37.4  # now below the price of 37.5: no right
    assert list(run(terms, tables).record.ledger[:, 2, records.INVESTED]) == close_to([0, 10])


# --- attempts ---

MISS_THEN_PASS = {
    "log_odds": np.full((1, 1), -SURE),
    "learning_log_odds": 2 * SURE,
    "technical_attempts": np.full((1, 1), 2),
}


def test_holders_pay_a_bridge_in_proportion_to_their_stakes():
    terms = plain_terms(n_classes=2, n_quarters=5, capacity=np.array([24.0, 32.0]), **MISS_THEN_PASS)
    economy = run(terms, flat_tables(terms, bids=(40.0, 30.0)))
    record = economy.record
    # 3 for a company worth 50, paid 3 : 4 as the round was; the second attempt takes two quarters as well
    assert list(record.ledger[:, 2, records.INVESTED]) == close_to([9 / 7, 12 / 7])
    assert record.bridge[0, 0] == close_to(3)
    assert record.bridges.tolist() == [[[1, 1]]]
    assert (fate_of(economy), record.end_quarter[0]) == ("ipo", 4)
    founders = (1 - 10 / 29) * (1 - 3 / 50)
    assert list(record.ledger[:, 4, records.DISTRIBUTED]) == close_to(
        [200 * (1 - founders) * 3 / 7, 200 * (1 - founders) * 4 / 7]
    )
    assert record.supplied[0, 0] == 10.0, "a bridge is not part of the round"
    assert record.deals.tolist() == [[2, 0], [2, 0]], "a bridge is a holding of its own"
    quicker = run(terms._replace(retry_time_share=0.5), flat_tables(terms, bids=(40.0, 30.0)))
    assert quicker.record.end_quarter[0] == 3


@pytest.mark.parametrize(
    ("changes", "fresh", "fate"),
    [
        ({"technical_attempts": np.ones((1, 1), dtype=int)}, 50.0, "technical"),
        ({}, 3.0, "technical"),  # worth no more than the bridge of 3
        ({"attempts": 1}, 50.0, "impatience"),
        ({"attempts": 1}, 3.0, "technical"),
    ],
)
def test_why_there_is_no_second_attempt(changes, fresh, fate):
    terms = plain_terms(n_quarters=3, **(MISS_THEN_PASS | changes))
    economy = run(terms, flat_tables(terms, fresh=fresh), planner=flat_tables(terms).company)
    assert fate_of(economy) == fate
    assert economy.record.left[0, 0] == economy.record.end_quarter[0] == 2
    assert not economy.record.passed[0, 0]
    assert economy.record.deals.tolist() == [[1, 1]]
    assert not economy.record.bridges.any()


def test_cash_that_runs_out_needs_an_extension():
    """7 of 10 last 3 quarters at 8 a year; the milestone takes 4; the holder pays a year, 8, for 8 ÷ 45."""
    terms = plain_terms(n_quarters=5, capacity=np.array([28.0]), min_fill=0.7, search_quarters=1, **FOUR)
    economy = run(terms)
    record = economy.record
    assert [record.ledger[0, t, records.INVESTED] for t in range(5)] == close_to([7, 0, 0, 8, 0])
    assert record.bridge[0, 0] == close_to(8)
    assert (record.passed[0, 0], record.left[0, 0]) == (True, 4)
    under_way = run(terms._replace(n_quarters=4)).ventures[0].attempt
    assert (under_way.cash, under_way.runway) == (close_to(15), 7)
    assert record.ledger[0, 4, records.DISTRIBUTED] == close_to(200 * (1 - (1 - 7 / 38) * (1 - 8 / 45)))
    assert record.cause_first[0, 0] == record.cause_last[0, 0] == records.BY_CAPACITY, "3 are still missing"


@pytest.mark.parametrize(
    ("changes", "extended", "fate"),
    [
        ({}, 8.0, "technical"),
        ({"patience_quarters": 3}, 45.0, "impatience"),
        ({"patience_quarters": 4}, 45.0, "none"),
    ],
)
def test_why_there_is_no_extension(changes, extended, fate):
    terms = plain_terms(n_quarters=4, capacity=np.array([28.0]), min_fill=0.7, search_quarters=1, **FOUR)
    terms = terms._replace(**changes)
    economy = run(terms, flat_tables(terms, extended=extended))
    assert fate_of(economy) == ("alive" if fate == "none" else fate)


@pytest.mark.parametrize(
    ("quarters", "cash", "burn", "runway"),
    [
        (5, 10.0, 8.0, 5),
        (5, 9.99, 8.0, 4),
        (5, 0.1, 8.0, 1),
        (5, 0.1 * 3, 0.1 * 4, 3),
        (5, 1.0, 0.0, math.inf),
    ],
)
def test_runway(quarters, cash, burn, runway):
    assert life.Attempt(0, 0, quarters, burn, cash).runway == runway


def two_holders():
    """Let two vehicles hold half of the investors' stake each; a quarter later their money is gone."""
    terms = plain_terms(n_classes=2, n_quarters=2, capacity=np.full(2, 20.0), preference_multiple=1.0)
    economy = run(terms, flat_tables(terms, bids=(40.0, 40.0)))
    for vehicle in economy.vehicles:
        vehicle.spend(vehicle.all_money())
    return economy, economy.ventures[0], economy.vehicles


def test_a_poor_holder_pays_what_it_has_and_the_others_the_rest():
    economy, venture, (poor, rich) = two_holders()
    poor.money["free", 0], rich.money["older", 0], rich.money["newer", 0] = 1.0, 2.0, 8.0
    total = venture.total_shares
    assert life.holders_pay(economy, venture, 4.0, 50.0) is life.PAID
    assert (poor.all_money(), rich.all_money()) == close_to((0, 7))
    assert rich.money["older", 0] == 0.0, "older earmarks are spent before newer ones"
    bridge = venture.rounds[-1]
    assert bridge.shares == close_to(total * (4 / 50) / (1 - 4 / 50))
    assert [holding.shares / bridge.shares for holding in bridge.holdings] == close_to([1 / 4, 3 / 4])
    assert bridge.preference == 4.0


@pytest.mark.parametrize(("frozen_money", "fate"), [(1.0, records.FROZEN), (0.5, records.STARVED)])
def test_a_frozen_holder_does_not_pay(frozen_money, fate):
    economy, venture, (frozen, other) = two_holders()
    frozen.frozen_until, frozen.money["free", 0], other.money["free", 0] = 100, frozen_money, 3.0
    assert life.holders_pay(economy, venture, 4.0, 50.0) == fate
    assert (frozen.all_money(), other.all_money()) == (frozen_money, 3.0)
    assert economy.record.bridges.tolist() == [[[1, 0]]]


@pytest.mark.parametrize("path", range(8))
def test_the_milestone_mixes_common_and_own_luck(path):
    terms = plain_terms(n_quarters=3, factor_correlation=0.4, log_odds=np.zeros((1, 1)), quality_log_odds=0.5)
    economy, draws = run(terms, path=path), Draws(KEY, path)
    own = stats.norm.ppf(draws.attempt(0, 0, terms.stage_code[0], 0)[1])
    common = stats.norm.ppf(draws.factor(0, terms.factor_code[0, 0], 0)[0])
    odds = 1 / (1 + math.exp(-0.5 * economy.ventures[0].quality))
    passes = stats.norm.cdf(math.sqrt(0.4) * common + math.sqrt(0.6) * own) < odds
    assert economy.record.passed[0, 0] == passes


# --- arrivals and ends ---


def test_an_offer_on_arrival_at_the_next_stage():
    terms = plain_terms(n_stages=2, n_quarters=3, offer_probability=np.array([[1.0, 0.0]]))
    economy = run(terms)
    record = economy.record
    assert (fate_of(economy), record.fate_stage[0], record.end_quarter[0]) == ("acquisition", 0, 2)
    assert record.social[records.PROCEEDS] == close_to(30 * math.exp(0.1))
    assert list(record.asked[0]) == [0, NEVER]
    assert (record.left[0, 0], record.left[0, 1], record.signal[0, 1]) == (2, NEVER, 0.0)
    declined = run(terms._replace(offer_log_median=-0.1))
    assert list(declined.record.asked[0]) == [0, 2]
    assert list(run(terms, flat_tables(terms, going_concern=0.0)).record.asked[0]) == [0, 2]


@pytest.mark.parametrize(("fresh", "price"), [(50.0, 2.0), (11.5, 1.5)])
def test_a_distress_sale_brings_a_share_of_the_cash_spent(fresh, price):
    """10 were spent; a fifth of it comes back, but never more than the company is worth above the need."""
    terms = plain_terms(
        n_stages=2, n_quarters=4, search_quarters=2, distress_probability=1.0,
        distress_low=0.2, distress_high=0.2, in_mandate=np.array([[[True, False]]]),
    )  # fmt: skip
    economy = run(terms, flat_tables(terms, fresh=fresh))
    assert (fate_of(economy), economy.record.end_quarter[0]) == ("distress_sale", 3)
    assert economy.record.social[records.PROCEEDS] == close_to(price)
    assert economy.record.cause_first[0, 1] == records.BY_MANDATE
    assert fate_of(run(terms, flat_tables(terms, fresh=10.0))) == "starved"
    assert fate_of(run(terms._replace(distress_probability=0.0))) == "starved"


def test_a_venture_that_may_list_waits_for_the_window():
    terms = plain_terms(n_quarters=4)
    world = calm_world(terms)
    world.window[:3] = False
    assert run(terms, world=world).record.end_quarter[0] == 3
    world.window[3] = False
    economy = run(terms, world=world)
    assert (fate_of(economy), economy.record.fate_stage[0], economy.record.end_quarter[0]) == (
        "alive",
        0,
        NEVER,
    )
    assert economy.record.social[records.END_WORTH] == close_to(200 * 0.9)
    assert economy.record.ledger[0, 3, records.END_VALUE] == close_to(180 * 10 / 38)
    assert economy.record.deals.tolist() == [[1, 0]]
    sold = run(terms._replace(ipo_waits=False), world=world)
    assert fate_of(sold) == "trade_sale"
    assert sold.record.social[records.PROCEEDS] == close_to(140)


def test_small_ventures_sustain_themselves_or_are_sold():
    small = plain_terms(n_quarters=4, exit_log_median=np.log([49.0]))
    economy = run(small)
    assert (fate_of(economy), economy.record.end_quarter[0]) == ("self_sustaining", 2)
    assert economy.record.deals.tolist() == [[1, 1]]
    assert economy.record.passed[0, 0]
    assert fate_of(run(small._replace(exit_log_median=np.log([99.0])))) == "trade_sale"


def test_a_deal_that_gets_its_money_back_is_not_lost():
    terms = plain_terms(n_quarters=3, preference_multiple=1.0, exit_log_median=np.log([12.0]), trade_floor=0.0)
    record = run(terms._replace(ipo_floor=0.0)).record
    assert record.ledger[0, 2, records.DISTRIBUTED] == 10.0
    assert record.deals.tolist() == [[1, 0]]


@pytest.mark.parametrize("path", range(6))
def test_exit_value_and_wait_for_a_trade_buyer_are_drawn(path):
    terms = plain_terms(
        n_quarters=40, ipo_floor=1e9, trade_floor=0.0, trade_sale_probability=0.2,
        quality_log_value=np.array([0.7]), exit_log_sd=np.array([0.8]), truncation_sd=1.5,
    )  # fmt: skip
    economy = run(terms, path=path)
    value, wait, *_ = Draws(KEY, path).exit(0, 0, terms.sector_code[0])
    spread = stats.truncnorm(-1.5, 1.5).ppf(value)
    price = 0.7 * 200 * math.exp(0.7 * economy.ventures[0].quality + 0.8 * spread)
    assert economy.record.social[records.PROCEEDS] == pytest.approx(price, rel=1e-9)
    assert economy.record.end_quarter[0] == 2 + luck.geometric_quantile(wait, 0.2) - 1


def test_stages_follow_the_chain_of_the_sector():
    terms = plain_terms(n_stages=3, n_quarters=6, next_stage=np.array([[2, -2, TO_EXIT]]))
    economy = run(terms)
    assert list(economy.record.asked[0]) == [0, NEVER, 2]
    assert (economy.record.fate_stage[0], economy.record.end_quarter[0]) == (2, 4)
