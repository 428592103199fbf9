"""Terms with dates, tiers and maturities, and terms together: worked by hand, decisions, shapes, wrong arguments."""

import dataclasses
import math

import numpy as np
import pytest

from finance.language import set_language
from finance.policy import contracts

YOZMA_2 = contracts.StrikeSchedule(((4.0, 0.01), (8.0, 0.05)))
EVERY_TERM = [
    contracts.ScheduledBuyOut(YOZMA_2),
    contracts.TieredGiveUp(((1.0, 0.2), (1.5, 0.6))),
    contracts.StageGiveUp(0.5, 0.7, 0.04),
    contracts.Debenture(0.05),
    contracts.SharedHurdle(0.05, 0.1),
    contracts.StakePut(0.3, 5.0),
    contracts.LossGuarantee(0.8, premium_rate=0.01, claim_cap=0.05),
    contracts.Sequence((contracts.FirstLoss(0.1), contracts.StakePut(0.3, 7.0))),
]
PUBLIC, PRIVATE = [40.0, 0.0, 0.0], [60.0, 0.0, 0.0]

every_term = pytest.mark.parametrize("terms", EVERY_TERM, ids=lambda terms: type(terms).__name__)


def bullet(distribution, years, public=40.0, private=60.0):
    flows = np.zeros((3, years + 1))
    flows[0, 0], flows[1, 0], flows[2, -1] = public, private, distribution
    return flows


# --- worked by hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "distributions", "public"),
    [
        # Beyond 40: 20 % of it up to 60, 60 % above; 20 + 60 received, so 20 and 20 in the two tiers.
        (contracts.TieredGiveUp(((1.0, 0.2), (1.5, 0.6))), [0.0, 50.0, 150.0], [0.0, 20.0, 60.0 - 4.0 - 12.0]),
        # 10 % on 40 and on what is left of it is 26.4 of the second receipt of 28; 20 % needs 33.6.
        (contracts.TieredGiveUp(((0.1, 0.5), (0.2, 1.0)), "rate"), [0.0, 50.0, 70.0], [0.0, 20.0, 27.2]),
        (contracts.TieredGiveUp(((0.1, 0.5), (0.2, 1.0)), "rate"), [0.0, 50.0, 90.0], [0.0, 20.0, 30.0]),
        # 110 owed, 50 paid, 66 owed; the last 4 are split.
        (contracts.SharedHurdle(0.10, 0.25), [0.0, 50.0, 70.0], [0.0, 20.0, 26.4 + 0.25 * 4.0]),
        (contracts.SharedHurdle(0.10, 0.25), [0.0, 50.0, 60.0], [0.0, 20.0, 24.0]),
        (contracts.Debenture(0.10, 2.0, "cash", 1.0), [0.0, 50.0, 60.0], [0.0, 4.0, 44.0]),
        (contracts.Debenture(0.10, 2.0, "accruing"), [0.0, 50.0, 60.0], [0.0, 0.0, 48.4]),
        (contracts.Debenture(0.10, 1.0, "accruing"), [0.0, 30.0, 60.0], [0.0, 30.0, 15.4]),  # 14 late for a year
        (contracts.Debenture(0.10, 2.0, "cash", 1.0), [0.0, 1.0, 60.0], [0.0, 1.0, 3.3 + 44.0]),  # 3 late for a year
        (contracts.StakePut(0.5, 2.0), [0.0, 20.0, 40.0], [0.0, 8.0, 16.0 + 0.5 * 24.0 - 0.5 * 48.0]),
        (contracts.StakePut(0.5, 2.0, 0.10), [0.0, 20.0, 40.0], [0.0, 8.0, 16.0 + 0.5 * 24.0 - 0.5 * (72.6 - 12.0)]),
        (contracts.StakePut(0.5, 1.0), [0.0, 100.0, 40.0], [0.0, 40.0, 16.0]),  # 60 back: nothing to sell
        # Half of 60, then half of 48, at 2 % a year in advance; the loss of 24 is covered up to a tenth of 30.
        (contracts.LossGuarantee(0.5, 0.02, 0.1), [0.0, 20.0, 40.0], [0.6, 8.0 + 0.48, 16.0 - 3.0]),
        (contracts.LossGuarantee(0.5, 0.02), [0.0, 20.0, 40.0], [0.6, 8.0 + 0.48, 16.0 - 12.0]),
    ],
)
def test_worked_by_hand(terms, distributions, public):
    received, private = terms.split(PUBLIC, PRIVATE, distributions)
    np.testing.assert_allclose(received, public, rtol=0, atol=1e-12)
    np.testing.assert_allclose(private, np.subtract(distributions, public), rtol=0, atol=1e-12)


# --- the schedule and the window --------------------------------------------------------------------------------


def test_a_retroactive_step_starts_anew_and_the_other_does_not():
    by_year = contracts.StrikeSchedule(((4.0, 0.01), (8.0, 0.05)), is_retroactive=False)
    assert YOZMA_2.multiple(4.0) == by_year.multiple(4.0) == pytest.approx(1.01**4, rel=1e-15)
    assert YOZMA_2.multiple(6.0) == pytest.approx(1.05**6, rel=1e-15)
    assert by_year.multiple(6.0) == pytest.approx(1.01**4 * 1.05**2, rel=1e-15)
    assert by_year.multiple(0.0) == YOZMA_2.multiple(0.0) == 1.0


@pytest.mark.parametrize("is_retroactive", [True, False])
def test_cost_of_later_calls_counts_from_their_own_day(is_retroactive):
    schedule = dataclasses.replace(YOZMA_2, is_retroactive=is_retroactive)
    calls = np.array([10.0, 0.0, 0.0, 20.0, 0.0, 5.0])
    if is_retroactive:
        expected = 10.0 * 1.05**6 + 20.0 * 1.05**3 + 5.0 * 1.05
    else:
        expected = 10.0 * 1.01**4 * 1.05**2 + 20.0 * 1.01 * 1.05**2 + 5.0 * 1.05
    assert schedule.cost(calls, 6, 1) == pytest.approx(expected, rel=1e-14)
    quarterly = np.zeros(22)
    quarterly[::4] = calls
    assert schedule.cost(quarterly, 24, 4) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("terms", "years"),
    [
        (contracts.ScheduledBuyOut(YOZMA_2), (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)),
        (contracts.ScheduledBuyOut(YOZMA_2, 2.0, 4.5), (2.0, 3.0, 4.0, 4.5)),
        (contracts.ScheduledBuyOut(YOZMA_2, 2.5, 2.75), (2.75,)),
        (contracts.ScheduledBuyOut(YOZMA_2, 0.0, 0.0), (0.0,)),
    ],
)
def test_dates_of_a_window(terms, years):
    assert terms.exercise_years() == years


def test_dates_beyond_the_last_column_fall_into_it():
    terms = contracts.ScheduledBuyOut(YOZMA_2)
    assert terms.exercise_columns(41, 4) == (4, 8, 12, 16, 20, 24, 28, 32)
    assert terms.exercise_columns(10, 4) == (4, 8, 9)
    assert terms.exercise_columns(1) == (0,)


def test_the_last_rate_can_go_on():
    terms = contracts.ScheduledBuyOut(contracts.StrikeSchedule(((4.0, 0.01), (math.inf, 0.05))), last_year=20.0)
    assert terms.exercise_years()[-1] == 20.0
    assert terms.schedule.multiple(20.0) == pytest.approx(1.05**20)


def test_a_partner_who_knows_the_future_buys_at_the_cheapest_date():
    # 80 for the public at the end; the price never falls, so it buys at once, at 40.4.
    terms = contracts.ScheduledBuyOut(YOZMA_2)
    public, private = terms.split(*bullet(200.0, 8))
    np.testing.assert_allclose(public, [0.0, 40.4, 0, 0, 0, 0, 0, 0, 0], rtol=1e-14)
    assert terms.exercise_year(*bullet(200.0, 8)) == 1.0
    assert private.sum() == pytest.approx(159.6)
    assert np.isnan(terms.exercise_year(*bullet(100.9, 8)))
    # What it has not paid earns 3 %: it waits to the last year of 1 %; above 1.05² ÷ 1.01 − 1 = 9.2 % to the end.
    for rate, year in ((0.03, 4.0), (0.09, 4.0), (0.10, 8.0)):
        patient = dataclasses.replace(terms, waiting_rate=rate)
        assert patient.exercise_year(*bullet(200.0, 8)) == year


@pytest.mark.parametrize(
    ("waiting_rate", "worth", "year"),
    [
        (0.0, [41.0] * 8, 1.0),  # the price rises whatever they do: the first year it is below the worth
        (0.0, [40.0, 41.0, 41.0, 41.0, 0, 0, 0, 0], 2.0),
        (0.03, [60.0] * 8, 4.0),  # 1 % is less than money earns, the step to 5 % from the start is more
        (0.03, [60.0] * 3 + [41.0] + [60.0] * 4, 5.0),  # not worth it in year 4; from then on 5 % a year
        (0.05, [60.0] * 3 + [41.0] + [60.0] * 4, 8.0),  # waiting is free: 5 % is what money earns
        (0.05, [60.0] * 3 + [41.0] + [59.0] * 4, None),  # and the right lapses, 59 being below 59.1
        (0.10, [1e9] * 8, 8.0),  # even the step is less than eight years of 10 %
    ],
)
def test_on_values_a_partner_waits_where_waiting_is_free(waiting_rate, worth, year):
    terms = contracts.ScheduledBuyOut(YOZMA_2, waiting_rate=waiting_rate)
    exercised = terms.exercise_year(*bullet(200.0, 8), value=worth)
    assert exercised == year if year is not None else np.isnan(exercised)


def test_a_price_of_nothing_is_paid_at_once():
    # The public has had its 40 and more: waiting would give it what comes next, for nothing.
    flows = bullet(200.0, 3)
    flows[2, 0] = 150.0
    terms = contracts.ScheduledBuyOut(YOZMA_2, waiting_rate=0.10)
    assert terms.exercise_year(*flows, value=[50.0] * 3) == 1.0
    np.testing.assert_allclose(terms.split(*flows, value=[50.0] * 3)[0], [60.0, 0.0, 0.0, 0.0])


def test_values_decide_each_fund_by_itself_and_broadcast():
    terms = contracts.ScheduledBuyOut(YOZMA_2, last_year=2.0)
    flows = np.broadcast_to(bullet(200.0, 8), (3, 3, 9)).swapaxes(0, 1)
    years = terms.exercise_year(*flows, value=[[41.0, 0.0], [0.0, 41.0], [0.0, 0.0]])
    np.testing.assert_array_equal(years, [1.0, 2.0, np.nan])
    np.testing.assert_array_equal(terms.exercise_year(*flows, value=[41.0, 41.0]), [1.0] * 3)


def test_part_of_a_stake_and_part_of_the_profit():
    # Bought in year 1: 30 % of 80 for 30 % of 40.4; the public keeps 7 % of what that 24 is above 12.12.
    schedule = contracts.StrikeSchedule(((5.0, 0.01),))
    terms = contracts.ScheduledBuyOut(schedule, stake_share=0.3, profit_share=0.07)
    public, _ = terms.split(*bullet(200.0, 5))
    np.testing.assert_allclose(public, [0, 12.12, 0, 0, 0, 56.0 + 0.07 * (24.0 - 12.12)], rtol=1e-14)


def test_calls_taken_over_are_weighed_and_paid():
    # A stake that will get 60 for a price of 40 and calls of 30 is not bought; for calls of 10 it is.
    schedule = contracts.StrikeSchedule(((1.0, 0.0),))
    terms = contracts.ScheduledBuyOut(schedule, stake_share=0.5)
    for call, is_bought in ((30.0, False), (10.0, True)):
        flows = np.array([[40.0, 0.0, call], [40.0, 0.0, call], [0.0, 0.0, 120.0]])
        assert np.isfinite(terms.exercise_year(*flows)) == is_bought
        taken_over = 0.5 * call if is_bought else 0.0
        np.testing.assert_allclose(terms.calls(*flows)[0], [40.0, 0.0, call - taken_over])
        np.testing.assert_allclose(terms.calls(*flows)[1], [40.0, 0.0, call + taken_over])


# --- put, stage target, debenture -------------------------------------------------------------------------------


def test_values_decide_a_put_and_calls_move_with_it():
    put = contracts.StakePut(0.5, 1.0)
    flows = ([10.0, 0.0, 10.0], [30.0, 0.0, 20.0], [0.0, 0.0, 500.0])
    np.testing.assert_array_equal(put.calls(*flows), flows[:2])
    sold = put.calls(*flows, value=29.0)
    np.testing.assert_array_equal(sold, [[10.0, 0.0, 20.0], [30.0, 0.0, 10.0]])
    public, _ = put.split(*flows, value=29.0)
    stake = 500.0 * 50.0 / 70.0
    np.testing.assert_allclose(public, [0.0, -15.0, 500.0 - stake + 0.5 * stake])


@pytest.mark.parametrize(("achieved", "share"), [(0.0, 0.0), (0.35, 0.3), (0.7, 0.6), (0.9, 0.6)])
def test_give_up_follows_the_target(achieved, share):
    terms = contracts.StageGiveUp(0.6, 0.7)
    assert terms.given_up_share(achieved) == pytest.approx(share)
    public, _ = terms.split(*bullet(200.0, 5), stage_share=achieved)
    assert public.sum() == pytest.approx(80.0 - share * 40.0)


def test_each_fund_has_its_own_stage_share():
    flows = np.broadcast_to(bullet(200.0, 5), (2, 3, 6)).swapaxes(0, 1)
    public, _ = contracts.StageGiveUp(0.6, 0.7).split(*flows, stage_share=[0.35, 0.7])
    np.testing.assert_allclose(public.sum(axis=-1), [68.0, 56.0])


def test_loans_mature_each_at_its_own_date():
    # 10 now and 10 a year later, two years each, at 10 %: interest 1, then 2 and the first loan, then 1 and the second.
    terms = contracts.Debenture(0.10, 2.0, "cash", 1.0)
    public, _ = terms.split([10.0, 10.0, 0.0, 0.0, 0.0], [5.0] * 5, [0.0] + [100.0] * 4)
    np.testing.assert_allclose(public, [0.0, 1.0, 12.0, 11.0, 0.0], rtol=1e-12, atol=1e-12)
    accruing = dataclasses.replace(terms, interest="accruing")
    public, _ = accruing.split([10.0, 10.0, 0.0, 0.0, 0.0], [5.0] * 5, [0.0] + [100.0] * 4)
    np.testing.assert_allclose(public, [0.0, 0.0, 12.1, 12.1, 0.0], rtol=1e-12, atol=1e-12)


def test_interest_is_due_at_coupon_dates_only():
    flows = np.zeros((3, 9))
    flows[0, 0], flows[1, 0], flows[2] = 100.0, 50.0, 20.0
    half_year = 1.05**0.5 - 1.0
    public, _ = contracts.Debenture(0.05, 10.0, "cash", 2.0).split(*flows, periods_per_year=4)
    np.testing.assert_allclose(public[:-1], 100.0 * half_year * np.array([0, 0, 1, 0, 1, 0, 1, 0]), atol=1e-12)
    assert public[-1] == 20.0  # all is due at the end, and 20 is all there is
    yearly, _ = contracts.Debenture(0.05, 10.0, "cash", 1.0).split(*flows, periods_per_year=4)
    np.testing.assert_allclose(yearly[:-1], [0, 0, 0, 0, 5.0, 0, 0, 0], atol=1e-12)


def test_what_is_unpaid_at_maturity_stays_senior():
    terms = contracts.Debenture(0.10, 1.0, "accruing")
    flows = ([100.0, 0.0, 0.0, 0.0], [50.0, 0.0, 0.0, 0.0], [0.0, 30.0, 40.0, 100.0])
    public, private = terms.split(*flows)
    np.testing.assert_allclose(public, [0.0, 30.0, 40.0, (80.0 * 1.1 - 40.0) * 1.1], rtol=1e-13)
    assert private[1] == private[2] == 0.0


def test_drawn_waits_for_private_capital():
    terms = contracts.Debenture(0.05, leverage_cap=2.0, amount_cap=175.0)
    offered, private = [300.0, 0.0, 0.0, 0.0], [25.0, 25.0, 25.0, 25.0]
    np.testing.assert_allclose(terms.drawn(offered, private), [50.0, 50.0, 50.0, 25.0])
    np.testing.assert_allclose(contracts.Debenture(0.05).drawn(offered, private), offered)
    drawn = terms.drawn(offered, private)
    terms.split(drawn, private, [0.0] * 4)  # what may be drawn is not refused
    with pytest.raises(ValueError, match="public_paid_in: 25 million CNY more are drawn than the caps allow"):
        terms.split(np.add(drawn, [25.0, 0.0, 0.0, 0.0]), private, [0.0] * 4)


# --- together ------------------------------------------------------------------------------------------------------


def test_a_loss_is_not_made_good_twice():
    # 100 paid in, 80 back. First loss of 10: private partners lose 6; a guarantee of a half behind it leaves them 3.
    first, guarantee = contracts.FirstLoss(0.1), contracts.LossGuarantee(0.5)
    private = contracts.Sequence((first, guarantee)).split(*bullet(80.0, 3))[1].sum()
    assert 60.0 - private == pytest.approx(3.0)
    both_on_pari_passu = sum(terms.split(*bullet(80.0, 3))[1].sum() - 48.0 for terms in (first, guarantee))
    assert both_on_pari_passu == pytest.approx(6.0 + 6.0)  # as much as they lose


def test_calls_of_a_sequence_are_those_of_its_terms():
    terms = contracts.Sequence((contracts.BuyOutOption(0.0, 1.0), contracts.LossGuarantee(1.0)))
    flows = ([10.0, 0.0, 10.0], [10.0, 0.0, 10.0], [0.0, 0.0, 500.0])
    np.testing.assert_array_equal(terms.calls(*flows)[0], [10.0, 0.0, 0.0])
    # A guarantee sees the calls that are taken over: 10 to buy and 30 to pay in, 25 received.
    option = contracts.ScheduledBuyOut(contracts.StrikeSchedule(((1.0, 0.0),)))
    flows = ([0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 0.0, 6.0])
    covered = contracts.Sequence((option, contracts.LossGuarantee(1.0)))
    assert covered.split(*flows)[1].sum() == pytest.approx(10.0)


def test_a_sequence_is_a_value():
    terms = contracts.Sequence([contracts.PariPassu(), contracts.ExcessGiveUp(0.5)])
    assert terms == contracts.Sequence((contracts.PariPassu(), contracts.ExcessGiveUp(0.5)))
    assert hash(terms) == hash(dataclasses.replace(terms))


# --- shapes and wrong arguments --------------------------------------------------------------------------------------


@every_term
def test_leading_axes_broadcast_and_arguments_stay_as_they_are(terms):
    generator = np.random.default_rng(1)
    public, private, distributions = generator.random(6), generator.random((3, 1, 6)), generator.random((2, 6))
    before = [flows.copy() for flows in (public, private, distributions)]
    sides = terms.split(public, private, distributions, 2)
    assert sides[0].shape == sides[1].shape == (3, 2, 6)
    np.testing.assert_allclose(sides[0] + sides[1], np.broadcast_to(distributions, (3, 2, 6)), rtol=0, atol=1e-12)
    for flows, kept in zip((public, private, distributions), before, strict=True):
        np.testing.assert_array_equal(flows, kept)


@every_term
def test_no_paths_are_no_receipts(terms):
    public, private = terms.split(np.empty((0, 4)), np.empty((0, 4)), np.empty((0, 4)))
    assert public.shape == private.shape == (0, 4)


@every_term
def test_wrong_flows_are_explained(terms):
    with pytest.raises(ValueError, match="public_paid_in: every amount must be a finite number"):
        terms.split([math.nan], [1.0], [1.0])
    with pytest.raises(ValueError, match="periods_per_year"):
        terms.calls([1.0], [1.0], [1.0], 0)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: contracts.StrikeSchedule(()), r"steps: expected pairs \(until_year, rate\)"),
        (lambda: contracts.StrikeSchedule(((4.0, 0.01), (4.0, 0.05))), "rise from above 0"),
        (lambda: contracts.StrikeSchedule(((0.0, 0.01),)), "rise from above 0"),
        (lambda: contracts.StrikeSchedule(((math.nan, 0.01),)), "steps"),
        (lambda: contracts.StrikeSchedule((4.0, 0.01)), "steps"),
        (lambda: contracts.StrikeSchedule(((4.0, 1.01),)), "rate: a rate"),
        (lambda: contracts.ScheduledBuyOut(YOZMA_2, last_year=9.0), "ends in year 8"),
        (lambda: contracts.ScheduledBuyOut(YOZMA_2, 5.0, 4.0), "last_year: must be a finite number of at least 5"),
        (lambda: contracts.ScheduledBuyOut(YOZMA_2, -1.0), "first_year"),
        (lambda: contracts.ScheduledBuyOut(contracts.StrikeSchedule(((math.inf, 0.01),))), "last_year"),
        (lambda: contracts.ScheduledBuyOut(YOZMA_2, stake_share=30), "stake_share: a share"),
        (lambda: contracts.ScheduledBuyOut(YOZMA_2, profit_share=-0.07), "profit_share: a share"),
        (lambda: contracts.ScheduledBuyOut(YOZMA_2, waiting_rate=5), "waiting_rate: a rate"),
        (lambda: contracts.TieredGiveUp(()), "tiers: expected pairs"),
        (lambda: contracts.TieredGiveUp(((1.5, 0.2), (1.0, 0.6))), "thresholds that rise"),
        (lambda: contracts.TieredGiveUp((1.0, 0.2)), "tiers: expected pairs"),
        (lambda: contracts.TieredGiveUp(((0.5, 0.2),)), "threshold: must be a finite number of at least 1"),
        (lambda: contracts.TieredGiveUp(((1.5, 0.2),), "rate"), "threshold: a rate"),
        (lambda: contracts.TieredGiveUp(((1.0, 1.2),)), "share: a share"),
        (lambda: contracts.TieredGiveUp(((1.0, 0.2),), "irr"), "by: expected one of multiple, rate, got irr"),
        (lambda: contracts.StageGiveUp(0.5, 0.0), "target_share: must be above 0"),
        (lambda: contracts.StageGiveUp(0.5, 7.0), "target_share: a share"),
        (lambda: contracts.Debenture(5), "rate: a rate"),
        (lambda: contracts.Debenture(0.05, -1.0), "term_years"),
        (lambda: contracts.Debenture(0.05, interest="simple"), "interest: expected one of cash, accruing, got simple"),
        (lambda: contracts.Debenture(0.05, payments_per_year=-1.0), "payments_per_year"),
        (lambda: contracts.Debenture(0.05, leverage_cap=math.nan), "leverage_cap"),
        (lambda: contracts.SharedHurdle(0.05, 10), "public_share_after: a share"),
        (lambda: contracts.SharedHurdle(5, 0.1), "rate: a rate"),
        (lambda: contracts.StakePut(30, 5.0), "stake_share: a share"),
        (lambda: contracts.StakePut(0.3, -5.0), "last_year"),
        (lambda: contracts.StakePut(0.3, 5.0, 7), "rate: a rate"),
        (lambda: contracts.LossGuarantee(0.8, 1.5), "premium_rate: a rate"),
        (lambda: contracts.LossGuarantee(0.8, 0.01, 5), "claim_cap: a share"),
        (lambda: contracts.Sequence(()), "terms: expected contracts, at least one"),
        (lambda: contracts.Sequence((0.07,)), "terms: expected contracts"),
        (
            lambda: contracts.Sequence((contracts.ExcessGiveUp(0.5), contracts.FirstLoss(0.1))),
            "FirstLoss divides everything anew",
        ),
        (
            lambda: contracts.Sequence((contracts.PariPassu(), contracts.Sequence((contracts.Grant(),)))),
            "Sequence divides everything anew",
        ),
    ],
)
def test_wrong_terms_are_explained(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1.0] * 3, r"value: is one number for each fund and date.*expected shape \(8,\).*got \(3,\)"),
        (1.0, "value: is one number for each fund and date"),
        (np.ones((2, 8)), "value: is one number for each fund and date"),
        ([math.nan] * 8, "value: every amount must be a finite number, but 8"),
    ],
)
def test_wrong_values_are_explained(value, says):
    with pytest.raises(ValueError, match=says):
        contracts.ScheduledBuyOut(YOZMA_2).split(*bullet(200.0, 8), value=value)


@pytest.mark.parametrize(
    ("stage_share", "says"),
    [
        ([0.5, 0.5], "stage_share: is one number for each fund"),
        (1.5, "stage_share: a share is a number from 0 to 1, got 1.5"),
        (-0.5, "stage_share: a share"),
        (math.nan, "stage_share: every amount must be a finite number"),
    ],
)
def test_wrong_stage_shares_are_explained(stage_share, says):
    with pytest.raises(ValueError, match=says):
        contracts.StageGiveUp(0.5, 0.7).split(*bullet(200.0, 8), stage_share=stage_share)


def test_complaints_are_in_chinese_too():
    try:
        set_language("zh")
        with pytest.raises(ValueError, match="重新划分全部分配"):
            contracts.Sequence((contracts.PariPassu(), contracts.SeniorDebt(0.05)))
    finally:
        set_language("en")
