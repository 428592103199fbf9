"""Why a worthwhile round lacks money."""

from finance.market import records
from finance.market.tables import CAUSE_STEPS
from tests.readable.companies import EXITING, NOTHING

#: Causes in the order in which their haircuts are taken off; the first step takes none off.
CAUSE_OF_STEP = (
    records.BY_CAPACITY,
    records.BY_ACCOUNTABILITY,
    records.BY_INVESTOR_TAX,
    records.BY_HORIZON,
    records.BY_REQUIRED_RETURN,
)


def explain_gap(economy, venture):
    """Write down why money is missing at the venture's stage.

    Done once: when the search ends, when the stage is left or when the clock ends, whichever comes first.
    """
    search = venture.search
    if venture.state == EXITING or search is None or search.is_explained:
        return
    search.is_explained = True
    if venture.row is None or not search.is_worthwhile or economy.missing(venture) <= NOTHING:
        return
    floor = economy.founders_floor(venture)
    cell = venture.row, venture.stage
    economy.record.cause_first[cell] = cause_with_capacity_first(economy, venture, floor)
    economy.record.cause_last[cell] = cause_with_capacity_last(economy, venture, floor)


def classes_in_mandate(economy, venture):
    mandate = economy.terms.in_mandate[:, venture.sector, venture.stage]
    there = [c for c, is_in in enumerate(mandate) if is_in and economy.is_in_market(c)]
    return [c for c in there if economy.is_meant(venture, c)]


def classes_bidding(economy, venture, step, floor):
    """Classes whose fresh vehicle would bid the floor with the haircuts up to a step taken off; a duty always would."""

    def bids(c):
        if economy.is_duty(c):
            return floor < float("inf")
        return economy.era.cause_bid(venture, step, c) * economy.index >= floor

    return [c for c in classes_in_mandate(economy, venture) if bids(c)]


def is_kept_out_by_freeze(economy, venture):
    """Whether those who would bid have no able vehicle but a frozen one in its investment period."""
    quarter = economy.quarter
    bidding = classes_bidding(economy, venture, 0, economy.founders_floor(venture))
    frozen = [vehicle for vehicle in economy.vehicles if vehicle.is_investing(quarter) and vehicle.is_frozen(quarter)]
    able_classes = {vehicle.capital_class for vehicle in economy.able(venture)}
    frozen_classes = {vehicle.capital_class for vehicle in frozen}
    return able_classes.isdisjoint(bidding) and not frozen_classes.isdisjoint(bidding)


def cause_with_capacity_first(economy, venture, floor):
    if classes_bidding(economy, venture, 0, floor):
        by_freeze = is_kept_out_by_freeze(economy, venture)
        return records.BY_ACCOUNTABILITY if by_freeze else records.BY_CAPACITY
    for step in range(1, len(CAUSE_STEPS)):
        if classes_bidding(economy, venture, step, floor):
            return CAUSE_OF_STEP[step]
    return cause_beyond_bids(economy, venture, floor)


def cause_beyond_bids(economy, venture, floor):
    """Say what is left once no haircut on a bid is."""
    certain = economy.era.certain_value(venture) * economy.index
    if certain >= floor:
        has_class = bool(classes_in_mandate(economy, venture))
        return records.BY_FINANCING_RISK if has_class else records.BY_MANDATE
    return records.BY_FOUNDERS if certain >= venture.search.asks else records.BY_OTHER


def cause_with_capacity_last(economy, venture, floor):
    """Find the first haircut without which there would be money enough; only then look for money alone."""
    for step in range(1, len(CAUSE_STEPS)):
        if have_money(economy, venture, classes_bidding(economy, venture, step, floor)):
            return CAUSE_OF_STEP[step]
    beyond = cause_beyond_bids(economy, venture, floor)
    for_money_alone = beyond in (records.BY_FINANCING_RISK, records.BY_FOUNDERS)
    if for_money_alone and not have_money(economy, venture, classes_in_mandate(economy, venture)):
        return records.BY_CAPACITY
    return beyond


def have_money(economy, venture, classes):
    """Whether able vehicles of some classes have what would close, or fill up, the round."""
    money = sum(
        economy.money_here(vehicle, venture) for vehicle in economy.able(venture) if vehicle.capital_class in classes
    )
    return money > NOTHING and money >= economy.terms.min_fill * economy.missing(venture) - NOTHING
