"""Stage floors, caps, reinvestment and preservation."""

import math

import numpy as np
import pytest

from finance.policy.mandate import Mandate, preservation_shortfall, reinvestment_shortfall, reserved_share

NATIONAL = Mandate(early_share=0.70, ticket_cap=50.0, valuation_cap=500.0)


@pytest.mark.parametrize(("asked", "ticket"), [(30.0, 30.0), (50.0, 50.0), (80.0, 50.0), (0.0, 0.0)])
def test_ticket_cap(asked, ticket):
    assert NATIONAL.largest_ticket(asked) == ticket


def test_a_company_takes_at_most_its_share_of_the_fund():
    mandate = Mandate(company_share_cap=0.2)
    np.testing.assert_allclose(mandate.largest_ticket(50.0, 100.0, [0.0, 15.0, 20.0, 30.0]), [20.0, 5.0, 0.0, 0.0])
    assert Mandate().largest_ticket(1e9, 1.0) == 1e9


def test_valuation_must_be_below_the_cap():
    np.testing.assert_array_equal(NATIONAL.is_small_enough([499.9, 500.0, 501.0]), [True, False, False])
    assert Mandate().is_small_enough(1e12)


def test_stage_floor():
    np.testing.assert_array_equal(
        NATIONAL.meets_stage_floor([0.0, 70.0, 69.0], [0.0, 100.0, 100.0]), [True, True, False]
    )
    assert NATIONAL.room_for_late(70.0, 90.0) == pytest.approx(10.0)
    assert NATIONAL.room_for_late(70.0, 120.0) == 0.0
    assert NATIONAL.early_needed(70.0, 100.0) == 0.0
    assert NATIONAL.early_needed(40.0, 100.0) == pytest.approx(100.0)
    assert Mandate().room_for_late(0.0, 5.0) == math.inf
    assert Mandate(1.0).early_needed(5.0, 6.0) == math.inf
    assert Mandate(1.0).early_needed(6.0, 6.0) == 0.0


def test_floor_holds_exactly_once_the_room_is_used_or_the_need_is_met():
    generator = np.random.default_rng(5)
    early, late = 100.0 * generator.random((2, 1000))
    for floor in (0.1, 0.4, 0.7, 0.95):
        mandate = Mandate(floor)
        invested = early + late
        meets = mandate.meets_stage_floor(early, invested)
        room, needed = mandate.room_for_late(early, invested), mandate.early_needed(early, invested)
        np.testing.assert_allclose((early / (invested + room))[meets], floor, rtol=1e-12)
        np.testing.assert_allclose(((early + needed) / (invested + needed))[~meets], floor, rtol=1e-12)
        assert np.all((room == 0.0) | (needed == 0.0))


def test_reinvestment_duty():
    assert reserved_share(1.5, 0.3) == pytest.approx(0.45)
    assert reserved_share(1.5, 0.5, recognition=1.5) == pytest.approx(0.5)
    assert reserved_share(2.0, 0.6) > 1.0  # cannot be met
    shortfall = reinvestment_shortfall([0.0, 10.0, 50.0], [30.0, 0.0, 10.0], 1.5)
    np.testing.assert_allclose(shortfall, [45.0, 35.0, 0.0])
    np.testing.assert_allclose(
        reinvestment_shortfall([0.0, 10.0, 50.0], [30.0, 0.0, 10.0], 1.5, 2.0), [45.0, 25.0, 0.0]
    )
    np.testing.assert_array_equal(reinvestment_shortfall([0.0], [30.0], 0.0), [0.0])


def test_preservation_duty():
    assert preservation_shortfall([100.0, 0.0, 0.0], [0.0, 40.0, 30.0], 20.0) == pytest.approx(10.0)
    assert preservation_shortfall([100.0, 0.0, 0.0], [0.0, 40.0, 30.0], 31.0) == 0.0
    grown = preservation_shortfall([100.0, 0.0, 0.0], [0.0, 40.0, 30.0], 20.0, rate=0.1)
    assert grown == pytest.approx(121.0 - 44.0 - 50.0)
    assert preservation_shortfall([100.0, 0.0], [0.0, -10.0], 100.0) == pytest.approx(10.0)  # a guarantee was called
    many = preservation_shortfall([[100.0, 0.0]] * 2, [0.0, 40.0], [50.0, 70.0], 0.0, 4)
    np.testing.assert_allclose(many, [10.0, 0.0])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Mandate(70), "early_share: a share"),
        (lambda: Mandate(ticket_cap=-1.0), "ticket_cap"),
        (lambda: Mandate(valuation_cap=math.nan), "valuation_cap"),
        (lambda: Mandate(company_share_cap=20), "company_share_cap: a share"),
        (lambda: NATIONAL.room_for_late(math.nan, 1.0), "early: every amount"),
        (lambda: reserved_share(-1.0, 0.3), "multiple"),
        (lambda: reserved_share(1.5, 30), "public_share: a share"),
        (lambda: reserved_share(1.5, 0.3, 0.0), "recognition: must be above 0"),
        (lambda: reinvestment_shortfall([1.0], [1.0, 2.0], 1.5), "columns"),
        (lambda: preservation_shortfall([1.0], [1.0], 0.0, 5), "rate: a rate"),
        (lambda: preservation_shortfall([1.0], [math.nan], 0.0), "every amount must be a finite number"),
    ],
)
def test_wrong_arguments_are_explained(make, says):
    with pytest.raises(ValueError, match=says):
        make()
