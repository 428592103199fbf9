"""Who gets what when a company is sold: worked by hand, and as an equilibrium nobody wants to leave."""

import itertools

import numpy as np
import pytest

from finance.market.liquidation import ROUND, split_proceeds, split_rounds
from tests.readable.companies import waterfall


def split(price, preferences, shares, common):
    return split_proceeds(price, np.array(preferences), np.array(shares), common)


def test_one_company_of_many_and_only_the_rounds_in_use():
    rounds = np.zeros((3, 4), ROUND)
    rounds["preference"], rounds["shares"] = 99.0, 9.0  # of other companies, and of rounds not in use
    rounds["preference"][1, :2], rounds["shares"][1, :2] = TWO[0], TWO[1]
    paid = np.full(4, -7.0)
    split_rounds(80.0, rounds, 1, TWO[2], 2, paid)
    assert paid == pytest.approx([100.0 / 7.0, 30.0, -7.0, -7.0])


#: Two rounds: 10 for a fifth of the company (50 for all of it) and 30 for three tenths (100); founders half.
TWO = ([10.0, 30.0], [2.0, 3.0], 5.0)

BY_HAND = {
    "nothing": (0.0, *TWO, [0.0, 0.0]),
    "less than the preferences: in proportion to them": (20.0, *TWO, [5.0, 15.0]),
    "exactly the preferences": (40.0, *TWO, [10.0, 30.0]),
    "nobody converts: founders get what is above": (45.0, *TWO, [10.0, 30.0]),
    # the first converts: (80 − 30) · 2/7 > 10; the second would get 80 · 3/10 < 30
    "the first converts": (80.0, *TWO, [100.0 / 7.0, 30.0]),
    # (65 − 30) · 2/7 = 10: the same either way
    "the first does not care": (65.0, *TWO, [10.0, 30.0]),
    "both convert": (200.0, *TWO, [40.0, 60.0]),
    "the second does not care": (100.0, *TWO, [20.0, 30.0]),
    "a round without preference is common": (60.0, [0.0, 30.0], [2.0, 3.0], 5.0, [60.0 / 7.0, 30.0]),
    "more than once its money": (25.0, [20.0], [5.0], 5.0, [20.0]),
    "no rounds at all": (25.0, [], [], 1.0, []),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    price, preferences, shares, common, expected = BY_HAND[name]
    assert split(price, preferences, shares, common) == pytest.approx(expected, abs=1e-12)
    assert waterfall(price, preferences, shares, common) == pytest.approx(expected, abs=1e-12)


def test_without_preferences_the_split_is_linear_to_the_bit():
    rng = np.random.default_rng(1)
    for _ in range(100):
        shares = rng.uniform(0.01, 2.0, 4)
        price = float(rng.uniform(0.0, 1000.0))
        total = 1.0
        for number in shares:
            total += number
        assert (split(price, [0.0] * 4, shares, 1.0) == price * shares / total).all()


def random_stack(rng):
    n = int(rng.integers(1, 6))
    preferences = rng.choice([0.0, 1.0, 3.0, 10.0, 25.0], n) * rng.choice([1.0, 1.5], n)
    return float(rng.uniform(0.0, 200.0)), list(preferences), list(rng.uniform(0.1, 2.0, n)), 1.0


@pytest.mark.parametrize("seed", range(50))
def test_rounds_and_founders_together_get_the_price(seed):
    price, preferences, shares, common = random_stack(np.random.default_rng(seed))
    paid = split(price, preferences, shares, common)
    founders = price - paid.sum()
    assert (paid >= 0.0).all()
    assert founders >= -1e-9
    assert paid == pytest.approx(waterfall(price, preferences, shares, common), abs=1e-9)
    if all(preferences) and price > sum(preferences):
        # one price for every common share: the founders' and those of whoever has more than a preference
        above = paid > np.array(preferences) + 1e-9
        assert paid[above] / np.array(shares)[above] == pytest.approx(founders / common, abs=1e-9)


def proceeds_if(converting, price, preferences, shares, common):
    """Work out what each round gets if exactly these rounds convert."""
    keeping = [r for r in range(len(shares)) if r not in converting]
    standing = sum(preferences[r] for r in keeping)
    scale = min(1.0, price / standing) if standing > 0.0 else 1.0
    per_share = max(0.0, price - standing) / (common + sum(shares[r] for r in converting))
    return [per_share * shares[r] if r in converting else preferences[r] * scale for r in range(len(shares))]


@pytest.mark.parametrize("seed", range(50))
def test_no_round_gains_by_choosing_otherwise(seed):
    price, preferences, shares, common = random_stack(np.random.default_rng(1000 + seed))
    paid = split(price, preferences, shares, common)
    rounds = range(len(shares))
    choices = [set(c) for n in range(len(shares) + 1) for c in itertools.combinations(rounds, n)]
    made = [c for c in choices if paid == pytest.approx(proceeds_if(c, price, preferences, shares, common))]
    assert made, "the split is that of no choice at all"
    for converting in made:
        for r in rounds:
            otherwise = proceeds_if(converting ^ {r}, price, preferences, shares, common)
            assert otherwise[r] <= paid[r] + 1e-9


def test_more_for_the_company_is_less_for_nobody():
    prices = np.linspace(0.0, 250.0, 501)
    parts = np.array([split(price, *TWO) for price in prices])
    parts = np.column_stack([parts, prices - parts.sum(axis=1)])
    assert (np.diff(parts, axis=0) >= -1e-9).all()
