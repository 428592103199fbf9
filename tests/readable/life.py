"""A venture's life: arrivals, attempts, bridges, extensions, exits, and searches that end."""

import math

from finance import luck
from finance.market import records
from finance.market.conventions import LONGEST_ATTEMPT, PLANNING_FACTOR, TO_EXIT
from tests.readable import books, company_tax
from tests.readable.causes import explain_gap, is_kept_out_by_freeze
from tests.readable.companies import EXITING, NOTHING, QUEUEING, SEARCHING, TRYING, Attempt, Search, Venture
from tests.readable.draws import normal_probability

PAID = None  # what `holders_pay` returns when they did; else the fate that follows


def new_venture(economy, ordinal):
    """Quality and sector of an entrant of this quarter."""
    terms, own, year = economy.terms, economy.own.terms, economy.year
    kind, quality, sector, _ = economy.draws.birth(year, ordinal)
    if kind < terms.lemon_share:
        mean, sd = terms.lemon_quality_mean, terms.lemon_quality_sd
    else:
        mean, sd = 0.0, 1.0
    last = len(terms.sector_cumulative) - 1
    k = next((k for k, share in enumerate(terms.sector_cumulative) if share > sector), last)
    in_cohort = year >= 0 and 4 * year < own.entry_quarters
    row = year * own.entrants_a_year + ordinal if in_cohort else None
    if row is not None:
        economy.record.sector[row] = k
    venture = Venture(year, ordinal, row, k, mean + sd * luck.normal_quantile(quality))
    venture.place = economy.draws.place(year, ordinal)[0]
    return venture


def step_venture(economy, venture):
    """Move a venture through a quarter, up to where money is raised."""
    if venture.state == EXITING:
        look_for_exit(economy, venture)
    elif venture.state == QUEUEING:
        wait_for_place(economy, venture)
    elif venture.state == TRYING:
        elapsed = venture.attempt.elapsed(economy.quarter)
        if elapsed == venture.attempt.quarters:
            settle_milestone(economy, venture)
        elif elapsed >= venture.attempt.runway:
            extend(economy, venture, elapsed)


# --- arrival at a stage ---


def arrive(economy, venture, stage, offer_probability=0.0):
    """Reach a stage: an offer may come for what has passed the one before, else the round is asked, or a place first."""
    terms, k = economy.terms, venture.sector
    words = economy.draws.round(venture.year, venture.ordinal, terms.stage_code[stage])
    noise, _, offer, premium = words
    signal = venture.quality + float(terms.signal_sd[k, stage]) * luck.normal_quantile(noise)
    going_concern = economy.era.going_concern(k, stage, signal) * economy.index
    if going_concern > 0.0 and offer < offer_probability:
        log_premium = terms.offer_log_median + terms.offer_log_sd * luck.normal_quantile(premium)
        if log_premium > 0.0:
            books.sell_company(economy, venture, math.exp(log_premium) * going_concern, records.ACQUISITION)
            return
    venture.stage, venture.attempt, venture.signal, venture.search = stage, None, signal, None
    sight = economy.draws.sight(venture.year, venture.ordinal, terms.stage_code[stage])[0]
    venture.doubt = float(terms.signal_sd[k, stage]) * luck.normal_quantile(sight)
    venture.arrived = economy.quarter
    if terms.pilot[k, stage] and terms.platform[k] >= 0:
        venture.state = QUEUEING
        if venture.row is not None:
            economy.record.applied[venture.row, stage] = True
        wait_for_place(economy, venture)
    else:
        ask(economy, venture)


def wait_for_place(economy, venture):
    """Go on from a pilot platform if a place is free, without one after the longest wait; else wait."""
    waited = economy.quarter - venture.arrived
    if finds_place(economy, venture):
        venture.sector = int(economy.terms.platform[venture.sector])
        if venture.row is not None:
            economy.record.sector[venture.row] = venture.sector
            economy.record.on_platform[venture.row, venture.stage] = True
            economy.record.queued[venture.row, venture.stage] = waited
    elif waited < economy.terms.queue_quarters and economy.odds_of_a_place is None:
        return
    ask(economy, venture)


def finds_place(economy, venture):
    if economy.odds_of_a_place is not None:
        code = economy.terms.stage_code[venture.stage]
        return economy.draws.platform(venture.year, venture.ordinal, code)[0] < economy.odds_of_a_place[venture.sector]
    if economy.free_places < 1.0:
        return False
    economy.free_places -= 1.0
    return True


def ask(economy, venture):
    """Ask for the round of the venture's stage, now."""
    stage = venture.stage
    tie = economy.draws.round(venture.year, venture.ordinal, economy.terms.stage_code[stage])[1]
    venture.state, venture.search = SEARCHING, Search(economy.quarter, tie, economy.is_worthwhile(venture))
    venture.search.asks = economy.need(venture) - float(economy.terms.lent[venture.sector, stage]) + venture.owed
    economy.asked[economy.quarter][stage] += venture.search.asks
    if venture.row is not None:
        economy.record.asked[venture.row, stage] = economy.quarter
        economy.record.signal[venture.row, stage] = venture.signal
        economy.record.worthwhile[venture.row, stage] = venture.search.is_worthwhile


# --- attempts ---


def start_attempt(economy, venture, number, cash):
    """Start an attempt now: the first with what the round brought, a later one with the bridge."""
    terms, k, i = economy.terms, venture.sector, venture.stage
    need = economy.need(venture)
    mean = float(terms.mean_quarters[k, i]) * (1.0 if number == 0 else terms.retry_time_share)
    planned = need if number == 0 else terms.bridge_share * need
    time = economy.draws.attempt(venture.year, venture.ordinal, terms.stage_code[i], number)[0]
    quarters = mean * luck.gamma_quantile(terms.time_table[k, i], luck.normal_quantile(time))
    venture.attempt = Attempt(
        number=number,
        start=economy.quarter,
        quarters=min(LONGEST_ATTEMPT, max(1, math.floor(quarters + 0.5))),
        burn=4.0 * planned / (PLANNING_FACTOR * mean),
        cash=cash,
    )
    venture.state = TRYING


def is_passed(economy, venture):
    """Whether the attempt that ends now reaches its milestone."""
    terms, k, i, number = economy.terms, venture.sector, venture.stage, venture.attempt.number
    own = economy.draws.attempt(venture.year, venture.ordinal, terms.stage_code[i], number)[1]
    common = economy.draws.factor(venture.year, terms.factor_code[k, i], number)[0]
    rho = terms.factor_correlation
    mixed = math.sqrt(rho) * luck.normal_quantile(common) + math.sqrt(1.0 - rho) * luck.normal_quantile(own)
    log_odds = float(terms.log_odds[k, i])
    log_odds += terms.quality_log_odds * venture.quality + terms.learning_log_odds * number
    return normal_probability(mixed) < 1.0 / (1.0 + math.exp(-log_odds))


def settle_milestone(economy, venture):
    if is_passed(economy, venture):
        pass_stage(economy, venture)
    else:
        try_again(economy, venture)


def pass_stage(economy, venture):
    explain_gap(economy, venture)
    terms, k, i = economy.terms, venture.sector, venture.stage
    if venture.row is not None:
        economy.record.passed[venture.row, i] = True
        economy.record.left[venture.row, i] = economy.quarter
    following = int(terms.next_stage[k, i])
    if following == TO_EXIT:
        reach_exit(economy, venture)
    else:
        arrive(economy, venture, following, float(terms.offer_probability[k, i]))


def try_again(economy, venture):
    """Start another attempt after a miss if it is possible, worth its cash, tolerated and paid for."""
    terms, following = economy.terms, venture.attempt.number + 1
    bridge = terms.bridge_share * economy.need(venture)
    if following >= terms.technical_attempts[venture.sector, venture.stage]:
        die(economy, venture, records.TECHNICAL)
        return
    value = economy.era.fresh(venture, following) * economy.index
    if value <= bridge:
        die(economy, venture, records.TECHNICAL)
    elif following >= terms.attempts:
        die(economy, venture, records.IMPATIENCE)
    elif (fate := holders_pay(economy, venture, bridge, value)) is PAID:
        start_attempt(economy, venture, following, bridge)
    else:
        die(economy, venture, fate)


def extend(economy, venture, elapsed):
    """Pay a year's burn more when the cash has run out before the milestone, or end."""
    attempt, cost = venture.attempt, venture.attempt.burn
    value = economy.era.extended(venture, attempt.number, elapsed) * economy.index
    if value <= cost:
        die(economy, venture, records.TECHNICAL)
    elif elapsed >= economy.terms.patience_quarters:
        die(economy, venture, records.IMPATIENCE)
    elif (fate := holders_pay(economy, venture, cost, value)) is PAID:
        attempt.cash += cost
    else:
        die(economy, venture, fate)


def holders_pay(economy, venture, amount, value):
    """Let the holders pay for a bridge or an extension; returns PAID, or the fate if they cannot."""
    quarter, stakes = economy.quarter, venture.stakes()
    with_money = [vehicle for vehicle in stakes if vehicle.money_to_hold_on(venture.stage) > NOTHING]
    holders = [vehicle for vehicle in with_money if not vehicle.is_frozen(quarter)]
    purse = sum(vehicle.money_to_hold_on(venture.stage) for vehicle in holders)
    if purse < amount - NOTHING:
        frozen = sum(vehicle.money_to_hold_on(venture.stage) for vehicle in with_money if vehicle.is_frozen(quarter))
        _count_bridge(economy, venture, 0.0, is_paid=False)
        return records.FROZEN if purse + frozen >= amount - NOTHING else records.STARVED
    stake = sum(stakes[vehicle] for vehicle in holders)
    payments = {
        vehicle: min(vehicle.money_to_hold_on(venture.stage), amount * stakes[vehicle] / stake) for vehicle in holders
    }
    left = {vehicle: vehicle.money_to_hold_on(venture.stage) - paid for vehicle, paid in payments.items()}
    missing = amount - sum(payments.values())
    if missing > 0.0 and sum(left.values()) > 0.0:
        for vehicle in holders:
            payments[vehicle] += missing * left[vehicle] / sum(left.values())
    for vehicle, paid in payments.items():
        vehicle.spend_to_hold_on(venture.stage, paid)
    if amount > 0.0:
        category = int(economy.terms.category[venture.sector, venture.stage])
        venture.issue(economy.quarter, payments, amount / value, economy.terms.preference_multiple * amount, category)
        books.put_in(economy, venture, payments, amount, category)
    _count_bridge(economy, venture, amount, is_paid=True)
    return PAID


def _count_bridge(economy, venture, amount, *, is_paid):
    if venture.row is not None:
        economy.record.bridges[venture.sector, venture.stage] += (1, int(is_paid))
        economy.record.bridge[venture.row, venture.stage] += amount


def die(economy, venture, fate):
    explain_gap(economy, venture)
    books.write_off(economy, venture, fate)


# --- exit ---


def reach_exit(economy, venture):
    """Draw, behind the last milestone, what buyers would pay and when a trade buyer comes."""
    terms, k = economy.terms, venture.sector
    words = economy.draws.exit(venture.year, venture.ordinal, terms.sector_code[k])
    inside = normal_probability(terms.truncation_sd) - normal_probability(-terms.truncation_sd)
    spread = luck.normal_quantile(normal_probability(-terms.truncation_sd) + words[0] * inside)
    log_value = float(terms.exit_log_median[k]) + float(terms.quality_log_value[k]) * venture.quality
    venture.exit_value = math.exp(log_value + float(terms.exit_log_sd[k]) * spread)
    wait = luck.geometric_quantile(words[1], terms.trade_sale_probability)
    venture.trade_quarter = economy.quarter + wait - 1  # the buyer may come in the quarter of success itself
    venture.state, venture.attempt = EXITING, None
    if venture.exit_value < terms.trade_floor:
        books.write_off(economy, venture, records.SELF_SUSTAINING)
    else:
        look_for_exit(economy, venture)


def look_for_exit(economy, venture):
    terms = economy.terms
    may_list = venture.exit_value >= terms.ipo_floor
    price = economy.market_price(venture)
    if may_list and economy.world.window[economy.quarter]:
        asset = company_tax.saved(economy, venture, price)
        books.sell_company(economy, venture, price, records.IPO, asset)
    elif may_list and terms.ipo_waits:
        return
    elif economy.quarter >= venture.trade_quarter:
        price *= 1.0 - terms.trade_sale_discount
        asset = company_tax.saved(economy, venture, price, terms.transferable_share)
        books.sell_company(economy, venture, price, records.TRADE_SALE, asset)


# --- the end of a search ---


def end_search(economy, venture):
    """In the last quarter of a search explain what is missing; an unclosed round lapses."""
    if venture.state not in (SEARCHING, TRYING):
        return
    if economy.quarter - venture.search.asked + 1 < economy.terms.search_quarters:
        return
    explain_gap(economy, venture)
    if venture.state == SEARCHING:
        lapse(economy, venture)


def lapse(economy, venture):
    terms = economy.terms
    worth = max(0.0, economy.era.fresh(venture, 0) * economy.index - venture.search.asks)
    occurs, recovery, _, _ = economy.draws.distress(venture.year, venture.ordinal, terms.stage_code[venture.stage])
    share = terms.distress_low + (terms.distress_high - terms.distress_low) * recovery
    price = min(share * venture.cash_received - venture.owed, worth)
    if occurs < terms.distress_probability and worth > 0.0:
        venture.recovered = share * venture.cash_received
    if occurs < terms.distress_probability and price > 0.0:
        books.sell_company(economy, venture, price, records.DISTRESS_SALE)
    elif not venture.search.is_worthwhile:
        books.write_off(economy, venture, records.EFFICIENT_REJECTION)
    elif is_kept_out_by_freeze(economy, venture):
        books.write_off(economy, venture, records.FROZEN)
    else:
        books.write_off(economy, venture, records.STARVED)
