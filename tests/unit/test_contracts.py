"""Contracts at the edges: worked by hand, odd orders of flows, shapes, the option's own decision, wrong arguments."""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pytest

from finance.language import message, set_language
from finance.policy import contracts

EVERY_KIND = [
    contracts.PariPassu(),
    contracts.Grant(),
    contracts.SeniorDebt(0.06),
    contracts.BuyOutOption(0.05, last_year=2),
    contracts.CappedPublicReturn(0.03, public_share_after=0.3),
    contracts.FirstLoss(0.2),
    contracts.LossGuarantee(0.75),
    contracts.ExcessGiveUp(0.6, rate=0.04),
    contracts.PrivatePriority(0.07),
]
PUBLIC, PRIVATE = [40.0, 0.0, 0.0], [60.0, 0.0, 0.0]

PAGE = Path(__file__).parents[2] / "docs" / "model" / "contracts.md"

every_kind = pytest.mark.parametrize("terms", EVERY_KIND, ids=lambda terms: type(terms).__name__)


# --- worked by hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "distributions", "public"),
    [
        (contracts.PariPassu(), [0.0, 50.0, 70.0], [0.0, 20.0, 28.0]),
        (contracts.SeniorDebt(0.10), [0.0, 20.0, 70.0], [0.0, 20.0, 26.4]),  # 44 - 20 = 24 owed, a year later 26.4
        (contracts.CappedPublicReturn(0.10, 0.25), [0.0, 50.0, 70.0], [0.0, 20.0, 20 + 6.4 + 0.25 * 13.6]),
        (contracts.ExcessGiveUp(0.5, 0.10), [0.0, 50.0, 70.0], [0.0, 20.0, 26.4 + 0.5 * 1.6]),
        (contracts.PrivatePriority(0.10), [0.0, 50.0, 70.0], [0.0, 0.0, 40 + 0.4 * (70 - 17.6 - 40)]),
        (contracts.BuyOutOption(0.10, 2), [0.0, 50.0, 90.0], [0.0, 20.0, 28.4]),  # 48.4 less 20 received
        (contracts.FirstLoss(0.10), [0.0, 50.0, 20.0], [0.0, 20.0, 2.0]),  # loss 30: 10 + 0.4 x 20 = 18 of 40
        (contracts.FirstLoss(0.10), [0.0, 50.0, 0.0], [0.0, 20.0, -6.0]),  # loss 50: 26 of 40, so 6 go back
        (contracts.LossGuarantee(0.75), [0.0, 50.0, 0.0], [0.0, 20.0, -22.5]),  # private loss 30
    ],
)
def test_worked_by_hand(terms, distributions, public):
    received, private = terms.split(PUBLIC, PRIVATE, distributions)
    np.testing.assert_allclose(received, public, rtol=0, atol=1e-12)
    np.testing.assert_allclose(private, np.subtract(distributions, public), rtol=0, atol=1e-12)


def test_table_of_the_page_is_what_contracts_pay():
    rows = re.findall(r"(?m)^\| `(\w+\(.*?\))` \| (.*\d) \|$", PAGE.read_text(encoding="utf-8"))
    outcomes = [50.0, 80.0, 110.0, 200.0]
    assert len(rows) == len(EVERY_KIND)
    for terms, cells in rows:
        contract = eval(terms, vars(contracts))
        for outcome, cell in zip(outcomes, cells.split(" | "), strict=True):
            nothing = [0.0] * 5
            sides = contract.split([40.0, *nothing], [60.0, *nothing], [*nothing, outcome])
            assert cell == " / ".join(f"{side.sum():.1f}" for side in sides), terms


def test_pari_passu_is_by_the_capital_paid_in_to_date():
    # Half of it in year 0, two thirds after the public's second call, which counts before the distribution.
    public, _ = contracts.PariPassu().split([10.0, 10.0, 0.0], [10.0, 0.0, 0.0], [8.0, 9.0, 3.0])
    np.testing.assert_allclose(public, [4.0, 6.0, 2.0], rtol=1e-15)


def test_distribution_before_any_call_is_shared_by_all_capital_to_come():
    public, private = contracts.PariPassu().split([0.0, 30.0], [0.0, 10.0], [8.0, 4.0])
    np.testing.assert_allclose(public, [6.0, 3.0], rtol=1e-15)
    np.testing.assert_allclose(private, [2.0, 1.0], rtol=1e-15)


def test_side_that_has_its_capital_back_leaves_returned_capital_to_the_other():
    # 20 of the public's 40 come back before private partners pay; then 80 are owed, 20 of them to the public.
    terms = contracts.CappedPublicReturn(0.0, 0.0)
    public, private = terms.split([40.0, 0.0, 0.0], [0.0, 60.0, 0.0], [20.0, 0.0, 80.0])
    np.testing.assert_allclose(public, [20.0, 0.0, 20.0], rtol=1e-15)
    np.testing.assert_allclose(private, [0.0, 0.0, 60.0], rtol=1e-15)


def test_call_after_the_money_is_back_opens_the_account_anew():
    public, _ = contracts.SeniorDebt(0.10).split([10.0, 0.0, 10.0, 0.0], [5.0] * 4, [0.0, 50.0, 0.0, 50.0])
    np.testing.assert_allclose(public, [0.0, 11.0, 0.0, 11.0], rtol=1e-14)


def test_first_loss_is_absorbed_by_the_publics_own_capital_and_receipts_only():
    # The public has 100 before private partners pay 200 and lose it: its 10 absorb 10, of which 200/210 are theirs.
    public, _ = contracts.FirstLoss(1.0).split([10.0, 0.0], [0.0, 200.0], [100.0, 0.0])
    np.testing.assert_allclose(public, [100.0, -10.0 * 200.0 / 210.0], rtol=1e-14)
    # The other way round it has received 1 and passes on no more than that.
    public, private = contracts.FirstLoss(1.0).split([0.0, 200.0], [10.0, 0.0], [0.0, 1.05])
    np.testing.assert_allclose(public, [0.0, 0.0], atol=1e-15)
    np.testing.assert_allclose(private, [0.0, 1.05], rtol=1e-14)


@every_kind
def test_funds_without_flows_divide_nothing(terms):
    nothing = np.zeros((3, 5))
    for side in terms.split(nothing, nothing, nothing):
        np.testing.assert_array_equal(side, nothing)


@pytest.mark.parametrize("terms", [contracts.PariPassu(), contracts.FirstLoss(0.5), contracts.LossGuarantee(0.5)])
def test_without_private_partners_all_is_the_publics(terms):
    public, private = terms.split(PUBLIC, [0.0] * 3, [0.0, 5.0, 20.0])
    np.testing.assert_array_equal(public, [0.0, 5.0, 20.0])
    np.testing.assert_array_equal(private, 0.0)


def test_guarantee_can_be_given_without_public_capital():
    public, private = contracts.LossGuarantee(0.75).split([0.0] * 3, PRIVATE, [0.0, 0.0, 20.0])
    np.testing.assert_allclose(public, [0.0, 0.0, -30.0])
    np.testing.assert_allclose(private, [0.0, 0.0, 50.0])


# --- the option -------------------------------------------------------------------------------------------


def test_option_is_exercised_after_the_call_and_before_the_distribution_of_its_column():
    # The call of column 1 is in the price without interest; what that column gives out is bought with the stake.
    option = contracts.BuyOutOption(0.10, last_year=1)
    public, private = option.split([10.0, 10.0, 0.0], [10.0, 10.0, 0.0], [2.0, 60.0, 80.0])
    np.testing.assert_allclose(public, [1.0, 11.0 + 10.0 - 1.0, 0.0], rtol=1e-15)
    np.testing.assert_allclose(private, [1.0, 60.0 - 20.0, 80.0], rtol=1e-15)


def test_option_of_a_short_array_is_exercised_in_the_last_column():
    long, short = contracts.BuyOutOption(0.10, last_year=9), contracts.BuyOutOption(0.10, last_year=2)
    flows = (PUBLIC, PRIVATE, [0.0, 0.0, 200.0])
    np.testing.assert_array_equal(long.split(*flows), short.split(*flows))


@pytest.mark.parametrize(
    ("last_year", "periods_per_year", "column"), [(0, 4, 0), (1, 4, 4), (0.75, 4, 3), (0.29, 100, 29), (1.9, 1, 1)]
)
def test_column_of_the_option(last_year, periods_per_year, column):
    public_paid_in, private_paid_in, distributions = np.zeros((3, 40))
    public_paid_in[0], private_paid_in[0], distributions[-1] = 1.0, 1.0, 100.0
    option = contracts.BuyOutOption(0.0, last_year)
    public, _ = option.split(public_paid_in, private_paid_in, distributions, periods_per_year)
    assert np.flatnonzero(public) == [column]


def test_option_lapses_where_later_receipts_do_not_exceed_the_price():
    option = contracts.BuyOutOption(0.0, last_year=1)
    for at_the_end in (99.0, 100.0):
        public, _ = option.split(PUBLIC, PRIVATE, [0.0, 0.0, at_the_end])
        np.testing.assert_allclose(public, [0.0, 0.0, 0.4 * at_the_end], rtol=1e-15)
    public, _ = option.split(PUBLIC, PRIVATE, [0.0, 0.0, 101.0])
    np.testing.assert_array_equal(public, [0.0, 40.0, 0.0])


def test_option_is_free_once_the_public_has_more_than_its_price():
    public, private = contracts.BuyOutOption(0.05, last_year=1).split(PUBLIC, PRIVATE, [150.0, 10.0, 20.0])
    np.testing.assert_allclose(public, [60.0, 0.0, 0.0])
    np.testing.assert_allclose(private, [90.0, 10.0, 20.0])


def test_values_passed_decide_each_by_itself():
    option = contracts.BuyOutOption(0.10, last_year=1)  # price 44
    distributions = np.tile([0.0, 0.0, 200.0], (3, 1))
    public, _ = option.split(PUBLIC, PRIVATE, distributions, value=[43.0, 44.0, 45.0])
    np.testing.assert_allclose(public, [[0.0, 0.0, 80.0], [0.0, 0.0, 80.0], [0.0, 44.0, 0.0]], rtol=1e-14)
    everywhere, _ = option.split(PUBLIC, PRIVATE, distributions, value=45.0)
    np.testing.assert_allclose(everywhere, np.tile([0.0, 44.0, 0.0], (3, 1)), rtol=1e-14)
    # On values they can be wrong: worse than pari passu where nothing comes after all.
    _, private = option.split(PUBLIC, PRIVATE, [0.0, 0.0, 0.0], value=100.0)
    assert private.sum() == pytest.approx(-44.0)


def test_calls_after_an_exercise_are_private():
    option = contracts.BuyOutOption(0.0, last_year=1)
    paid_in = ([10.0, 10.0, 10.0], [20.0, 20.0, 20.0])
    exercised = option.calls(*paid_in, [0.0, 0.0, 500.0])
    np.testing.assert_array_equal(exercised, [[10.0, 10.0, 0.0], [20.0, 20.0, 30.0]])
    np.testing.assert_array_equal(option.calls(*paid_in, [0.0, 0.0, 5.0]), paid_in)
    np.testing.assert_array_equal(option.split(*paid_in, [0.0, 0.0, 500.0])[0], [0.0, 20.0, 0.0])


# --- shapes and values -------------------------------------------------------------------------------------


@every_kind
def test_leading_axes_broadcast_and_arguments_stay_as_they_are(terms):
    generator = np.random.default_rng(1)
    public, private, distributions = generator.random(6), generator.random((3, 1, 6)), generator.random((2, 6))
    before = [flows.copy() for flows in (public, private, distributions)]
    sides = terms.split(public, private, distributions, 2)
    assert sides[0].shape == sides[1].shape == (3, 2, 6)
    np.testing.assert_allclose(sides[0] + sides[1], np.broadcast_to(distributions, (3, 2, 6)), rtol=0, atol=1e-12)
    for flows, kept in zip((public, private, distributions), before, strict=True):
        np.testing.assert_array_equal(flows, kept)


@every_kind
def test_terms_are_values_that_cannot_be_changed(terms):
    assert dataclasses.replace(terms) == terms
    assert hash(dataclasses.replace(terms)) == hash(terms)
    name = next(iter([field.name for field in dataclasses.fields(terms)]), "anything")
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        setattr(terms, name, 0.0)


@every_kind
def test_no_paths_are_no_receipts(terms):
    public, private = terms.split(np.empty((0, 4)), np.empty((0, 4)), np.empty((0, 4)))
    assert public.shape == private.shape == (0, 4)


def test_negative_amounts_of_rounding_size_pass():
    public, private = contracts.PrivatePriority(0.05).split([40.0, -1e-12], [60.0, 0.0], [-1e-12, 130.0])
    np.testing.assert_allclose(public + private, [-1e-12, 130.0], rtol=1e-15)


@every_kind
@pytest.mark.parametrize(
    ("flows", "says"),
    [
        (([40.0, math.nan], [60.0, 0.0], [0.0, 1.0]), "public_paid_in: every amount must be a finite number, but 1"),
        (([40.0, 0.0], [60.0, math.inf], [0.0, 1.0]), "private_paid_in: every amount"),
        (([40.0, 0.0], [60.0, 0.0], [math.nan, math.nan]), "distributions: every amount must be a finite.*but 2"),
        (([-40.0, 0.0], [60.0, 0.0], [0.0, 1.0]), "public_paid_in: amounts are positive.*-40"),
        (([40.0, 0.0], [60.0, 0.0], [0.0, -1.0]), "distributions: amounts are positive"),
        (([40.0, 0.0], [60.0], [0.0, 1.0]), "public_paid_in has 2 columns but private_paid_in has 1"),
        (([40.0, 0.0], [60.0, 0.0], [1.0]), "public_paid_in has 2 columns but distributions has 1"),
        ((40.0, [60.0], [1.0]), "public_paid_in: expected an array with time"),
        (([], [], []), "at least one column"),
        ((np.ones((2, 3)), np.ones((4, 3)), np.ones(3)), "do not broadcast"),
        (([[1.0], [1.0, 2.0]], [1.0], [1.0]), "regular array"),
    ],
)
def test_wrong_flows_are_explained(terms, flows, says):
    with pytest.raises(ValueError, match=says):
        terms.split(*flows)


@every_kind
@pytest.mark.parametrize("periods_per_year", [0, -4, math.nan, math.inf, "4"])
def test_wrong_periods_are_explained(terms, periods_per_year):
    with pytest.raises(ValueError, match="periods_per_year: must be a number above 0"):
        terms.split(PUBLIC, PRIVATE, [0.0, 0.0, 1.0], periods_per_year)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: contracts.SeniorDebt(5), r"rate: a rate is a decimal a year from 0 to 1 \(8 % is 0.08\), got 5"),
        (lambda: contracts.SeniorDebt(-0.01), "rate: a rate"),
        (lambda: contracts.PrivatePriority(math.nan), "rate: a rate.*got nan"),
        (lambda: contracts.PrivatePriority("0.07"), "rate: a rate"),
        (lambda: contracts.BuyOutOption(7, 5), "rate: a rate"),
        (lambda: contracts.BuyOutOption(0.07, -1), "last_year: must be a finite number of at least 0, got -1"),
        (lambda: contracts.BuyOutOption(0.07, math.inf), "last_year: must be a finite number"),
        (lambda: contracts.CappedPublicReturn(0.03, 30), "public_share_after: a share is a number from 0 to 1, got 30"),
        (lambda: contracts.CappedPublicReturn(3, 0.3), "rate: a rate"),
        (lambda: contracts.FirstLoss(1.01), "share: a share"),
        (lambda: contracts.FirstLoss(True), "share: a share"),
        (lambda: contracts.LossGuarantee(-0.1), "share: a share"),
        (lambda: contracts.ExcessGiveUp(2.0), "share: a share"),
        (lambda: contracts.ExcessGiveUp(0.5, rate=8), "rate: a rate"),
    ],
)
def test_wrong_terms_are_explained(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1.0, 2.0, 3.0], r"value: is one number for each fund.*expected shape \(2,\).*got \(1, 3\)"),
        (math.nan, "value: every amount must be a finite number"),
        ("high", "value: expected real numbers"),
    ],
)
def test_wrong_values_are_explained(value, says):
    value = [value] if isinstance(value, list) else value
    with pytest.raises(ValueError, match=says):
        contracts.BuyOutOption(0.07, 1).split(PUBLIC, PRIVATE, np.ones((2, 3)), value=value)


def test_complaints_are_in_both_languages():
    assert message("policy.value_shape", "zh", shape=(1,), wanted=(2,)).startswith("value")
    try:
        set_language("zh")
        with pytest.raises(ValueError, match="年利率以小数表示"):
            contracts.SeniorDebt(8)
    finally:
        set_language("en")
