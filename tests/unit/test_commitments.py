"""Who commits how much: supply curves, tiers of a programme, and public money that waits for private money."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.market.packed import pack_era, pack_terms
from finance.policy.commitments import LARGEST_SUPPLY, SUPPLY_SLOPE, TIERS, Programme, commitments, supply
from tests.readable.cases import flat_tables, plain_terms

NONE = Programme(-1, -1, 0.0, 0.0, 1.0, 0.5, 0.5)
#: Classes: market funds, sub-funds (35 % public), patient funds (70 %).
CAPACITY, PUBLIC = np.array([296.0, 201.0, 118.0]), np.array([0.0, 0.35, 0.7])
MARKET, SUB_FUNDS = 0, 1
PRIVATE = 201.0 * 0.65


class Money(NamedTuple):
    """What a test asks for by name."""

    capacity: np.ndarray
    share: np.ndarray
    private: np.ndarray
    regional: tuple
    sub_fund: tuple
    whole: tuple


def programme(**changes):
    """Sub-funds are the second class, nothing is offered, partners would have gone to the first."""
    return Programme(SUB_FUNDS, MARKET, 0.0, 0.0, 1.0, 0.5, 0.5)._replace(**changes)


def committed(offered, gain=(0.0, 0.0, 0.0), elasticity=(1.0, 1.0, 0.0)):
    found = commitments(CAPACITY, PUBLIC, np.array(elasticity), np.array(gain), offered)
    return Money(found.capacity, found.public_share, found.private, *found.tiers)


def points_for(multiple):
    """Gain at which supply with an elasticity of one is so much."""
    return math.log(multiple) / (100.0 * SUPPLY_SLOPE)


# --- supply ---


def test_a_point_is_a_tenth_more():
    assert supply(np.array([1.0]), np.array([0.01]))[0] == pytest.approx(math.exp(0.1))
    assert supply(np.array([2.0]), np.array([-0.03]))[0] == pytest.approx(math.exp(-0.6))


def test_supply_has_bounds():
    many = supply(np.full(4, 3.0), np.array([0.5, -0.5, 2.0, -2.0]))
    assert many.tolist() == [LARGEST_SUPPLY, 1.0 / LARGEST_SUPPLY] * 2
    assert supply(np.array([1.0]), np.array([points_for(3.0) - 1e-6]))[0] < 3.0


def test_nothing_gained_or_known_or_felt_is_no_change_to_the_bit():
    assert supply(np.array([1.0, 3.0]), np.array([0.0, np.nan])).tolist() == [1.0, 1.0]
    assert supply(np.zeros(3), np.array([0.2, -5.0, 1e3])).tolist() == [1.0, 1.0, 1.0]


# --- nothing changes ---


@pytest.mark.parametrize("gain", [(0.0, 0.0, 0.0), (np.nan, np.nan, np.nan)])
@pytest.mark.parametrize(
    "offered",
    [NONE, programme(), programme(diverted_share=1.0, sub_fund_share_cap=0.0, regional_share_cap=0.2)],
)
def test_nothing_gained_and_nothing_offered_is_as_stated_to_the_bit(offered, gain):
    money = committed(offered, gain)
    assert money.capacity.tobytes() == CAPACITY.tobytes()
    assert money.share.tobytes() == PUBLIC.tobytes()
    np.testing.assert_allclose(money.private, CAPACITY * (1.0 - PUBLIC), rtol=1e-15)


@pytest.mark.parametrize("offered", [NONE, programme()])
def test_without_elasticity_gains_change_nothing(offered):
    money = committed(offered, gain=(0.3, -0.3, 2.0), elasticity=(0.0, 0.0, 0.0))
    assert money.capacity.tobytes() == CAPACITY.tobytes()
    assert money.share.tobytes() == PUBLIC.tobytes()


def test_what_is_passed_in_stays_as_it_is():
    before = CAPACITY.copy(), PUBLIC.copy()
    committed(programme(central=1e3), gain=(0.1, 0.1, 0.1))
    assert (before[0] == CAPACITY).all()
    assert (before[1] == PUBLIC).all()


def test_without_a_programme_there_is_no_tier():
    assert committed(NONE, gain=(0.02, 0.02, 0.02)).regional == (0.0, 0.0, 0.0)


def test_a_class_answers_with_its_private_money_alone():
    money = committed(NONE, gain=(0.01, 0.02, 0.05))
    assert money.capacity[0] == pytest.approx(296.0 * math.exp(0.1))
    assert money.private[1] == pytest.approx(PRIVATE * math.exp(0.2))
    assert money.capacity[1] == pytest.approx(201.0 + PRIVATE * (math.exp(0.2) - 1.0))
    assert money.share[1] == pytest.approx(1.0 - money.private[1] / money.capacity[1])
    assert money.capacity[2] == 118.0  # no elasticity
    assert money.share[0] == 0.0


def test_what_the_kernel_raises_is_what_is_committed():
    terms = plain_terms(n_classes=3, capacity=CAPACITY, public_share=PUBLIC)
    tables = flat_tables(terms, bids=(30.0, 30.0, 30.0))
    found = commitments(CAPACITY, PUBLIC, np.ones(3), np.array([0.02, 0.0, -0.01]), programme(central=30.0))
    era = pack_era(pack_terms(terms), tables, tables.company, found)
    assert era.classes["capacity"].tolist() == found.capacity.tolist()
    assert era.classes["public_share"].tolist() == found.public_share.tolist()


# --- public money waits for private money ---


def test_public_money_follows_private_money_up_to_the_cap():
    """Private partners have 130.65, the public has 70.35 in it: at half and half there is room for 60.3."""
    money = committed(programme(central=100.0))
    room = PRIVATE - 0.35 * 201.0
    assert money.capacity[SUB_FUNDS] == pytest.approx(201.0 + room)
    assert money.share[SUB_FUNDS] == pytest.approx(0.5)
    assert money.sub_fund.unspent == money.whole.unspent == pytest.approx(100.0 - room)
    assert money.private[SUB_FUNDS] == PRIVATE
    below = committed(programme(central=20.0))
    assert below.capacity[SUB_FUNDS] == pytest.approx(221.0)
    assert below.share[SUB_FUNDS] == pytest.approx((70.35 + 20.0) / 221.0)
    assert below.whole.unspent == 0.0


def test_a_cap_that_is_met_already_lets_no_more_in_and_takes_nothing_out():
    money = committed(programme(central=50.0, sub_fund_share_cap=0.3))
    assert money.capacity.tobytes() == CAPACITY.tobytes()
    assert money.share.tobytes() == PUBLIC.tobytes()
    assert money.whole.unspent == money.sub_fund.unspent == 50.0


def test_a_cap_of_nothing_waits_for_ever():
    assert committed(programme(central=50.0, sub_fund_share_cap=0.0)).whole.unspent == 50.0


def test_more_private_money_lets_more_public_money_in():
    room = [committed(programme(central=1e4), gain=(0.0, g, 0.0)).capacity[SUB_FUNDS] for g in (-0.02, 0.0, 0.02)]
    assert room == pytest.approx([2.0 * PRIVATE * math.exp(g) for g in (-0.2, 0.0, 0.2)])


# --- tiers ---


def test_central_money_waits_for_regional_money_too():
    """At a quarter at most, 30 of regional money draw 10 of the 40 offered; all 40 then meet private money."""
    money = committed(programme(central=40.0, regional=30.0, regional_share_cap=0.25))
    assert money.regional == pytest.approx((40.0, 10.0, 30.0))
    assert money.sub_fund == pytest.approx((241.0, 70.35 + 40.0, 0.0))
    assert money.whole == pytest.approx((241.0, 70.35 + 10.0, 30.0))


def test_what_sub_funds_do_not_take_comes_back_to_both_tiers():
    money = committed(programme(central=100.0, regional=300.0, regional_share_cap=0.25))
    room = PRIVATE - 70.35
    assert money.regional == pytest.approx((400.0, 100.0, 0.0))
    assert money.sub_fund == pytest.approx((201.0 + room, 70.35 + room, 400.0 - room))
    assert money.whole == pytest.approx((201.0 + room, 70.35 + room / 4.0, 100.0 - room / 4.0))


def test_without_a_regional_tier_central_money_goes_on_as_it_is():
    assert committed(programme(central=40.0)).regional == (40.0, 40.0, 0.0)
    assert committed(programme(central=40.0, regional=10.0)).regional == (50.0, 40.0, 0.0)
    alone = committed(programme(central=40.0, regional_share_cap=0.5))
    assert alone.regional == (0.0, 0.0, 40.0)
    assert alone.whole.unspent == 40.0


# --- diversion ---


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_partners_take_a_share_of_what_they_add_from_market_funds(share):
    gain = points_for(1.5)
    money = committed(programme(diverted_share=share), gain=(0.0, gain, 0.0))
    more = 0.5 * PRIVATE
    assert money.private[SUB_FUNDS] == pytest.approx(PRIVATE + more)
    assert money.capacity[MARKET] == money.private[MARKET] == pytest.approx(296.0 - share * more)
    assert money.share[MARKET] == 0.0
    assert money.private.sum() == pytest.approx((CAPACITY * (1 - PUBLIC)).sum() + (1.0 - share) * more)


def test_partners_who_leave_go_back_to_market_funds():
    money = committed(programme(diverted_share=1.0), gain=(0.0, points_for(0.8), 0.0))
    assert money.capacity[MARKET] == pytest.approx(296.0 + 0.2 * PRIVATE)


def test_market_funds_keep_a_third():
    small = CAPACITY * [0.2, 1.0, 1.0]
    found = commitments(
        small, PUBLIC, np.array([1.0, 3.0, 0.0]), np.array([-1.0, 1.0, 0.0]), programme(diverted_share=1.0)
    )
    assert found.capacity[MARKET] == pytest.approx(small[MARKET] / LARGEST_SUPPLY)


def test_nobody_to_divert_from():
    money = committed(programme(diverted_from=-1, diverted_share=1.0), gain=(0.0, 0.02, 0.0))
    assert money.capacity[MARKET] == 296.0


# --- whatever is offered ---

SHARES = st.floats(0.0, 0.95)


@given(
    central=st.floats(0.0, 1e4),
    regional=st.floats(0.0, 1e4),
    regional_cap=st.floats(0.01, 1.0),
    cap=SHARES,
    diverted=st.floats(0.0, 1.0),
    gain=st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3),
)
def test_money_adds_up_whatever_is_offered(central, regional, regional_cap, cap, diverted, gain):
    offered = programme(
        central=central,
        regional=regional,
        regional_share_cap=regional_cap,
        sub_fund_share_cap=cap,
        diverted_share=diverted,
    )
    money = committed(offered, gain)
    public = money.capacity - money.private
    np.testing.assert_allclose(public[[0, 2]], (CAPACITY * PUBLIC)[[0, 2]], atol=1e-9)
    np.testing.assert_allclose(money.share * money.capacity, public, atol=1e-9)
    placed = public[SUB_FUNDS] - 70.35
    assert -1e-9 <= placed <= central + regional + 1e-9
    assert money.share[SUB_FUNDS] <= max(cap, 70.35 / (70.35 + money.private[SUB_FUNDS])) + 1e-12
    total, drawn, left = money.regional
    assert drawn + left == pytest.approx(central)
    assert total - drawn == pytest.approx(regional)
    assert drawn <= regional_cap * total + 1e-9 * central
    assert placed + money.sub_fund.unspent == pytest.approx(total)
    assert money.whole.unspent >= money.regional.unspent - 1e-9
    assert all(0.0 <= tier.public <= tier.total + 1e-9 for tier in money[3:])
    assert len(money[3:]) == len(TIERS)
