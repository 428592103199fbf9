"""The indices of the seeds and the worst case of public cost: their definitions, on vectors filled by hand."""

import numpy as np
import pytest

from finance.market.terms import Names, names_of, terms_of
from finance.outcome.components import ALL, INDICES, N_COST_BINS, axes_of, layout_of
from finance.outcome.indices import add_indices, proving_stage
from finance.outcome.worst_case import COST_EDGES, WORST, add_cost_bins
from finance.scenario import load_scenario

NAMES = Names(("s",), ("seed", "a", "b"), ("fund",))
AXES = axes_of(NAMES, 2)
LAYOUT = layout_of(AXES)
PILOT = 1


@pytest.fixture
def vectors():
    filled = np.zeros((1, LAYOUT.width))

    def put(name, amount, **labels):
        filled[0, LAYOUT.index(name, **labels)] = amount

    put("succeeded", 8.0, stage="a")
    put("fates", 3.0, stage="seed", fate="acquisition")  # before its technology was proven
    put("fates", 1.0, stage="a", fate="acquisition")
    put("fates", 2.0, stage="b", fate="ipo")
    put("fates", 1.0, stage="b", fate="self_sustaining")
    put("fates", 4.0, stage="b", fate="distress_sale")
    put("supplied", 30.0, stage=ALL)
    put("overinvestment", 10.0, stage=ALL)
    put("asked_or_latent", 80.0, stage=ALL)
    put("social_value", 50.0)
    put("twin_social_value", 200.0)
    return filled


def index_of(vectors):
    top, base = (vectors[:, LAYOUT.slice(f"index_{side}")] for side in ("numerator", "denominator"))
    return dict(zip(INDICES, (top / base)[0], strict=True))


def test_each_index_by_hand(vectors):
    add_indices(AXES, LAYOUT, PILOT, vectors)
    assert index_of(vectors) == pytest.approx({"integration": 4.0 / 8.0, "synergy": 60.0 / 120.0, "value": 0.25})


def test_synergy_is_one_where_what_is_given_is_what_is_deserved(vectors):
    vectors[0, LAYOUT.index("overinvestment", stage=ALL)] = 0.0
    vectors[0, LAYOUT.index("asked_or_latent", stage=ALL)] = 30.0
    add_indices(AXES, LAYOUT, PILOT, vectors)
    assert index_of(vectors)["synergy"] == 1.0


@pytest.mark.parametrize(("name", "stage"), [("overinvestment", ALL), ("asked_or_latent", ALL)])
def test_a_gap_and_misspent_money_both_lower_synergy(vectors, name, stage):
    more = vectors.copy()
    more[0, LAYOUT.index(name, stage=stage)] += 5.0
    for each in (vectors, more):
        add_indices(AXES, LAYOUT, PILOT, each)
    assert index_of(more)["synergy"] < index_of(vectors)["synergy"]


def test_technology_is_proven_at_the_pilot_stage():
    scenario = load_scenario("baseline")
    names = names_of(scenario)
    terms = terms_of(scenario, names)
    assert names.stages[proving_stage(terms)] == "a"
    assert proving_stage(terms._replace(pilot=np.zeros_like(terms.pilot))) == 0


# --- worst case ---


def test_costs_are_counted_at_or_below_each_edge():
    costs = np.array([-1e9, -250.0, 0.0, 12.3, 1e9])
    vectors = np.zeros((len(costs), LAYOUT.width))
    for cost in WORST:
        vectors[:, LAYOUT.index(cost)] = costs
    add_cost_bins(LAYOUT, vectors)
    for bins in WORST.values():
        counts = vectors[:, LAYOUT.slice(bins)]
        assert counts.shape[1] == N_COST_BINS == len(COST_EDGES) - 1
        assert (np.diff(counts, axis=1) >= 0.0).all()
        assert (counts[:, -1] == 1.0).all()
        for cost, row in zip(costs[1:-1], counts[1:-1], strict=True):
            upper = np.array(COST_EDGES[1:])
            np.testing.assert_array_equal(row, upper >= cost)


def test_bins_are_about_a_tenth_wide():
    edges = np.array(COST_EDGES)
    large = np.abs(edges[:-1]) > 10.0
    width = np.diff(edges)[large] / np.abs(edges[:-1][large])
    assert width.max() < 0.107
    assert 0.0 in edges.round(9)
