"""The readable market against cases worked out by hand: duties, covered managers, money called and spent.

A round needs 10 and founders sell half at most, so the floor is 20; class 0 bids 40 (see `test_readable_market`).
"""

import numpy as np
import pytest

from finance import luck
from finance.market import records
from finance.market.grids import SIGNAL
from finance.market.records import CALLED, INVESTED, NEVER, PAID_FOR, SPENT, WORTH
from tests.readable.cases import KEY, flat_tables, one_era, plain_terms
from tests.readable.draws import Draws

DUTY = 1


def with_duty(local_share=1.0, capacity=(40.0, 40.0), **changes):
    """Class 1 is what a duty reserves of class 0's money; its manager thinks a venture of the pool worth 5."""
    given = {"owner": np.array([0, 0]), "capacity": np.array(capacity), "local_share": local_share}
    terms = plain_terms(n_classes=2, **(given | changes))
    return one_era(terms, flat_tables(terms, bids=(40.0, 5.0))).run().record


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


# --- a duty ---


def test_a_duty_pays_what_founders_accept_whatever_it_thinks():
    record = with_duty(capacity=(0.0, 40.0))
    assert record.closed[0, 0] == 0
    assert record.stake[0, 0] == close_to(10.0 / 20.0)
    assert record.price_over_floor[0, 0] == close_to(1.0)
    assert record.ledger[DUTY, 0, INVESTED] == close_to(10.0)


def test_a_duty_pays_nothing_outside_its_place():
    record = with_duty(local_share=0.0, capacity=(0.0, 40.0))
    assert record.closed[0, 0] == NEVER
    assert not record.wanted[0, 0]
    assert not record.ledger[DUTY, :, INVESTED].any()


def test_whether_a_venture_is_of_the_place_is_a_draw_of_its_own():
    place = Draws(KEY, 0).place(0, 0)[0]
    for share, closes in ((place + 1e-6, True), (place - 1e-6, False)):
        record = with_duty(local_share=share, capacity=(0.0, 40.0))
        assert (record.closed[0, 0] != NEVER) == closes


def test_what_a_duty_reserves_goes_out_first_and_does_not_join_others():
    """It calls 10 a quarter, the need: class 0, which bids more, has nothing left to pay."""
    record = with_duty()
    assert record.ledger[:, :, INVESTED].sum(axis=1) == close_to([0.0, 10.0])
    alone = with_duty(capacity=(40.0, 20.0))
    assert alone.ledger[:, :, INVESTED].sum(axis=1) == close_to([10.0, 0.0]), "5 of 10 would not close the round"


def test_what_a_duty_leaves_open_others_top_up_at_its_price():
    """9 of 10 close the round at 20; the other 1 comes from class 0 in the same quarter at the same price a share."""
    record = with_duty(capacity=(40.0, 36.0))
    assert record.supplied[0, 0] == close_to(10.0)
    assert record.ledger[:, 0, INVESTED] == close_to([1.0, 9.0])
    assert record.stake[0, 0] == close_to(9.0 / 20.0)


def test_partners_know_what_a_duty_buys():
    """The half of a company that is worth 5 to them, for 10."""
    record = with_duty(capacity=(0.0, 40.0))
    assert record.bargains[DUTY, PAID_FOR] == close_to(10.0)
    assert record.bargains[DUTY, WORTH] == close_to(10.0 * 5.0 / 20.0)


def test_a_duty_that_wants_everybody_lacks_money_alone():
    record = with_duty(capacity=(0.0, 4.0))
    assert record.cause_first[0, 0] == records.BY_CAPACITY
    elsewhere = with_duty(local_share=0.0, capacity=(0.0, 4.0))
    assert elsewhere.cause_first[0, 0] == records.BY_MANDATE, "outside its place it is nobody's mandate"


# --- a covered manager ---


def covered(noise):
    """A class that bids 40 + 5 × what it sees of the signal, around a floor of 20."""
    terms = plain_terms(signal_sd=np.ones((1, 1)), added_noise=np.array([noise]))
    tables = flat_tables(terms)
    rising = tables.bid + 5.0 * SIGNAL
    return one_era(terms, tables._replace(bid=rising, best_bid=rising[0, 0] * 0.0 + 40.0)).run().record


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_a_covered_manager_bids_by_what_it_sees(noise):
    draws, stage = Draws(KEY, 0), luck.name_codes(["stage 0"])[0]
    common = luck.normal_quantile(draws.birth(0, 0)[1]) + luck.normal_quantile(draws.round(0, 0, stage)[0])
    seen = common + noise * luck.normal_quantile(draws.sight(0, 0, stage)[0])
    record = covered(noise)
    bid = 40.0 + 5.0 * seen
    assert record.signal[0, 0] == close_to(common)
    assert record.price_over_floor[0, 0] * 20.0 == close_to(20.0 + 0.9 * (bid - 20.0))


# --- money called and spent ---


def test_money_called_and_spent_is_counted_in_the_cohorts_entry_years():
    """One entry year of four: 40 are called, of which one round takes 10."""
    terms = plain_terms()
    record = one_era(terms, flat_tables(terms)).run().record
    assert record.deployed[0, CALLED] == close_to(40.0)
    assert record.deployed[0, SPENT] == close_to(10.0)
