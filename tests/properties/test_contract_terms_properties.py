"""What must hold for terms with dates, tiers and maturities, and for terms together, on any fund."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finance.policy import contracts
from tests.properties.partnerships import (
    any_contract,
    any_fund,
    columns_in_a_year,
    proportional_fund,
    random_funds,
    rates,
    scale_of,
    shares,
    upfront_fund,
)
from tests.properties.terms import (
    any_term,
    concessions,
    debentures,
    insured,
    lowered,
    puts,
    scheduled_buy_outs,
    sequences,
    tiered_give_ups,
)
from tests.unit.contract_terms_twin import term_twin

thorough = settings(deadline=None, max_examples=150, derandomize=True)

YOZMA_2 = contracts.StrikeSchedule(((4.0, 0.01), (8.0, 0.05)))
EVERY_TERM = [
    contracts.ScheduledBuyOut(YOZMA_2),
    contracts.ScheduledBuyOut(YOZMA_2, stake_share=0.3, profit_share=0.07, waiting_rate=0.04),
    contracts.TieredGiveUp(((1.0, 0.2), (1.5, 0.6))),
    contracts.TieredGiveUp(((0.04, 0.2), (0.12, 0.6)), by="rate"),
    contracts.StageGiveUp(0.5, 0.7, 0.04),
    contracts.Debenture(0.05),
    contracts.Debenture(0.05, term_years=4.0, interest="accruing"),
    contracts.SharedHurdle(0.05, 0.1),
    contracts.StakePut(0.3, 5.0),
    contracts.LossGuarantee(0.8, premium_rate=0.01, claim_cap=0.05),
    contracts.Sequence((contracts.FirstLoss(0.1), contracts.StakePut(0.3, 7.0), contracts.ExcessGiveUp(0.3))),
]


def private_net(terms, fund, periods_per_year=1, **options):
    """What private partners receive, less the calls they pay in the end; the sum over time."""
    received = terms.split(*fund, periods_per_year, **options)[1].sum(axis=-1)
    return received - terms.calls(*fund, periods_per_year, **options)[1].sum(axis=-1)


def is_near_tie(terms, fund, periods_per_year):
    """Tell a right whose use changes nothing, where rounding decides when it is used."""
    if isinstance(terms, contracts.StakePut):
        before = private_net(contracts.PariPassu(), fund)
        values = [private_net(terms, fund, periods_per_year, value=value) for value in (0.0, 1e300)]
        return abs(max(values) - before) < 1e-9 * scale_of(*fund) and values[0] != values[1]
    if not isinstance(terms, contracts.ScheduledBuyOut):
        return False
    n_periods, worth = fund[0].size, []
    columns = terms.exercise_columns(n_periods, periods_per_year)
    discounts = (1.0 + terms.waiting_rate) ** (-np.arange(n_periods) / periods_per_year)
    for column in columns:
        single = dataclasses.replace(
            terms, first_year=column / periods_per_year, last_year=min(column / periods_per_year, 9.0)
        )
        received = single.split(*fund, periods_per_year, value=[1e300])[1]
        calls = single.calls(*fund, periods_per_year, value=[1e300])[1]
        worth.append(((received - calls) * discounts).sum())
    kept = (contracts.PariPassu().split(*fund)[1] - fund[1]) @ discounts
    gaps = np.diff(np.sort([kept, *worth]))
    return gaps.size and gaps.min() < 1e-9 * scale_of(*fund)


# --- what every term does ------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", EVERY_TERM, ids=lambda terms: type(terms).__name__)
@pytest.mark.parametrize("periods_per_year", [1, 4])
def test_receipts_and_calls_are_conserved_on_five_thousand_funds(terms, periods_per_year):
    public_paid_in, private_paid_in, distributions = random_funds(5_000, 40, seed=21)
    flows = (public_paid_in, private_paid_in, distributions, periods_per_year)
    scale = 1.0 + np.abs(random_funds(5_000, 40, seed=21)).sum(axis=(0, 2))[:, np.newaxis]
    public, private = terms.split(*flows)
    assert public.shape == private.shape == distributions.shape
    assert np.max(np.abs(public + private - distributions) / scale) < 1e-9
    paid = np.add(*terms.calls(*flows))
    assert np.max(np.abs(paid - public_paid_in - private_paid_in) / scale) < 1e-9


@settings(thorough, max_examples=400)
@given(st.one_of(any_contract, any_term, sequences()), any_fund(), columns_in_a_year)
def test_parts_sum_to_the_whole(terms, fund, periods_per_year):
    slack = 1e-9 * scale_of(*fund)
    np.testing.assert_allclose(np.add(*terms.split(*fund, periods_per_year)), fund[2], rtol=0, atol=slack)
    paid = np.add(*terms.calls(*fund, periods_per_year))
    np.testing.assert_allclose(paid, fund[0] + fund[1], rtol=0, atol=slack)


@settings(thorough, max_examples=600)
@given(any_term, any_fund(), columns_in_a_year)
def test_readable_twin_divides_alike(terms, fund, periods_per_year):
    assume(not is_near_tie(terms, fund, periods_per_year))
    public, _ = terms.split(*fund, periods_per_year)
    expected = term_twin(terms, *map(list, fund), periods_per_year)
    np.testing.assert_allclose(public, expected, rtol=0, atol=1e-10 * scale_of(*fund))


@pytest.mark.parametrize("terms", EVERY_TERM, ids=lambda terms: type(terms).__name__)
def test_many_funds_are_each_by_itself(terms):
    funds = random_funds(60, 9, seed=22)
    together = terms.split(*funds.reshape(3, 3, 20, 9), periods_per_year=2)
    alone = [terms.split(*fund, periods_per_year=2) for fund in np.moveaxis(funds, 1, 0)]
    np.testing.assert_allclose(np.reshape(together, (2, 60, 9)), np.moveaxis(alone, 0, 1), rtol=1e-12, atol=1e-11)


@thorough
@given(any_term, any_fund())
def test_without_public_money_only_guarantees_and_puts_move_any(terms, fund):
    public, _ = terms.split(np.zeros(fund[0].size), *fund[1:])
    if not isinstance(terms, contracts.LossGuarantee | contracts.StakePut):
        np.testing.assert_allclose(public, 0.0, atol=1e-12 * scale_of(*fund))


# --- terms that say the same ------------------------------------------------------------------------------------


@thorough
@given(any_fund(), columns_in_a_year, rates, st.integers(0, 9), st.booleans())
def test_a_schedule_of_one_date_is_the_plain_option(fund, periods_per_year, rate, year, is_retroactive):
    """But for calls after the exercise, which `BuyOutOption` does not weigh: so there are none here."""
    column = min(year * periods_per_year, fund[0].size - 1)
    fund[0][column + 1 :] = 0.0
    schedule = contracts.StrikeSchedule(((9.0, rate),), is_retroactive)
    terms, plain = contracts.ScheduledBuyOut(schedule, year, year), contracts.BuyOutOption(rate, year)
    assume(not is_near_tie(terms, fund, periods_per_year))
    slack = 1e-11 * scale_of(*fund)
    for value in (None, 0.0, 50.0, 1e9):
        dated = None if value is None else [value]
        got, expected = (
            terms.split(*fund, periods_per_year, value=dated),
            plain.split(*fund, periods_per_year, value=value),
        )
        np.testing.assert_allclose(got, expected, rtol=0, atol=slack)
        got, expected = (
            terms.calls(*fund, periods_per_year, value=dated),
            plain.calls(*fund, periods_per_year, value=value),
        )
        np.testing.assert_array_equal(got, expected)


@thorough
@given(any_fund(), columns_in_a_year, rates, shares)
def test_one_tier_is_the_plain_give_up(fund, periods_per_year, rate, share):
    plain = contracts.ExcessGiveUp(share, rate).split(*fund, periods_per_year)
    staged = contracts.StageGiveUp(share, 0.7, rate)
    same = [
        contracts.TieredGiveUp(((rate, share),), by="rate").split(*fund, periods_per_year),
        staged.split(*fund, periods_per_year),
        staged.split(*fund, periods_per_year, stage_share=0.9),
    ]
    for split in same:
        np.testing.assert_allclose(split, plain, rtol=0, atol=1e-12 * scale_of(*fund))
    by_multiple = contracts.TieredGiveUp(((1.0, share),)).split(*fund, periods_per_year)
    np.testing.assert_allclose(
        by_multiple, contracts.ExcessGiveUp(share).split(*fund, periods_per_year), rtol=0, atol=1e-12 * scale_of(*fund)
    )


@thorough
@given(upfront_fund(), rates, shares)
def test_a_put_in_the_last_column_is_a_guarantee(fund, rate, share):
    fund[2][:-1] = 0.0
    last = fund[0].size - 1
    put, guarantee = contracts.StakePut(share, last), contracts.LossGuarantee(share)
    assume(not is_near_tie(put, fund, 1))
    np.testing.assert_allclose(put.split(*fund), guarantee.split(*fund), rtol=0, atol=1e-11 * scale_of(*fund))


@thorough
@given(any_fund(), columns_in_a_year, rates)
def test_a_debenture_of_no_term_is_plain_debt(fund, periods_per_year, rate):
    plain = contracts.SeniorDebt(rate).split(*fund, periods_per_year)
    for interest in ("cash", "accruing"):
        due_at_once = contracts.Debenture(rate, 0.0, interest).split(*fund, periods_per_year)
        np.testing.assert_allclose(due_at_once, plain, rtol=0, atol=1e-10 * scale_of(*fund))


@thorough
@given(proportional_fund(), shares)
def test_a_shared_hurdle_with_the_publics_own_share_is_pari_passu(fund, after):
    own = fund[0].sum() / (fund[0] + fund[1]).sum()
    for rate in (0.0, 0.08):
        public, _ = contracts.SharedHurdle(rate, own).split(*fund)
        np.testing.assert_allclose(public, contracts.PariPassu().split(*fund)[0], rtol=0, atol=1e-11 * scale_of(*fund))


@thorough
@given(any_fund(), columns_in_a_year, any_contract)
def test_a_sequence_of_one_is_its_term_and_terms_of_no_amount_add_nothing(fund, periods_per_year, first):
    alone = first.split(*fund, periods_per_year)
    nothing = (
        contracts.ExcessGiveUp(0.0),
        contracts.LossGuarantee(0.0, premium_rate=0.02),
        contracts.StakePut(0.0, 1.0),
    )
    for terms in (contracts.Sequence((first,)), contracts.Sequence((first, *nothing))):
        np.testing.assert_array_equal(terms.split(*fund, periods_per_year), alone)
    nested = contracts.Sequence(
        (contracts.Sequence((first, contracts.ExcessGiveUp(0.5))), contracts.LossGuarantee(0.5))
    )
    flat = contracts.Sequence((first, contracts.ExcessGiveUp(0.5), contracts.LossGuarantee(0.5)))
    np.testing.assert_array_equal(nested.split(*fund, periods_per_year), flat.split(*fund, periods_per_year))


# --- directions, path by path -------------------------------------------------------------------------------------


@settings(thorough, max_examples=400)
@given(concessions, any_fund(), columns_in_a_year)
def test_a_right_never_leaves_private_partners_worse_than_pari_passu(terms, fund, periods_per_year):
    """Net of the calls they take over. On values instead of foresight they may be wrong, so nothing is said of that."""
    slack = 1e-10 * scale_of(*fund)
    assert private_net(terms, fund, periods_per_year) >= private_net(contracts.PariPassu(), fund) - slack


@settings(thorough, max_examples=300)
@given(sequences(), concessions, any_fund(), columns_in_a_year)
def test_one_more_concession_never_takes_from_private_partners(terms, more, fund, periods_per_year):
    """Behind the others. In front it may: a put used in a fund that a guarantee would have made good is lost to it."""
    longer = contracts.Sequence((*terms.terms, more))
    before, after = (private_net(each, fund, periods_per_year) for each in (terms, longer))
    assert after >= before - 1e-9 * scale_of(*fund)


@settings(thorough, max_examples=300)
@given(scheduled_buy_outs(waiting_rates=st.just(0.0)), any_fund(), columns_in_a_year, st.floats(0.0, 1.0), shares)
def test_a_better_option_is_worth_more_on_every_path(terms, fund, periods_per_year, factor, share):
    """Lower rates, a longer window, a larger part of the stake, less profit kept: with foresight, without discounting.

    On values the rule of thumb weighs prices only: with a longer window a partner may buy earlier a fund that then
    fails, and a lower first step may make it buy at once where it would have waited and known better.
    """
    slack = 1e-10 * scale_of(*fund)
    value = private_net(terms, fund, periods_per_year)
    cheaper = tuple((until, factor * rate) for until, rate in terms.schedule.steps)
    better = [
        dataclasses.replace(terms, schedule=dataclasses.replace(terms.schedule, steps=cheaper)),
        dataclasses.replace(terms, first_year=np.floor(factor * terms.first_year)),
        dataclasses.replace(terms, last_year=9.0),
        dataclasses.replace(terms, stake_share=max(terms.stake_share, share)),
        dataclasses.replace(terms, profit_share=min(terms.profit_share, share)),
    ]
    for each in better:
        assert private_net(each, fund, periods_per_year) >= value - slack, each


@thorough
@given(scheduled_buy_outs(), any_fund(), columns_in_a_year)
def test_a_longer_window_is_worth_more_in_the_money_of_the_waiting_rate(terms, fund, periods_per_year):
    """Discounted, since that is what is chosen by; the plain sum may fall where partners are impatient."""
    discounts = (1.0 + terms.waiting_rate) ** (-np.arange(fund[0].size) / periods_per_year)
    longer = dataclasses.replace(terms, first_year=0.0, last_year=9.0)
    values = [
        (each.split(*fund, periods_per_year)[1] - each.calls(*fund, periods_per_year)[1]) @ discounts
        for each in (contracts.PariPassu(), terms, longer)
    ]
    assert np.min(np.diff(values)) >= -1e-10 * scale_of(*fund)


@thorough
@given(debentures, any_fund(), columns_in_a_year, st.floats(0.0, 1.0))
def test_cheaper_debt_leaves_private_partners_more_in_every_column(terms, fund, periods_per_year, factor):
    """Nothing is said of term or kind of interest: what is due later has grown, so either may be better on a path."""
    cheaper = dataclasses.replace(terms, rate=factor * terms.rate)
    dear, cheap = (each.split(*fund, periods_per_year)[1] for each in (terms, cheaper))
    assert np.min(cheap - dear) >= -1e-10 * scale_of(*fund)


@thorough
@given(insured, any_fund(), columns_in_a_year, shares)
def test_a_better_guarantee_is_worth_more(terms, fund, periods_per_year, share):
    """A higher cap, a lower premium; a higher share only if it is free, as a premium is paid without a loss too."""
    slack = 1e-10 * scale_of(*fund)
    value = private_net(terms, fund, periods_per_year)
    cap = None if terms.claim_cap is None else max(terms.claim_cap, share)
    for each in (
        dataclasses.replace(terms, claim_cap=cap),
        dataclasses.replace(terms, claim_cap=None),
        dataclasses.replace(terms, premium_rate=share * terms.premium_rate),
    ):
        assert private_net(each, fund, periods_per_year) >= value - slack
    free = dataclasses.replace(terms, premium_rate=0.0)
    larger = dataclasses.replace(free, share=max(terms.share, share))
    assert private_net(larger, fund, periods_per_year) >= private_net(free, fund, periods_per_year) - slack


@thorough
@given(puts, any_fund(), columns_in_a_year, shares, st.floats(0.0, 1.0))
def test_a_better_put_is_worth_more(terms, fund, periods_per_year, share, factor):
    """Of its year nothing is said: with one date, earlier is cheaper and later is better known."""
    slack = 1e-10 * scale_of(*fund)
    larger = dataclasses.replace(terms, stake_share=max(terms.stake_share, share))
    poorer = dataclasses.replace(terms, rate=factor * terms.rate)
    values = [private_net(each, fund, periods_per_year) for each in (poorer, terms, larger)]
    assert np.min(np.diff(values)) >= -slack


@thorough
@given(tiered_give_ups(), tiered_give_ups(rising=True), any_fund(), columns_in_a_year, shares)
def test_more_given_up_is_more_for_private_partners_in_every_column(terms, rising, fund, periods_per_year, share):
    """Higher shares always; lower thresholds only where shares rise, as else more falls into a tier that gives less."""
    slack = 1e-10 * scale_of(*fund)
    more = dataclasses.replace(terms, tiers=tuple((low, max(part, share)) for low, part in terms.tiers))
    lower = dataclasses.replace(rising, tiers=lowered(rising.tiers, rising.by))
    for worse, better in ((terms, more), (rising, lower)):
        gain = better.split(*fund, periods_per_year)[1] - worse.split(*fund, periods_per_year)[1]
        assert gain.min() >= -slack


@thorough
@given(any_fund(), st.floats(0.05, 1.0), shares, rates, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_earlier_stages_and_lower_targets_give_more_up(fund, target, share, rate, one, other):
    less, more = sorted((one, other))
    terms = contracts.StageGiveUp(share, target, rate)
    gains = [terms.split(*fund, stage_share=achieved)[1] for achieved in (less, more)]
    assert np.min(gains[1] - gains[0]) >= -1e-11 * scale_of(*fund)
    easier = dataclasses.replace(terms, target_share=max(target / 2.0, 0.01))
    assert np.min(easier.split(*fund, stage_share=less)[1] - gains[0]) >= -1e-11 * scale_of(*fund)


@thorough
@given(proportional_fund(), columns_in_a_year, rates, rates, shares, shares)
def test_less_of_the_rest_and_an_earlier_rest_are_better(fund, periods_per_year, one, other, one_share, other_share):
    """A lower hurdle helps private partners only where they get more beyond it than pari passu, and the plain sum."""
    (low, high), (less, more) = sorted((one, other)), sorted((one_share, other_share))
    slack = 1e-10 * scale_of(*fund)

    def value(rate, after):
        return private_net(contracts.SharedHurdle(rate, after), fund, periods_per_year)

    assert value(low, less) >= value(low, more) - slack
    own = fund[0].sum() / (fund[0] + fund[1]).sum()
    conceded, kept = min(less, own), max(more, own)
    assert value(low, conceded) >= value(high, conceded) - slack
    assert value(low, kept) <= value(high, kept) + slack


@thorough
@given(upfront_fund(), st.floats(0.001, 0.3), st.sampled_from(["cash", "accruing"]), st.floats(0.0, 0.99))
def test_with_a_weak_fund_a_public_priority_is_worse_than_pari_passu_and_a_shared_hurdle_is_not(
    fund, rate, interest, weakness
):
    """All of it at the end, at most what capital and the public's interest are together."""
    public, private, _ = (flows.sum() for flows in fund)
    years = fund[0].size - 1
    owed = public * (1.0 + rate) ** years
    once = np.zeros(fund[0].size)
    once[-1] = weakness * (owed + private)
    weak = (fund[0], fund[1], once)
    pari_passu = private_net(contracts.PariPassu(), weak)
    slack = 1e-10 * scale_of(*weak)
    debt = private_net(contracts.Debenture(rate, 10.0, interest), weak)
    assert debt <= pari_passu + slack
    if weakness > 0.01:
        assert private_net(contracts.CappedPublicReturn(rate, 0.3), weak) <= pari_passu + slack
        assert debt < pari_passu
    after = 0.5 * public / (public + private)
    assert private_net(contracts.SharedHurdle(rate, after), weak) >= pari_passu - slack
    assert private_net(contracts.ScheduledBuyOut(YOZMA_2), weak) >= pari_passu - slack
