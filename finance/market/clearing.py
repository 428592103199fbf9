"""The market of a quarter: who is wanted, who is served first, who pays, at what price."""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.borrowing import borrow
from finance.market.conventions import ROUND_OFF
from finance.market.followers import move_up, seat_followers
from finance.market.holdings import open_round, take_stake
from finance.market.lookup import bid_at, lowest_price, value_at
from finance.market.managers import AS_OTHERS, bargain_of, has_turn, managed_bid, manner_of
from finance.market.packed import BEST_BID, CEILING, Era, Packed
from finance.market.public_costs import note_cash, note_public_cost
from finance.market.records import NEVER, PAID_FOR, WORTH, Notes
from finance.market.state import ACTIVE, NO_HOLDING, QUEUE, SEARCHING, SORT, TIGHTNESS, WORKING, Memory
from finance.market.terms import Floats
from finance.market.vehicles import money_for, spend_on_round
from finance.market.ventures import add_cash, start_attempt

_BY_VALUE, _OLDEST, _LOTTERY = range(3)
_MOST_SOLD = 1.0 - 1e-9


@njit
def clear(memory: Memory, era: Era, notes: Notes) -> None:
    """All open rounds of a quarter, one after another in the order of the queue.

    What duties reserve is given out before, by lot among the ventures of the place: it asks where a venture is, not what
    its signal says.
    """
    if era.numbers[0].has_duty != 0:
        memory.now[0].is_duty_turn = 1
        serve(memory, era, notes)
        memory.now[0].is_duty_turn = 0
    serve(memory, era, notes)


@njit
def serve(memory: Memory, era: Era, notes: Notes) -> None:
    """One turn of a quarter: those whom somebody whose turn it is wants line up and are served."""
    n = line_up(memory, era, notes)
    sort_queue(memory, n)
    for position in range(n):
        fund(memory, era, notes, memory.ventures[memory.slots[QUEUE, position]])


@njit
def line_up(memory: Memory, era: Era, notes: Notes) -> int:
    """Fill the queue with the ventures that somebody wants; returns its length."""
    rules, quarter, n = era.numbers[0], memory.now[0].quarter, 0
    for position in range(memory.counters[0].n_active):
        slot = memory.slots[ACTIVE, position]
        venture = memory.ventures[slot]
        status = venture.status
        if (status != SEARCHING and status != WORKING) or quarter - venture.asked >= rules.search_quarters:
            continue
        need = venture.asks
        if status == WORKING and need - venture.supplied <= ROUND_OFF:
            continue
        lowest = lowest_price(rules, venture, need)
        if rules.is_managed == 0 and highest_bid(memory, era, venture) < lowest:
            continue
        value = reservation_value(memory, era, venture, lowest)
        if value < lowest:
            continue
        if venture.cohort != NEVER:
            notes.rounds[venture.cohort, venture.stage].wanted = True
        memory.slots[QUEUE, n] = slot
        memory.queue_key[slot] = queue_key(rules, value / need, venture.asked, venture.tie)
        if memory.now[0].is_duty_turn != 0:
            memory.queue_key[slot] = venture.tie
        n += 1
    return n


@njit
def queue_key(rules: Any, value_to_need: float, asked: int, tie: float) -> float:
    """Higher is served first."""
    if rules.queue == _OLDEST:
        return tie - asked
    if rules.queue == _LOTTERY:
        return tie
    return value_to_need


@njit
def highest_bid(memory: Memory, era: Era, venture: Any) -> float:
    """What no bid on the common signal at the quarter's index is above, whatever the class and the life it has left."""
    ceiling = value_at(era.by_signal, venture.sector, venture.stage, CEILING, venture.node, venture.weight)
    return float(memory.now[0].index * ceiling)


@njit
def reservation_value(memory: Memory, era: Era, venture: Any, floor: float) -> float:
    """Highest bid at the quarter's index among the vehicles that may do a first deal here, money or not.

    Of those whose turn it is; `floor` is what a duty has to pay at least.
    """
    k, i, node, weight = venture.sector, venture.stage, venture.node, venture.weight
    able, low, high, index = memory.able[k, i], era.bid[k, i, node], era.bid[k, i, node + 1], memory.now[0].index
    best = 0.0
    for position in range(memory.n_able[k, i]):
        place = able[position]
        if not has_turn(memory, place):
            continue
        if place.manner == AS_OTHERS:
            best = max(best, index * bid_at(low, high, weight, place.column))
        else:
            best = max(best, managed_bid(memory, era, venture, place, floor))
    return float(best)


@njit
def comes_first(key: Floats, ventures: Packed, a: int, b: int) -> bool:
    """Whether venture a is served before b; equals keep their order."""
    if key[a] != key[b]:
        return bool(key[a] > key[b])
    return bool(ventures[a].tie >= ventures[b].tie)


@njit
def sort_queue(memory: Memory, n: int) -> None:
    """Stable merge sort of the queue, bottom up."""
    key, ventures = memory.queue_key, memory.ventures
    source, target = memory.slots[QUEUE], memory.slots[SORT]
    width = 1
    while width < n:
        for start in range(0, n, 2 * width):
            middle, stop = min(start + width, n), min(start + 2 * width, n)
            left, right = start, middle
            for out in range(start, stop):
                none_right = left < middle and right >= stop
                if none_right or (left < middle and comes_first(key, ventures, source[left], source[right])):
                    target[out] = source[left]
                    left += 1
                else:
                    target[out] = source[right]
                    right += 1
        for out in range(n):
            source[out] = target[out]
        width *= 2


@njit
def fund(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """One round: collect offers, and close or top up if they are enough."""
    rules, is_first = era.numbers[0], venture.status == SEARCHING
    need = venture.asks
    missing = need - venture.supplied
    floor = lowest_price(rules, venture, need)
    n, offered = collect_offers(memory, era, venture, floor)
    collected, joining, joined = n, 0, 0.0
    if rules.has_followers != 0:
        joining, joined = seat_followers(memory, era, venture, n, missing)
    led = missing - joined
    if offered >= led - ROUND_OFF:
        n, offered = best_offers(memory, n, led)
    filled = min(1.0, offered / led)
    paid = min(led, offered) + filled * joined
    if n == 0 or (is_first and paid < rules.min_fill * need - ROUND_OFF):
        return
    price, dilution = floor, paid / (floor - missing + paid)  # of a top-up: the first closing's terms
    if is_first:
        share = rules.sellers_share_ample - rules.sellers_share_short
        share = rules.sellers_share_short + share * min(1.0, memory.by_stage[TIGHTNESS, venture.stage])
        price = floor + share * (lowest_bid(memory.offers, n) - floor)
        dilution = paid / price
    dilution = min(dilution, _MOST_SOLD)
    for position in range(n):
        memory.offers[position].pays = (paid - filled * joined) * memory.offers[position].money / offered
    n = move_up(memory, collected, joining, n, filled)
    if rules.pro_rata_share > 0.0:
        n = take_up_rights(memory, era, venture, n, price, paid, floor)
    close_round(memory, era, notes, venture, n, paid, dilution)
    if is_first and venture.cohort != NEVER:
        note_bargains(memory, era, notes, venture, n, price)
    venture.supplied += paid
    if venture.cohort != NEVER:
        notes.rounds[venture.cohort, venture.stage].supplied += paid
    cash = paid
    if is_first:
        note_closing(memory, era, notes, venture, need, price, floor, dilution)
        cash += borrow(memory, era, notes, venture)
        note_public_cost(memory, era, notes, venture)
    note_cash(memory, era, notes, venture, cash)
    if is_first:
        venture.share_price = paid / memory.rounds[venture.slot, venture.n_rounds - 1].shares
        start_attempt(memory, era, venture, 0, cash)
    else:
        add_cash(memory, era, venture, paid)


@njit
def collect_offers(memory: Memory, era: Era, venture: Any, floor: float) -> tuple[int, float]:
    """Vehicles with money, whose turn it is, that bid at least the floor: fills the offers; how many, how much.

    Who thinks the company worth more than its mandate allows stays out: it does not pull the round's price down.
    """
    index, k, i, node, weight = memory.now[0].index, venture.sector, venture.stage, venture.node, venture.weight
    able, low, high, offers = memory.able[k, i], era.bid[k, i, node], era.bid[k, i, node + 1], memory.offers
    n, offered = 0, 0.0
    for position in range(memory.n_able[k, i]):
        place = able[position]
        money = money_at(memory, era, place, i)
        if money <= ROUND_OFF or not has_turn(memory, place):
            continue
        bid = index * bid_at(low, high, weight, place.column)
        if place.manner != AS_OTHERS:
            bid = managed_bid(memory, era, venture, place, floor)
        if floor <= bid <= era.classes[place.capital_class].valuation_max + venture.asks:
            offer = offers[n]
            offer.vehicle = place.vehicle
            offer.bid = bid
            offer.money = money
            offered += money
            n += 1
    return n, offered


@njit
def money_at(memory: Memory, era: Era, place: Any, stage: int) -> float:
    """What a vehicle that may do first deals can put into one at a stage, at most its ticket."""
    v = place.vehicle
    money = money_for(memory.vehicles[v], memory.purses[v, stage])
    return float(min(money, era.classes[place.capital_class].ticket_max))


@njit
def lowest_bid(offers: Packed, n: int) -> float:
    """The bid that sets the price: the last taken, in order of bid."""
    lowest = offers[0].bid
    for position in range(1, n):
        lowest = min(lowest, offers[position].bid)
    return float(lowest)


@njit
def best_offers(memory: Memory, n: int, missing: float) -> tuple[int, float]:
    """Bring offers to the front, in order of bid, until they cover what is missing; how many, how much."""
    offers, vehicles = memory.offers, memory.vehicles
    offered, taken = 0.0, 0
    while taken < n and offered < missing - ROUND_OFF:
        best, highest = taken, offers[taken].bid
        for position in range(taken + 1, n):
            bid = offers[position].bid
            if bid < highest:
                continue
            if bid > highest or is_younger(vehicles, offers[position].vehicle, offers[best].vehicle):
                best, highest = position, bid
        swap_offers(offers, taken, best)
        offered += offers[taken].money
        taken += 1
    return taken, offered


@njit
def is_younger(vehicles: Packed, a: int, b: int) -> bool:
    """Whether of two vehicles that bid the same the first is the younger, or of the earlier class."""
    if vehicles[a].raised != vehicles[b].raised:
        return bool(vehicles[a].raised > vehicles[b].raised)
    return bool(a < b)


@njit
def swap_offers(offers: Packed, a: int, b: int) -> None:
    """Exchange two offers."""
    vehicle, bid, money = offers[a].vehicle, offers[a].bid, offers[a].money
    offers[a].vehicle, offers[a].bid, offers[a].money = offers[b].vehicle, offers[b].bid, offers[b].money
    offers[b].vehicle, offers[b].bid, offers[b].money = vehicle, bid, money


@njit
def seat_of(offers: Packed, v: int, n: int) -> int:
    """Where a vehicle stands among the first n offers; n if it does not."""
    for seat in range(n):
        if offers[seat].vehicle == v:
            return seat
    return n


@njit
def take_up_rights(memory: Memory, era: Era, venture: Any, n: int, price: float, paid: float, floor: float) -> int:
    """Holders take up part of the round in proportion to their stakes; the others' parts shrink. Returns the payers."""
    stop = seat_holders(memory, era, venture, n, floor)
    taken = 0.0
    for seat in range(stop):
        offer = memory.offers[seat]
        right = 0.0
        if offer.bid >= price:
            right = min(offer.money - offer.pays, era.numbers[0].pro_rata_share * offer.stake / venture.total * paid)
        offer.stake = right if right > ROUND_OFF else 0.0
        taken += offer.stake
    for seat in range(stop):
        memory.offers[seat].pays = memory.offers[seat].pays * (1.0 - taken / paid) + memory.offers[seat].stake
    return stop


@njit
def seat_holders(memory: Memory, era: Era, venture: Any, n: int, floor: float) -> int:
    """Seat able holders that do not buy behind the n buyers, and give all their stakes; returns how many sit now."""
    k, i = venture.sector, venture.stage
    for seat in range(n):
        memory.offers[seat].stake = 0.0
    h = venture.first_holding
    while h != NO_HOLDING:
        v = memory.holdings[h].vehicle
        seat = seat_of(memory.offers, v, n)
        position = place_of(memory, k, i, v) if seat == n else NEVER
        if position != NEVER:
            offer, place = memory.offers[n], memory.able[k, i, position]
            low, high = era.bid[k, i, venture.node], era.bid[k, i, venture.node + 1]
            offer.vehicle = v
            offer.bid = memory.now[0].index * bid_at(low, high, venture.weight, place.column)
            if place.manner != AS_OTHERS:
                offer.bid = managed_bid(memory, era, venture, place, floor)
            offer.money = money_at(memory, era, place, i)
            offer.pays = 0.0
            offer.stake = 0.0
            n += 1
        if seat < n:
            memory.offers[seat].stake += memory.holdings[h].shares
        h = memory.holdings[h].following
    return n


@njit
def place_of(memory: Memory, sector: int, stage: int, v: int) -> int:
    """Where a vehicle stands among those that may do first deals at a stage; NEVER if it may not."""
    for position in range(memory.n_able[sector, stage]):
        if memory.able[sector, stage, position].vehicle == v:
            return position
    return NEVER


@njit
def close_round(memory: Memory, era: Era, notes: Notes, venture: Any, n: int, paid: float, dilution: float) -> None:
    """Issue the shares, take the money, count the deals."""
    rules = era.numbers[0]
    preference = rules.preference_multiple * paid
    if dilution > rules.distressed_dilution:
        preference *= rules.distressed_preference
    r = open_round(memory, era, venture, dilution, preference)
    for position in range(n):
        part = memory.offers[position].pays
        if part > 0.0:
            v = memory.offers[position].vehicle
            spend_on_round(memory.vehicles[v], memory.purses[v, venture.stage], part)
            memory.vehicles[v].first_deals += 1
            take_stake(memory, notes, venture, r, v, part, part / paid)


@njit
def note_bargains(memory: Memory, era: Era, notes: Notes, venture: Any, n: int, price: float) -> None:
    """Write down what the buyers of a round pay and what they think they get, the fear of audits left out.

    Where a manager bids by what it alone sees or by a duty, it is what its partners think.
    """
    k, i, node, weight = venture.sector, venture.stage, venture.node, venture.weight
    for position in range(n):
        offer = memory.offers[position]
        c = memory.vehicles[offer.vehicle].capital_class
        if era.reach[k, i, c].follow_share > 0.0:
            continue  # who joins has no view of its own
        relief = (1.0 - weight) * era.uncharged[c, k, i, node] + weight * era.uncharged[c, k, i, node + 1]
        worth = offer.pays * relief * offer.bid / price
        if manner_of(era, c) != AS_OTHERS:
            worth = offer.pays * bargain_of(memory, era, venture, offer.vehicle, c) / price
        notes.bargains[c, PAID_FOR] += offer.pays
        notes.bargains[c, WORTH] += worth


@njit
def note_closing(
    memory: Memory, era: Era, notes: Notes, venture: Any, asked: float, price: float, floor: float, dilution: float
) -> None:
    """Write down the terms of a first closing, for beliefs and reports."""
    if venture.cohort == NEVER:
        return
    now, k, i = memory.now[0], venture.sector, venture.stage
    note = notes.rounds[venture.cohort, i]
    best = now.index * value_at(era.by_signal, k, i, BEST_BID, venture.node, venture.weight)
    note.closed = now.quarter
    note.stake = dilution
    note.price_ratio = note.supplied / asked * best / price
    note.price_over_floor = price / floor
    note.tightness = memory.by_stage[TIGHTNESS, i]
