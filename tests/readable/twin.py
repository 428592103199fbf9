"""The twin told slowly: every venture alone, with the same luck, paid for whenever the planner would pay."""

from finance.market.records import CASH_IN, END_WORTH, empty_record
from finance.market.tables import MarketTables
from finance.market.twin import empty_twin_record
from tests.readable import life
from tests.readable.books import present_value
from tests.readable.companies import ENDED, EXITING, SEARCHING
from tests.readable.draws import Draws
from tests.readable.economy import Economy
from tests.readable.lookups import Era


def simulate_twin(terms, planner, world, key, path, odds_of_a_place=None):
    """Simulate the twin of one path.

    Parameters
    ----------
    terms : Terms
    planner : CompanyTables
    world : World
    key : tuple of (int, int)
    path : int
    odds_of_a_place : sequence of float, optional
        By sector: of finding a place on a pilot platform.

    Returns
    -------
    TwinRecord
    """
    record = empty_twin_record(terms)
    era = Era(terms, MarketTables(planner, *[None] * 7))  # there are no investors
    for entered in range(terms.switch_quarter, terms.switch_quarter + terms.entry_quarters):
        for ordinal in range(entered % 4, terms.entrants_a_year, 4):
            economy = Economy(era, era, planner, world, Draws(key, path), empty_record(terms))
            economy.asked = [[0.0] * terms.need.shape[1] for _ in range(terms.n_quarters)]
            economy.quarter = entered
            economy.odds_of_a_place = [0.0] * len(terms.base) if odds_of_a_place is None else odds_of_a_place
            venture = life.new_venture(economy, ordinal)
            follow(economy, venture, record)
            record.sector[venture.row] = venture.sector
            record.social[:] += economy.record.social
    return record


def follow(economy, venture, record):
    """Live through a venture's quarters from its entry to its end, or to the end of the clock."""
    terms = economy.terms
    life.arrive(economy, venture, int(terms.first_stage[venture.sector]))
    fund(economy, venture, record)
    while economy.quarter < terms.n_quarters - 1:
        economy.quarter += 1
        if venture.state == EXITING:
            life.look_for_exit(economy, venture)
        elif venture.state != ENDED:
            step_attempt(economy, venture)
            fund(economy, venture, record)
    if venture.state != ENDED:
        economy.record.social[END_WORTH] += present_value(economy, economy.company_value(venture))


def pay(economy, amount):
    economy.record.social[CASH_IN] += present_value(economy, amount)


def fund(economy, venture, record):
    """Pay at once for a round that has just been asked, if it is worthwhile; else the venture is over."""
    if venture.state != SEARCHING:
        return
    if not venture.search.is_worthwhile:
        venture.state = ENDED
        return
    need, cell = economy.need(venture), (venture.row, venture.stage)
    record.asked[cell] = economy.quarter
    cost = need + economy.public_cost(venture)
    record.net_value[cell] = economy.era.fresh(venture, 0) * economy.index - cost
    venture.search.supplied = need
    pay(economy, cost)
    life.start_attempt(economy, venture, 0, need)


def step_attempt(economy, venture):
    """Pass or miss the milestone, or run out of cash: what is worth its cost is paid for."""
    attempt, elapsed = venture.attempt, venture.attempt.elapsed(economy.quarter)
    if elapsed == attempt.quarters:
        if life.is_passed(economy, venture):
            life.pass_stage(economy, venture)
        else:
            try_again(economy, venture)
    elif elapsed >= attempt.runway:
        if economy.era.extended(venture, attempt.number, elapsed) * economy.index > attempt.burn:
            pay(economy, attempt.burn)
            attempt.cash += attempt.burn
        else:
            venture.state = ENDED


def try_again(economy, venture):
    """Start another attempt if technology allows it and it is worth more than it costs."""
    following = venture.attempt.number + 1
    bridge = economy.terms.bridge_share * economy.need(venture)
    is_possible = following < economy.terms.technical_attempts[venture.sector, venture.stage]
    if is_possible and economy.era.fresh(venture, following) * economy.index > bridge:
        pay(economy, bridge)
        life.start_attempt(economy, venture, following, bridge)
    else:
        venture.state = ENDED
