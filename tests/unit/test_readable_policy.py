"""The readable market against cases worked out by hand: taxes on companies and investors, sub-funds, bargains.

A round needs 10, the one class bids 40 and pays a price of 38; the milestone is passed after two quarters and the company
is sold for 200 (see `test_readable_market`).
"""

import numpy as np
import pytest

from finance.market import records
from finance.market.records import COMPANY_TAX_FORGONE, COMPANY_TAX_RECEIVED, PAID_FOR, WORTH
from finance.policy.sub_funds import COHORT_PAID, COST_ENDED, N_ACCOUNTS, PAID, RECEIVED
from tests.readable import company_tax
from tests.readable.cases import SURE, calm_world, flat_tables, one_era, plain_terms

STAKE = 10 / 38


def run(terms, tables=None, world=None):
    return one_era(terms, flat_tables(terms) if tables is None else tables, world=world).run()


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


def taxed(n_stages=1, **changes):
    """A company earns a twentieth of its price a year, taxed at a quarter; all it spends is research, deducted twice."""
    given = {
        "n_quarters": 60,
        "company_tax_rate": 0.25,
        "super_deduction_share": 1.0,
        "earnings_yield": 0.05,
        "research_share": np.ones((1, n_stages)),
    }
    return plain_terms(n_stages=n_stages, **(given | changes))


# --- the company's tax account ---


def test_buyers_pay_for_the_tax_that_the_super_deduction_saves():
    """Income is 10 a year. The loss of 10 covers the first; the other 10 the second, 2.5 of tax, two years on."""
    record = run(taxed()).record
    asset = 2.5 / 1.1**2
    assert record.flows[2, records.BY_BUYERS] == close_to(200.0 + asset)
    assert record.ledger[0, 2, records.DISTRIBUTED] == close_to(STAKE * (200.0 + asset))
    assert record.social[records.PROCEEDS] == close_to(200.0), "tax saved is a transfer"
    forgone = np.zeros(60)
    forgone[2 + 4 * 2] = 2.5
    received = np.zeros(60)
    received[[2 + 4 * t for t in range(3, 11)]] = 2.5
    assert record.company_tax[:, COMPANY_TAX_FORGONE] == close_to(forgone)
    assert record.company_tax[:, COMPANY_TAX_RECEIVED] == close_to(received)


def test_only_research_is_deducted_twice():
    """Of the 10 spent 4 are research: the second year's income is covered to four tenths."""
    record = run(taxed(research_share=np.full((1, 1), 0.4))).record
    assert record.company_tax.sum(axis=0)[COMPANY_TAX_FORGONE] == close_to(0.25 * 4.0)
    assert record.flows[2, records.BY_BUYERS] == close_to(200.0 + 1.0 / 1.1**2)


def test_in_a_trade_sale_part_of_the_losses_is_lost():
    """Sold for 140, income 7; half of the losses survive: 5 and 10 instead of 10 and 20."""
    record = run(taxed(ipo_floor=1e9)).record
    forgone = record.company_tax[:, COMPANY_TAX_FORGONE]
    first, second = 0.25 * (7.0 - 5.0), 0.25 * (10.0 - 7.0)
    assert (forgone[6], forgone[10], forgone.sum()) == close_to((first, second, first + second))
    asset = first / 1.1 + second / 1.1**2
    assert record.flows[2, records.BY_BUYERS] == close_to(140.0 + asset)
    none = run(taxed(ipo_floor=1e9, transferable_share=0.0)).record
    assert none.flows[2, records.BY_BUYERS] == close_to(140.0)
    assert not none.company_tax[:, COMPANY_TAX_FORGONE].any()
    assert none.company_tax[6, COMPANY_TAX_RECEIVED] == close_to(0.25 * 7.0)


def test_a_holiday_saves_the_tax_of_its_years_and_part_of_that_of_the_years_behind():
    """Income 10, the first year covered by the loss: years 2 and 3 are free, 4 and 5 cost 40 %, 1.0 of 2.5."""
    record = run(taxed(super_deduction_share=0.0, holiday_years=3, reduced_years=2, reduced_share=0.4)).record
    forgone, received = (record.company_tax[:, account] for account in (COMPANY_TAX_FORGONE, COMPANY_TAX_RECEIVED))
    years = [2 + 4 * t for t in range(1, 8)]
    assert forgone[years] == close_to([0.0, 2.5, 2.5, 1.5, 1.5, 0.0, 0.0])
    assert received[years] == close_to([0.0, 0.0, 0.0, 1.0, 1.0, 2.5, 2.5])
    asset = 2.5 / 1.1**2 + 2.5 / 1.1**3 + 1.5 / 1.1**4 + 1.5 / 1.1**5
    assert record.flows[2, records.BY_BUYERS] == close_to(200.0 + asset)


def test_of_a_holiday_what_is_transferable_survives_a_trade_sale():
    """Sold for 140, income 7, half of the loss of 10 survives: 2 are taxed in year 1, 7 in year 2; half is forgiven."""
    record = run(taxed(ipo_floor=1e9, super_deduction_share=0.0, holiday_years=2)).record
    assert record.company_tax[[6, 10, 14], COMPANY_TAX_FORGONE] == close_to([0.25, 0.5 * 0.25 * 7.0, 0.0])


def test_losses_expire_by_the_year_in_which_they_arose():
    """Two stages a year long each cost 10 a year apart; the sale is in year 2, so the elder's last year is year 3."""
    terms = taxed(n_stages=2, mean_quarters=np.full((1, 2), 4.0), carry_forward_years=3)
    record = run(terms).record
    # year 3: income 10 takes the elder's 10, of plain losses and of enlarged ones, whose other 10 then expire
    # year 4: the younger's 10, or 10 of its 20; then both have expired, or will
    assert record.company_tax[:, COMPANY_TAX_FORGONE].sum() == 0.0
    assert record.company_tax[[12, 16, 20], COMPANY_TAX_RECEIVED] == close_to([0.0, 0.0, 2.5])
    longer = run(terms._replace(carry_forward_years=4)).record
    # years 3 and 4: the elder's 20; year 5: the younger's 20, of which only 10 are left when the plain are used up
    assert longer.company_tax[:, COMPANY_TAX_FORGONE][[12, 16, 20, 24]] == close_to([0.0, 0.0, 2.5, 0.0])
    longest = run(terms._replace(carry_forward_years=10)).record
    assert longest.company_tax[:, COMPANY_TAX_FORGONE].sum() == close_to(5.0)


def test_what_falls_behind_the_clocks_end_is_written_down_in_its_last_quarter():
    terms = taxed(n_quarters=8)
    assert run(terms).record.company_tax[7, COMPANY_TAX_FORGONE] == close_to(2.5 / 1.1**0.75)


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({"log_odds": np.full((1, 1), -SURE)}, "technical"),
        ({"exit_log_median": np.log([49.0])}, "self_sustaining"),
        ({"n_quarters": 2}, "alive"),
        ({"capacity": np.array([1.0])}, "starved"),
    ],
)
def test_a_venture_that_never_exits_gets_nothing_for_its_losses(changes, fate):
    with_it = run(taxed(**changes)).record
    without = run(taxed(**(changes | {"super_deduction_share": 0.0}))).record
    assert records.FATES[with_it.fate[0]] == fate
    assert not with_it.company_tax.any()
    assert (with_it.flows == without.flows).all()
    assert (with_it.ledger == without.ledger).all()


def test_a_loss_making_start_up_gets_no_cash():
    """Whatever the deduction, until the exit the same money moves."""
    with_it, without = (run(taxed(n_stages=3, super_deduction_share=share)).record for share in (4.0, 0.0))
    sold = int(with_it.end_quarter[0])
    assert sold == without.end_quarter[0] == 6
    assert (with_it.flows[:sold] == without.flows[:sold]).all()
    assert (with_it.supplied == without.supplied).all()
    assert with_it.flows[sold, records.BY_BUYERS] > without.flows[sold, records.BY_BUYERS]


def test_bridges_and_top_ups_are_spent_too():
    misses = {
        "log_odds": np.full((1, 1), -SURE),
        "learning_log_odds": 2 * SURE,
        "technical_attempts": np.full((1, 1), 2),
    }
    venture = run(taxed(capacity=np.array([32.0]), **misses)).ventures[0]
    assert venture.spending == {0: (close_to(10.0 + 3.0), close_to(10.0 + 3.0))}


def test_a_company_without_income_saves_nothing():
    economy = run(taxed())
    assert company_tax.saved(economy, economy.ventures[0], 0.0) == 0.0
    assert not run(taxed(earnings_yield=0.0)).record.company_tax.any()
    assert not run(taxed(company_tax_rate=0.0)).record.company_tax.any()


# --- tax on investors' gains ---


def test_part_of_the_investment_is_deducted_from_the_gain():
    terms = plain_terms(n_quarters=4, tax_rate=np.array([0.2]), tax_deduction=np.array([0.7]))
    ledger = run(terms).record.ledger[0, 2]
    received = 200 * STAKE
    tax = 0.2 * (received - 10.0 - 7.0)
    assert ledger[[records.GAIN, records.TAX, records.DISTRIBUTED]] == close_to([received - 10.0, tax, received - tax])


def test_what_is_held_at_the_end_is_valued_after_the_same_tax():
    terms = plain_terms(n_quarters=2, tax_rate=np.array([0.2]), tax_deduction=np.array([0.02]))
    ledger = run(terms, flat_tables(terms, holding=40.0)).record.ledger[0, 1]
    worth = 40 * STAKE
    tax = 0.2 * (worth - 10.0 - 0.2)
    assert ledger[[records.END_GAIN, records.END_TAX, records.END_VALUE]] == close_to([worth - 10.0, tax, worth - tax])


# --- sub-funds ---


def programme(**changes):
    """The one class is the programme's; two years' vehicles are a sub-fund; one venture enters a year, three in all."""
    given = {"n_quarters": 16, "sub_fund_class": 0, "pool_quarters": 8, "public_share": np.array([0.5])}
    return plain_terms(**(given | changes))


def test_a_sub_fund_counts_its_own_quarters():
    """Vehicles of quarters 0 and 4 are one sub-fund, those of 8 and 12 the next; a venture a year, soon sold."""
    record = run(programme(tax_rate=np.array([0.2]))).record
    received = 200 * STAKE
    net = received - 0.2 * (received - 10.0)
    assert record.sub_funds.shape == (2, 16 + 8, N_ACCOUNTS)
    for row in (0, 1):
        assert record.sub_funds[row, [0, 4], PAID] == close_to([10.0, 10.0])
        assert record.sub_funds[row, [2, 6], RECEIVED] == close_to([net, net])
        assert record.sub_funds[row, [2, 6], COST_ENDED] == close_to([10.0, 10.0])
        assert record.sub_funds[row, :, :COHORT_PAID].sum() == close_to(40.0 + 2 * net), "nothing else"
    assert record.sub_funds[0, [0, 4], COHORT_PAID] == close_to([10.0, 0.0]), "the cohort enters in the first year"


def test_sub_funds_of_the_warm_up_stand_before_those_of_the_scenario():
    record = run(programme(switch_quarter=8, n_quarters=16, pool_quarters=8)).record
    assert record.sub_funds.shape[0] == 2 + 1, "a row a year of the warm-up"
    paid = record.sub_funds[:, :, PAID].sum(axis=1)
    assert paid == close_to([20.0, 0.0, 20.0])
    assert record.sub_funds[:, :, COHORT_PAID].sum(axis=1) == close_to([0.0, 0.0, 10.0])


def test_an_old_vehicle_that_pays_for_the_cohort_counts_in_its_own_sub_fund():
    """Raised in the warm-up, it bridges a venture of the cohort that came later."""
    terms = programme(switch_quarter=4, n_quarters=8, capacity=np.array([40.0]))
    record = run(terms._replace(investment_quarters=np.array([8]))).record
    assert record.sub_funds[0, 4, COHORT_PAID] > 0.0
    assert record.sub_funds[:, :, COHORT_PAID].sum() == close_to(record.ledger[0, :, records.INVESTED].sum())


def test_what_a_sub_fund_holds_at_the_end_is_valued_whoever_it_is():
    """The second year's venture is not of the cohort: the class's ledger leaves it out, the sub-fund has it."""
    terms = programme(n_quarters=6, mean_quarters=np.full((1, 1), 4.0))
    record = run(terms, flat_tables(terms, holding=40.0)).record
    assert record.sub_funds[0, 5, RECEIVED] == close_to(40 * STAKE)
    assert record.sub_funds[0, 5, COST_ENDED] == 10.0
    assert record.ledger[0, 5, records.END_VALUE] == 0.0
    assert record.sub_funds[0, :, [PAID, COST_ENDED]].sum(axis=1) == close_to([20.0, 20.0])


def test_where_partners_may_buy_the_public_out_all_holdings_are_valued():
    """Before the quarter's exits and payments: a venture of quarter 0, passed its milestone, and one of quarter 4."""
    terms = programme(
        n_quarters=12, entrants_a_year=2, valuation_quarters=(5,), mean_quarters=np.full((1, 1), 8.0),
        capacity=np.array([400.0]),
    )  # fmt: skip
    world = calm_world(terms)
    world.index_ratio[5] = 1.5
    record = run(terms, flat_tables(terms, holding=40.0), world=world).record
    in_quarters_0_1_4 = 3  # the entrant of quarter 5 comes after the valuation
    assert record.sub_fund_values[:, 0] == close_to([in_quarters_0_1_4 * STAKE * 40.0 * 1.5, 0.0])
    assert not run(terms._replace(valuation_quarters=())).record.sub_fund_values.any()


def test_every_sub_fund_is_valued_at_its_own_time():
    terms = programme(n_quarters=16, valuation_quarters=(1,), mean_quarters=np.full((1, 1), 3.0))
    record = run(terms, flat_tables(terms, holding=40.0)).record
    assert record.sub_fund_values[:, 0] == close_to([40 * STAKE, 40 * STAKE])


def test_the_warm_ups_sub_funds_are_not_valued():
    terms = programme(switch_quarter=8, n_quarters=16, valuation_quarters=(1,), mean_quarters=np.full((1, 1), 3.0))
    record = run(terms, flat_tables(terms, holding=40.0)).record
    assert record.sub_fund_values[:, 0] == close_to([0.0, 0.0, 40 * STAKE])


# --- bargains ---


def test_a_bargain_is_the_bid_without_charge_over_the_price():
    terms = plain_terms(n_classes=2, n_quarters=1, capacity=np.array([24.0, 32.0]))
    tables = flat_tables(terms, bids=(40.0, 30.0))
    tables.uncharged[1] = 1.2
    record = run(terms, tables).record
    price = 20 + 0.9 * 10
    assert record.bargains[:, PAID_FOR] == close_to([60 / 14, 80 / 14])
    assert record.bargains[:, WORTH] == close_to([60 / 14 * 40 / price, 80 / 14 * 1.2 * 30 / price])


def test_top_ups_bridges_and_others_ventures_are_no_bargains():
    terms = plain_terms(n_quarters=5, capacity=np.array([32.0]), mean_quarters=np.full((1, 1), 4.0))
    record = run(terms).record
    assert record.supplied[0, 0] == close_to(10.0)
    assert record.bargains[0] == close_to([8.0, 8.0 * 40 / 38])
