"""The readable market against cases worked out by hand: why a worthwhile round lacks money."""

import numpy as np
import pytest

from finance.market import records
from tests.readable import causes, life
from tests.readable.cases import flat_tables, one_era, plain_terms


def run(terms, tables=None):
    return one_era(terms, flat_tables(terms) if tables is None else tables).run()


def lapsing(step_that_pays, capacity=40.0, certain=60.0, **changes):
    """Let a worthwhile round lapse: the class bids 10, but 25 (above the floor of 20) from some step on."""
    terms = plain_terms(n_quarters=1, search_quarters=1, capacity=np.array([capacity]))._replace(**changes)
    tables = flat_tables(terms, bids=(10.0,), certain=certain)
    tables.cause_bid[step_that_pays:] *= 2.5
    return run(terms, tables).record


@pytest.mark.parametrize(
    ("step", "cause"),
    [
        (1, records.BY_ACCOUNTABILITY),
        (2, records.BY_INVESTOR_TAX),
        (3, records.BY_HORIZON),
        (4, records.BY_REQUIRED_RETURN),
    ],
)
def test_the_first_haircut_that_stood_in_the_way(step, cause):
    record = lapsing(step)
    assert record.cause_first[0, 0] == record.cause_last[0, 0] == cause
    poor = lapsing(step, capacity=20.0)  # 5 do not fill .8 of 10
    assert (poor.cause_first[0, 0], poor.cause_last[0, 0]) == (cause, records.BY_CAPACITY)


def test_causes_behind_the_haircuts():
    nobody = {"in_mandate": np.zeros((1, 1, 1), dtype=np.bool_)}
    assert lapsing(5).cause_first[0, 0] == records.BY_FINANCING_RISK
    assert lapsing(5, **nobody).cause_first[0, 0] == records.BY_MANDATE
    assert lapsing(5, certain=19.9).cause_first[0, 0] == records.BY_FOUNDERS
    assert lapsing(5, certain=19.9, **nobody).cause_first[0, 0] == records.BY_FOUNDERS
    assert lapsing(5, certain=9.9).cause_first[0, 0] == records.BY_OTHER
    assert lapsing(5).cause_last[0, 0] == records.BY_FINANCING_RISK
    assert lapsing(5, capacity=20.0).cause_last[0, 0] == records.BY_CAPACITY
    assert lapsing(5, certain=19.9).cause_last[0, 0] == records.BY_FOUNDERS
    assert lapsing(5, certain=19.9, capacity=20.0).cause_last[0, 0] == records.BY_CAPACITY
    assert lapsing(5, certain=9.9, capacity=20.0).cause_last[0, 0] == records.BY_OTHER


def test_bidders_without_money_are_a_lack_of_capacity():
    """The floor is reached at full bid by vehicles without money: no haircut, but capacity."""
    record = lapsing(0, capacity=1.0)
    assert record.cause_first[0, 0] == record.cause_last[0, 0] == records.BY_CAPACITY


def test_nobody_is_no_money():
    """Even where no least fill is asked, a class that bids but cannot join supplies nothing."""
    record = lapsing(1, min_fill=0.0, shortest_life=np.full((1, 1), 99.0))
    assert (record.cause_first[0, 0], record.cause_last[0, 0]) == (
        records.BY_ACCOUNTABILITY,
        records.BY_CAPACITY,
    )


def test_a_round_still_open_when_the_clock_ends_has_a_cause():
    terms = plain_terms(n_quarters=2, capacity=np.array([1.0]))
    record = run(terms).record
    assert record.fate[0] == records.ALIVE
    assert record.cause_first[0, 0] == records.BY_CAPACITY


def test_a_round_only_frozen_vehicles_would_fund_lapses_frozen():
    terms = plain_terms(n_classes=2, n_quarters=1, capacity=np.array([1.0, 1.0]))
    economy = run(terms, flat_tables(terms, bids=(40.0, 10.0)))
    venture, (vehicle, bids_too_little) = economy.ventures[0], economy.vehicles
    assert not causes.is_kept_out_by_freeze(economy, venture)
    bids_too_little.frozen_until = 100
    assert not causes.is_kept_out_by_freeze(economy, venture)
    vehicle.frozen_until = 100
    assert causes.is_kept_out_by_freeze(economy, venture)
    life.end_search(economy, venture)
    assert economy.record.fate[0] == records.ALIVE, "the search goes on for three more quarters"
    economy.own = economy.root = economy.own._replace(terms=terms._replace(search_quarters=1))
    life.end_search(economy, venture)
    assert economy.record.fate[0] == records.FROZEN
