"""Clearing: who is served first, who pays, at what price."""

from finance.market.conventions import QUEUES
from finance.market.records import PAID_FOR, WORTH
from tests.readable import books, life
from tests.readable.companies import NOTHING


def clear(economy):
    """Give out what duties reserve, by lot among the ventures of the place; then all other money."""
    economy.is_duty_turn = True
    take_turn(economy)
    economy.is_duty_turn = False
    take_turn(economy)


def take_turn(economy):
    """Serve the rounds that somebody whose turn it is wants, one after another."""
    wanted = [venture for venture in economy.living() if is_wanted(economy, venture)]
    for venture in wanted:
        if venture.row is not None:
            economy.record.wanted[venture.row, venture.stage] = True
    for venture in in_queue_order(economy, wanted):
        serve(economy, venture)


def is_wanted(economy, venture):
    if not economy.is_searching_in_time(venture):
        return False
    return reservation_value(economy, venture) >= economy.lowest_price(venture)


def reservation_value(economy, venture):
    """Highest bid among able vehicles whose turn it is, whether they have money or not."""
    able = [vehicle for vehicle in economy.able(venture) if economy.has_turn(vehicle)]
    return max((economy.bid(venture, vehicle) for vehicle in able), default=0.0)


def in_queue_order(economy, wanted):
    """Put the most valuable per need first, or the oldest, or draw lots.

    Ties go by the draw, the higher first, then by order of entry, which a stable sort keeps.
    """
    rule = "lottery" if economy.is_duty_turn else QUEUES[economy.terms.queue]

    def place(venture):
        tie = -venture.search.tie
        if rule == "value":
            return (-reservation_value(economy, venture) / venture.search.asks, tie)
        return (venture.search.asked, tie) if rule == "oldest" else (tie,)

    return sorted(wanted, key=place)


def serve(economy, venture):
    """Close a round, or top up one that closed with money missing, if enough is offered."""
    missing, floor = economy.missing(venture), economy.lowest_price(venture)
    joining = followers(economy, venture, missing)
    led = missing - sum(joining.values())
    takers = offers(economy, venture, led, floor)
    money = {vehicle: economy.money_here(vehicle, venture) for vehicle in takers}
    offered = sum(money.values())
    filled = min(1.0, offered / led)
    paid = min(led, offered) + filled * sum(joining.values())
    is_first = venture.search.closed is None
    least = economy.terms.min_fill * venture.search.asks - NOTHING
    if not takers or (is_first and paid < least):
        return
    payments = {vehicle: min(led, offered) * money[vehicle] / offered for vehicle in takers}
    payments |= {vehicle: filled * part for vehicle, part in joining.items() if part > NOTHING}
    price = floor
    if is_first:
        price += sellers_share(economy, venture) * (economy.bid(venture, takers[-1]) - floor)
    dilution = paid / (price if is_first else price - missing + paid)
    payments = with_rights(economy, venture, payments, paid, price)
    cash = paid + (books.borrow(economy, venture) if is_first else 0.0)
    book_round(economy, venture, payments, paid, cash, dilution)
    if is_first:
        record_bargains(economy, venture, payments, price)
        books.pay_public_costs(economy, venture)
        record_closing(economy, venture, paid, price, floor)
        venture.search.closed = economy.quarter
        venture.search.share_price = paid / venture.rounds[-1].shares
        life.start_attempt(economy, venture, 0, cash)
    else:
        venture.attempt.cash += paid


def followers(economy, venture, missing):
    """Return what vehicles pay that join a round which others lead, if these pay all the rest; the oldest first."""
    pays = {}
    for c, share in enumerate(economy.terms.follow_share[:, venture.sector, venture.stage]):
        left = share * missing
        for vehicle in economy.vehicles:
            if vehicle.capital_class == c and economy.can_join(vehicle, venture.sector, venture.stage):
                pays[vehicle] = min(left, economy.money_here(vehicle, venture))
                left -= pays[vehicle]
    return pays


def offers(economy, venture, missing, floor):
    """Vehicles that take the round: highest bid first (ties: youngest, first class) until it is covered."""
    willing = [
        vehicle
        for vehicle in economy.able(venture)
        if economy.money_here(vehicle, venture) > NOTHING
        and economy.has_turn(vehicle)
        and economy.bid(venture, vehicle) >= floor
        and economy.bid(venture, vehicle) <= economy.terms.valuation_max[vehicle.capital_class] + venture.search.asks
    ]
    willing.sort(key=lambda v: (-economy.bid(venture, v), v.age(economy.quarter), v.capital_class))
    takers, covered = [], 0.0
    for vehicle in willing:
        if covered >= missing - NOTHING:
            break
        takers.append(vehicle)
        covered += economy.money_here(vehicle, venture)
    return takers


def sellers_share(economy, venture):
    terms = economy.terms
    ease = min(1.0, economy.tightness[venture.stage])
    return terms.sellers_share_short + (terms.sellers_share_ample - terms.sellers_share_short) * ease


def with_rights(economy, venture, payments, paid, price):
    """Let holders take up their pro rata with money they do not pay already; what all pay shrinks for it."""
    rights = {}
    for vehicle, stake in venture.stakes().items():
        if not economy.is_able(vehicle, venture.sector, venture.stage):
            continue
        if economy.bid(venture, vehicle) < price:
            continue
        spare = economy.money_here(vehicle, venture) - payments.get(vehicle, 0.0)
        right = min(spare, economy.terms.pro_rata_share * stake * paid)
        if right > NOTHING:
            rights[vehicle] = right
    left = (paid - sum(rights.values())) / paid
    parts = {vehicle: payment * left for vehicle, payment in payments.items()}
    for vehicle, right in rights.items():
        parts[vehicle] = parts.get(vehicle, 0.0) + right
    return {vehicle: part for vehicle, part in parts.items() if part > 0.0}


def book_round(economy, venture, payments, paid, cash, dilution):
    """Money moves, shares are issued."""
    terms = economy.terms
    preference = terms.preference_multiple * paid
    if dilution > terms.distressed_dilution:
        preference *= terms.distressed_preference
    category = int(terms.category[venture.sector, venture.stage])
    for vehicle, part in payments.items():
        vehicle.spend_at(venture.stage, part)
        vehicle.n_first_deals += 1
    venture.issue(economy.quarter, payments, dilution, preference, category)
    books.put_in(economy, venture, payments, cash, category)
    venture.search.supplied += paid
    if venture.row is not None:
        economy.record.supplied[venture.row, venture.stage] = venture.search.supplied


def record_bargains(economy, venture, payments, price):
    """Write down what buyers pay and what it buys: as they think, the fear of audits left out, or as partners think."""
    if venture.row is None:
        return
    for vehicle, part in payments.items():
        c = vehicle.capital_class
        if economy.terms.follow_share[c, venture.sector, venture.stage] > 0.0:
            continue
        if economy.is_duty(c) or economy.terms.added_noise[c] > 0.0:
            worth = part * worth_to_partners(economy, venture, vehicle) / price
        else:
            worth = part * economy.bid(venture, vehicle) * economy.era.uncharged(venture, vehicle) / price
        economy.record.bargains[vehicle.capital_class, PAID_FOR] += part
        economy.record.bargains[vehicle.capital_class, WORTH] += worth


def worth_to_partners(economy, venture, vehicle):
    """Worth of a company on the common signal, where a manager sees something else; by the life that is left."""
    era = economy.era
    aged, fresh = (era.bid(venture, vehicle, life) for life in (vehicle.life_left(economy.quarter), vehicle.life))
    return era.plain_bid(venture, vehicle) * economy.index * aged / fresh if fresh > 0.0 else 0.0


def record_closing(economy, venture, paid, price, floor):
    if venture.row is None:
        return
    record, cell, need = economy.record, (venture.row, venture.stage), venture.search.asks
    record.closed[cell] = economy.quarter
    record.stake[cell] = min(paid / price, 1.0 - 1e-9)
    record.price_ratio[cell] = paid / need * economy.era.best_bid(venture) * economy.index / price
    record.price_over_floor[cell] = price / floor
    record.tightness[cell] = economy.tightness[venture.stage]
