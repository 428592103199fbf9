"""Waterfalls against worked examples that were printed elsewhere.

Where an example charges a simple preferred return it runs over one year, or the result does not depend on the
hurdle; here rates compound.
"""

import numpy as np
import pytest

from finance.fund import waterfall

TO_THE_LAST_DIGIT = 1e-12


@pytest.mark.parametrize(
    ("paid_in", "proceeds", "hurdle_rate", "catch_up_share", "to_lps", "to_gp"),
    [
        # Single deal of one year, 8 % simple, full catch-up, 20 %: printed with both inputs, in millions.
        ([1.0, 0.0], [0.0, 1.5], 0.08, 1.0, 1.4, 0.1),
        ([10.0, 0.0], [0.0, 100.0], 0.08, 1.0, 82.0, 18.0),
        # An exercise of Schweser's, quoted at AnalystForum: profits of 40 and 10 on 50 paid in.
        ([50.0, 0.0], [0.0, 100.0], 0.08, 1.0, 90.0, 10.0),
        # An exercise for the CFA, solved by UWorld: 100 grow to 150 in two years, 5 % simple; the hurdle does not matter.
        ([100.0, 0.0, 0.0], [0.0, 0.0, 150.0], 0.05, 1.0, 140.0, 10.0),
        # Plumule Advisory, "How Investment Fund Carried Interest Works": no catch-up, and no hurdle either.
        ([100.0, 0.0], [0.0, 200.0], 0.08, 0.0, 181.6, 18.4),
        ([100.0, 0.0], [0.0, 200.0], 0.00, 0.0, 180.0, 20.0),
    ],
)
def test_single_deals(paid_in, proceeds, hurdle_rate, catch_up_share, to_lps, to_gp):
    terms = {"hurdle_rate": hurdle_rate, "carry_share": 0.20, "catch_up_share": catch_up_share}
    lps, gp = waterfall.whole_fund(paid_in, proceeds, **terms)
    assert lps.sum() == pytest.approx(to_lps, abs=TO_THE_LAST_DIGIT)
    assert gp.sum() == pytest.approx(to_gp, abs=TO_THE_LAST_DIGIT)
    alone = waterfall.deal_by_deal([paid_in], [proceeds], **terms)
    np.testing.assert_allclose(alone, (lps, gp), rtol=0, atol=TO_THE_LAST_DIGIT)


# Deal A 50 in year 1, B 10 in year 2, C 40 in year 3 and fees of 4 in years 1-4, all at the start of the year; B
# is written off, C still held; A is sold for 200 at the end of year 4. Tiers derived from the printed inputs.
PAID_IN = [54.0, 14.0, 44.0, 4.0, 0.0]
SOLD_FOR = 200.0
CAPITAL, PREFERRED_RETURN, CATCH_UP, REMAINDER = 116.0, 30.743972, 7.685993, 45.570035


def test_whole_fund_with_fees_a_loss_and_a_holding():
    lps, gp = waterfall.whole_fund(PAID_IN, [0.0, 0.0, 0.0, 0.0, SOLD_FOR], hurdle_rate=0.08, carry_share=0.20)
    assert lps == pytest.approx([0.0, 0.0, 0.0, 0.0, 183.20], abs=1e-12)
    assert gp == pytest.approx([0.0, 0.0, 0.0, 0.0, 16.80], abs=1e-12)


@pytest.mark.parametrize(
    ("proceeds", "to_gp"),
    [
        (CAPITAL, 0.0),
        (CAPITAL + PREFERRED_RETURN, 0.0),
        (CAPITAL + PREFERRED_RETURN + CATCH_UP, CATCH_UP),
        (CAPITAL + PREFERRED_RETURN + CATCH_UP + REMAINDER, CATCH_UP + 0.20 * REMAINDER),
    ],
)
def test_tiers_of_the_whole_fund(proceeds, to_gp):
    _, gp = waterfall.whole_fund(PAID_IN, [0.0, 0.0, 0.0, 0.0, proceeds], hurdle_rate=0.08, carry_share=0.20)
    assert gp.sum() == pytest.approx(to_gp, abs=1e-6)  # the tiers are given to six decimals


def test_clawback_of_carry_on_winners_that_losers_outweigh():
    # Preqveca's dictionary of private equity: five deals gain 500 in all and five lose 500; without a clawback
    # the GP keeps 100, with one nothing.
    paid_in = np.tile([100.0, 0.0, 0.0], (10, 1))
    proceeds = np.zeros((10, 3))
    proceeds[:5, 1] = 200.0
    terms = {"hurdle_rate": 0.0, "carry_share": 0.20}
    _, kept = waterfall.deal_by_deal(paid_in, proceeds, **terms, clawback=False)
    np.testing.assert_allclose(kept, [0.0, 100.0, 0.0], rtol=0, atol=TO_THE_LAST_DIGIT)
    lps, gp = waterfall.deal_by_deal(paid_in, proceeds, **terms)
    np.testing.assert_allclose(gp, [0.0, 100.0, -100.0], rtol=0, atol=TO_THE_LAST_DIGIT)
    np.testing.assert_allclose(lps, [0.0, 900.0, 100.0], rtol=0, atol=TO_THE_LAST_DIGIT)
