"""What must hold for every contract and any fund: conservation, what does not matter, and the directions of terms."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finance.fund import measures
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
from tests.unit.contracts_twin import public_twin

thorough = settings(deadline=None, max_examples=150, derandomize=True)

EVERY_KIND = [
    contracts.PariPassu(),
    contracts.Grant(),
    contracts.SeniorDebt(0.06),
    contracts.BuyOutOption(0.05, last_year=5),
    contracts.CappedPublicReturn(0.03, public_share_after=0.3),
    contracts.FirstLoss(0.2),
    contracts.LossGuarantee(0.75),
    contracts.ExcessGiveUp(0.6, rate=0.04),
    contracts.PrivatePriority(0.07),
]


def public_total(terms, fund, **options):
    return terms.split(*fund, **options)[0].sum()


def private_total(terms, fund, **options):
    return terms.split(*fund, **options)[1].sum()


def is_near_tie(terms, fund, periods_per_year):
    """Tell a price that equals what it buys, where rounding decides whether private partners pay it."""
    if not isinstance(terms, contracts.BuyOutOption):
        return False
    pari_passu = contracts.PariPassu().split(*fund)[0]
    bought, _ = terms.split(*fund, periods_per_year, value=1e300)
    return abs(pari_passu.sum() - bought.sum()) < 1e-9 * scale_of(*fund)


# --- what every contract does -----------------------------------------------------------------------------


@pytest.mark.parametrize("terms", EVERY_KIND, ids=lambda terms: type(terms).__name__)
@pytest.mark.parametrize("periods_per_year", [1, 4])
def test_receipts_sum_to_distributions_on_ten_thousand_funds(terms, periods_per_year):
    public_paid_in, private_paid_in, distributions = random_funds(10_000, 40, seed=11)
    public, private = terms.split(public_paid_in, private_paid_in, distributions, periods_per_year)
    assert public.shape == private.shape == distributions.shape
    np.testing.assert_allclose(public + private, distributions, rtol=0, atol=1e-9)
    pays_the_other = isinstance(terms, contracts.BuyOutOption | contracts.FirstLoss | contracts.LossGuarantee)
    if not pays_the_other:
        assert public.min() >= 0.0
        assert private.min() >= -1e-9


@settings(thorough, max_examples=500)
@given(any_contract, any_fund(), columns_in_a_year)
def test_readable_twin_divides_alike(terms, fund, periods_per_year):
    assume(not is_near_tie(terms, fund, periods_per_year))
    public, private = terms.split(*fund, periods_per_year)
    expected = np.array(public_twin(terms, *map(list, fund), periods_per_year))
    np.testing.assert_allclose(public, expected, rtol=0, atol=1e-11 * scale_of(*fund))
    np.testing.assert_allclose(public + private, fund[2], rtol=0, atol=1e-12 * scale_of(*fund))


@pytest.mark.parametrize("terms", EVERY_KIND, ids=lambda terms: type(terms).__name__)
def test_many_funds_are_each_by_itself(terms):
    funds = random_funds(60, 9, seed=12)
    together = terms.split(*funds.reshape(3, 3, 20, 9), periods_per_year=2)
    alone = [terms.split(*fund, periods_per_year=2) for fund in np.moveaxis(funds, 1, 0)]
    np.testing.assert_allclose(np.reshape(together, (2, 60, 9)), np.moveaxis(alone, 0, 1), rtol=1e-13, atol=1e-13)


@thorough
@given(any_contract, any_fund(), columns_in_a_year)
def test_without_public_money_the_public_gets_nothing(terms, fund, periods_per_year):
    public, private = terms.split(np.zeros(fund[0].size), *fund[1:], periods_per_year)
    if isinstance(terms, contracts.LossGuarantee):  # can be given without any capital
        assert not public[:-1].any()
        assert public[-1] <= 1e-12 * scale_of(*fund)
    else:
        np.testing.assert_array_equal(public, 0.0)
        np.testing.assert_array_equal(private, fund[2])


@thorough
@given(any_contract, any_fund())
def test_a_total_loss_leaves_only_a_guarantee_to_pay(terms, fund):
    public, private = terms.split(fund[0], fund[1], np.zeros(fund[0].size))
    if isinstance(terms, contracts.LossGuarantee):
        assert private.sum() == pytest.approx(terms.share * fund[1].sum())
    else:
        np.testing.assert_allclose(public, 0.0, atol=1e-12 * scale_of(*fund))
        np.testing.assert_allclose(private, 0.0, atol=1e-12 * scale_of(*fund))


@thorough
@given(any_contract, any_fund(), st.floats(0.001, 1000.0))
def test_unit_of_money_does_not_matter(terms, fund, unit):
    assume(not is_near_tie(terms, fund, 1))
    public, _ = terms.split(*fund)
    scaled, _ = terms.split(*(unit * flows for flows in fund))
    np.testing.assert_allclose(scaled, unit * public, rtol=0, atol=1e-11 * unit * scale_of(*fund))


@thorough
@given(any_contract, any_fund())
def test_years_are_the_same_in_quarters(terms, fund):
    assume(not is_near_tie(terms, fund, 1))
    quarterly = np.zeros((3, 4 * fund[0].size))
    quarterly[:, ::4] = fund
    years, quarters = terms.split(*fund)[0], terms.split(*quarterly, periods_per_year=4)[0]
    # What is settled at the end is settled in the last column, here three quarters later.
    last_year = [*quarters[: 4 * (fund[0].size - 1) : 4], quarters[-4:].sum()]
    if isinstance(terms, contracts.BuyOutOption):
        # The option's column may lie beyond the last year's flows and before the last quarter.
        assume(terms.last_year < fund[0].size)
    np.testing.assert_allclose(years, last_year, rtol=0, atol=1e-10 * scale_of(*fund))


# --- terms that change nothing, and terms that say the same ----------------------------------------------


@thorough
@given(any_fund(), rates, columns_in_a_year)
def test_terms_of_no_amount_are_pari_passu_to_the_bit(fund, rate, periods_per_year):
    pari_passu, _ = contracts.PariPassu().split(*fund, periods_per_year)
    for terms in (contracts.FirstLoss(0.0), contracts.LossGuarantee(0.0), contracts.ExcessGiveUp(0.0, rate)):
        np.testing.assert_array_equal(terms.split(*fund, periods_per_year)[0], pari_passu)
    kept, _ = contracts.BuyOutOption(rate, 3).split(*fund, periods_per_year, value=0.0)
    np.testing.assert_array_equal(kept, pari_passu)


@thorough
@given(proportional_fund())
def test_capped_at_its_own_share_is_pari_passu(fund):
    public_share = fund[0].sum() / (fund[0] + fund[1]).sum()
    capped, _ = contracts.CappedPublicReturn(0.0, public_share).split(*fund)
    pari_passu, _ = contracts.PariPassu().split(*fund)
    np.testing.assert_allclose(capped, pari_passu, rtol=0, atol=1e-12 * scale_of(*fund))


@thorough
@given(upfront_fund())
def test_full_first_loss_gives_what_a_private_priority_without_interest_gives(fund):
    priority, first_loss = contracts.PrivatePriority(0.0), contracts.FirstLoss(1.0)
    assert public_total(priority, fund) == pytest.approx(public_total(first_loss, fund), abs=1e-11 * scale_of(*fund))


@thorough
@given(proportional_fund())
def test_losses_under_a_first_loss_by_the_formula(fund):
    for share in (0.0, 0.1, 0.4, 1.0):
        public_capital, capital = fund[0].sum(), (fund[0] + fund[1]).sum()
        loss = capital - fund[2].sum()
        public = public_total(contracts.FirstLoss(share), fund)
        own_part = public_capital / capital
        if loss <= 0.0:
            assert public == pytest.approx(own_part * fund[2].sum(), rel=1e-12)
        else:
            absorbed = min(loss, share * capital, public_capital)
            lost = min(public_capital, absorbed + own_part * (loss - absorbed))
            assert public_capital - public == pytest.approx(lost, abs=1e-11 * scale_of(*fund))


# --- directions -------------------------------------------------------------------------------------------


@thorough
@given(
    any_fund(),
    columns_in_a_year,
    st.one_of(
        st.builds(contracts.BuyOutOption, rates, st.integers(0, 9)),
        st.builds(contracts.FirstLoss, shares),
        st.builds(contracts.LossGuarantee, shares),
        st.builds(contracts.ExcessGiveUp, shares, rates),
        st.just(contracts.Grant()),
    ),
)
def test_concessions_never_leave_private_partners_worse_than_pari_passu(fund, periods_per_year, terms):
    slack = 1e-11 * scale_of(*fund)
    conceded = private_total(terms, fund, periods_per_year=periods_per_year)
    assert conceded >= private_total(contracts.PariPassu(), fund) - slack


@thorough
@given(upfront_fund(), columns_in_a_year, rates, shares)
def test_protection_of_private_partners_is_ordered(fund, periods_per_year, rate, share):
    ladder = [
        contracts.PariPassu(),
        contracts.FirstLoss(share),
        contracts.FirstLoss(1.0),
        contracts.PrivatePriority(0.0),
        contracts.PrivatePriority(rate),
        contracts.PrivatePriority(rate + 0.1),
        contracts.Grant(),
    ]
    totals = [private_total(terms, fund, periods_per_year=periods_per_year) for terms in ladder]
    assert np.min(np.diff(totals)) >= -1e-11 * scale_of(*fund)


@thorough
@given(any_fund(), columns_in_a_year, shares, shares, rates, rates)
def test_more_of_a_term_moves_money_one_way(fund, periods_per_year, one_share, other_share, one_rate, other_rate):
    slack = 1e-11 * scale_of(*fund)
    less, more = sorted((one_share, other_share))
    lower, higher = sorted((one_rate, other_rate))

    def given_to_private(terms):
        return private_total(terms, fund, periods_per_year=periods_per_year)

    pairs = [
        (contracts.FirstLoss(less), contracts.FirstLoss(more)),
        (contracts.LossGuarantee(less), contracts.LossGuarantee(more)),
        (contracts.ExcessGiveUp(less, lower), contracts.ExcessGiveUp(more, lower)),
        (contracts.ExcessGiveUp(less, higher), contracts.ExcessGiveUp(less, lower)),
        (contracts.SeniorDebt(higher), contracts.SeniorDebt(lower)),
        (contracts.CappedPublicReturn(higher, less), contracts.CappedPublicReturn(lower, less)),
        (contracts.CappedPublicReturn(lower, more), contracts.CappedPublicReturn(lower, less)),
    ]
    for worse, better in pairs:
        assert given_to_private(worse) <= given_to_private(better) + slack, (worse, better)
    option = [given_to_private(contracts.BuyOutOption(rate, 2)) for rate in (lower, higher)]
    assert option[1] <= option[0] + slack


@thorough
@given(proportional_fund(), columns_in_a_year, st.floats(0.001, 0.3), shares)
def test_weak_fund_under_a_public_priority_leaves_private_partners_worse(fund, periods_per_year, rate, share_after):
    public_paid_in, private_paid_in, distributions = fund
    capital = (public_paid_in + private_paid_in).sum()
    # All at once at the end, so that whether the fund is weak is one number.
    total = distributions.sum()
    distributions = np.append(np.zeros(distributions.size), total)
    calls = [np.append(paid_in, 0.0) for paid_in in (public_paid_in, private_paid_in)]
    weak = (*calls, distributions)
    years_out = np.arange(distributions.size)[::-1] / periods_per_year
    interest = np.sum(calls[0] * ((1.0 + rate) ** years_out - 1.0))
    options = {"periods_per_year": periods_per_year}
    pari_passu = private_total(contracts.PariPassu(), weak, **options)
    capped = private_total(contracts.CappedPublicReturn(rate, share_after), weak, **options)
    debt = private_total(contracts.SeniorDebt(rate), weak, **options)
    slack = 1e-11 * scale_of(*weak)
    if total <= capital + interest:
        assert capped <= pari_passu + slack
        assert debt <= pari_passu + slack
        if total > capital + 1e-6 * scale_of(*weak):
            assert capped < pari_passu
    assert private_total(contracts.BuyOutOption(rate, 30), weak, **options) >= pari_passu - slack


# --- each contract's own promise --------------------------------------------------------------------------


@thorough
@given(any_fund(), columns_in_a_year, rates)
def test_a_lender_paid_in_full_has_its_rate_and_nobody_more(fund, periods_per_year, rate):
    public, _ = contracts.SeniorDebt(rate).split(*fund, periods_per_year)
    worth = (1.0 + rate) ** (-np.arange(public.size) / periods_per_year)
    balance = np.cumsum((fund[0] - public) * worth)
    assert balance.min() >= -1e-11 * scale_of(*fund)  # never paid more than it is owed
    is_short = balance > 1e-9 * scale_of(*fund)
    np.testing.assert_array_equal(public[is_short], fund[2][is_short])  # and everything while it is owed


@thorough
@given(proportional_fund(), columns_in_a_year, rates, st.integers(0, 9))
def test_a_public_bought_out_before_any_receipt_has_the_rate_of_the_option(fund, periods_per_year, rate, last_year):
    column = last_year * periods_per_year
    public_paid_in, private_paid_in, distributions = (np.append(flows, np.zeros(40)) for flows in fund)
    distributions[:column], distributions[column] = 0.0, 1.0 + 1e3 * scale_of(*fund)
    public_paid_in[column + 1 :] = 0.0
    option = contracts.BuyOutOption(rate, last_year)
    public, _ = option.split(public_paid_in, private_paid_in, distributions, periods_per_year)
    assert np.count_nonzero(public) == 1
    assert public[column] > 0.0
    flows = public - public_paid_in
    if column > 0 and rate > 0.0 and np.any(flows[:column] < 0.0):
        assert measures.irr(flows, periods_per_year) == pytest.approx(rate, rel=1e-9)


@thorough
@given(any_fund(), columns_in_a_year, rates, st.integers(0, 9), st.sampled_from([0.0, 1e9]))
def test_calls_move_to_private_partners_exactly_with_an_exercise(fund, periods_per_year, rate, last_year, value):
    option = contracts.BuyOutOption(rate, last_year)
    public, private = option.calls(*fund, periods_per_year, value=value)
    np.testing.assert_allclose(public + private, fund[0] + fund[1], rtol=1e-15)
    column = min(last_year * periods_per_year, fund[0].size - 1)
    np.testing.assert_array_equal(public[: column + 1], fund[0][: column + 1])
    np.testing.assert_array_equal(public[column + 1 :], 0.0 if value else fund[0][column + 1 :])


@thorough
@given(any_fund(), columns_in_a_year, rates, shares)
def test_give_up_touches_only_what_is_beyond_capital_and_rate(fund, periods_per_year, rate, share):
    public, _ = contracts.ExcessGiveUp(share, rate).split(*fund, periods_per_year)
    pari_passu, _ = contracts.PariPassu().split(*fund, periods_per_year)
    growth = (1.0 + rate) ** (1.0 / periods_per_year)
    owed = 0.0
    for call, before, after in zip(fund[0], pari_passu, public, strict=True):
        owed = owed * growth + call
        excess = max(before - owed, 0.0)
        assert before - after == pytest.approx(share * excess, abs=1e-10 * scale_of(*fund))
        owed = max(owed - before, 0.0)


@thorough
@given(any_fund(), shares)
def test_guarantee_leaves_the_agreed_part_of_the_loss(fund, share):
    before = fund[1].sum() - private_total(contracts.PariPassu(), fund)
    after = fund[1].sum() - private_total(contracts.LossGuarantee(share), fund)
    expected = (1.0 - share) * before if before > 0.0 else before
    assert after == pytest.approx(expected, abs=1e-11 * scale_of(*fund))


def test_the_funds_of_these_tests_have_every_edge():
    public_paid_in, private_paid_in, distributions = random_funds(10_000, 40, seed=11)
    sums = np.array([flows.sum(axis=-1) for flows in (public_paid_in, private_paid_in, distributions)])
    assert np.all((sums == 0.0).sum(axis=-1) > 100)
    assert np.count_nonzero(np.all(sums == 0.0, axis=0)) > 0
    first_call = np.argmax(public_paid_in + private_paid_in > 0.0, axis=-1)
    assert np.count_nonzero(np.argmax(distributions > 0.0, axis=-1) < first_call) > 100
    assert math.isfinite(sums.sum())
