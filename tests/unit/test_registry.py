"""The per-path vector's layout, and the expansion of measures into rows and moments."""

import numpy as np
import pytest

from finance.outcome.layout import Component, Layout
from finance.outcome.registry import (
    Joint,
    Mean,
    Measure,
    Median,
    Plain,
    PooledRate,
    Quantile,
    Ratio,
    Registry,
)

AREA = Component("area", (("stage", ("seed", "all")), ("year", (1, 2, 3))))
LAYOUT = Layout([Component("cost"), AREA, Component("asked", (("stage", ("seed", "all")),))])


def measure(kind, name="m", table="t", **options):
    return Measure(name, table, "unit", "id", kind, **options)


def columns_of(registry):
    return [rows.columns for rows in registry.rows]


# --- layout ---


def test_components_follow_one_another():
    assert LAYOUT.width == 1 + 6 + 2
    assert [LAYOUT.slice(name) for name in ("cost", "area", "asked")] == [
        slice(0, 1),
        slice(1, 7),
        slice(7, 9),
    ]


def test_a_number_is_found_by_its_labels():
    assert LAYOUT.index("cost") == 0
    assert LAYOUT.index("area", stage="all", year=2) == 1 + 3 + 1
    assert LAYOUT.index("area", year=2, stage="all") == 5


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("none", {}),
        ("area", {"stage": "seed"}),
        ("area", {"stage": "x", "year": 1}),
        ("cost", {"stage": "seed"}),
    ],
)
def test_a_number_that_is_not_there_is_refused(name, labels):
    with pytest.raises(KeyError):
        LAYOUT.index(name, **labels)


def test_one_label_drops_a_dimension_and_several_keep_it():
    dimensions, positions = LAYOUT.select("area", {"stage": "all", "year": (3, 1)})
    assert dimensions == (("year", (3, 1)),)
    assert positions.tolist() == [6, 4]


def test_a_view_writes_into_the_vectors():
    vectors = np.zeros((2, LAYOUT.width))
    LAYOUT.view(vectors, "area")[1, 1, 2] = 5.0
    assert vectors[1, LAYOUT.index("area", stage="all", year=3)] == 5.0
    turned = np.zeros((LAYOUT.width, 2)).T
    LAYOUT.view(turned, "cost")[1] = 3.0
    LAYOUT.view(turned, "area")[0, 1, 2] = 5.0
    assert (turned[1, 0], turned[0, 6]) == (3.0, 5.0)


def test_names_and_labels_stand_once():
    with pytest.raises(ValueError, match="twice"):
        Layout([Component("a"), Component("a")])
    with pytest.raises(ValueError, match="each once"):
        Component("a", (("stage", ("x", "x")),))
    with pytest.raises(ValueError, match="each once"):
        Component("a", (("stage", ()),))
    with pytest.raises(ValueError, match="twice"):
        Component("a", (("stage", ("x",)), ("stage", ("y",))))


def test_layouts_are_equal_by_content():
    same = Layout(LAYOUT.components)
    assert same == LAYOUT
    assert hash(same) == hash(LAYOUT)
    assert Layout([AREA]) != LAYOUT


# --- rows ---


def test_a_mean_has_a_row_for_each_label():
    (rows,) = Registry(LAYOUT, [measure(Mean("area"))]).rows
    assert rows.columns["stage"] == ["seed"] * 3 + ["all"] * 3
    assert rows.columns["year"] == [1, 2, 3, 1, 2, 3]
    assert rows.support[:, 0].tolist() == [1, 2, 3, 4, 5, 6]


def test_a_denominator_serves_all_labels_it_lacks():
    (rows,) = Registry(LAYOUT, [measure(Ratio("area", "asked"))]).rows
    assert rows.support[:, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert rows.support[:, 1].tolist() == [7, 7, 7, 8, 8, 8]
    (rows,) = Registry(LAYOUT, [measure(Ratio("area", "cost"))]).rows
    assert rows.support[:, 1].tolist() == [0] * 6


def test_a_denominator_in_another_order_is_turned():
    turned = Component("turned", (("year", (1, 2, 3)), ("stage", ("seed", "all"))))
    (rows,) = Registry(Layout([AREA, turned]), [measure(Ratio("area", "turned"))]).rows
    assert rows.support.tolist() == [[0, 6], [1, 8], [2, 10], [3, 7], [4, 9], [5, 11]]


def test_a_selection_holds_for_numerator_and_denominator():
    (rows,) = Registry(LAYOUT, [measure(Ratio("area", "asked"), at={"stage": "all", "year": (2, 3)})]).rows
    assert rows.columns == {"year": [2, 3]}
    assert rows.support.tolist() == [[5, 8], [6, 8]]


def test_a_denominator_with_more_dimensions_does_not_fit():
    with pytest.raises(ValueError, match="does not fit"):
        Registry(LAYOUT, [measure(Ratio("asked", "area"))])


def test_constant_labels_are_columns():
    first = measure(Mean("asked"), labels={"quantile": "mean"})
    second = measure(Mean("asked"), labels={"quantile": "p50"})
    registry = Registry(LAYOUT, [first, second])
    assert registry.tables == {"t": ("stage", "quantile")}
    rows, row = registry.find("t", "m", {"stage": "all", "quantile": "p50"})
    assert (rows.measure, row) == (second, 1)


def test_what_is_not_registered_is_not_found():
    registry = Registry(LAYOUT, [measure(Mean("asked"))])
    for name, labels in [("m", {}), ("m", {"stage": "x"}), ("m", {"stage": "all", "year": 1}), ("n", {})]:
        with pytest.raises(KeyError):
            registry.find("t", name, labels)


def test_a_row_is_defined_once():
    with pytest.raises(ValueError, match="defined twice"):
        Registry(LAYOUT, [measure(Mean("asked")), measure(Mean("asked"), at={"stage": ("all",)})])


def test_measures_of_a_table_have_the_same_dimensions():
    with pytest.raises(ValueError, match="differ in their dimensions"):
        Registry(LAYOUT, [measure(Mean("asked")), measure(Mean("cost"), name="n")])


def test_a_constant_label_is_no_dimension_of_the_component():
    with pytest.raises(ValueError, match="already a dimension"):
        Registry(LAYOUT, [measure(Mean("asked"), labels={"stage": "x"})])


def test_a_rate_runs_along_its_axis():
    (rows,) = Registry(LAYOUT, [measure(PooledRate("area"))]).rows
    assert rows.columns == {"stage": ["seed", "all"]}
    assert rows.support.tolist() == [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(ValueError, match="no dimension"):
        Registry(LAYOUT, [measure(PooledRate("asked"))])


def test_bins_have_one_edge_more():
    Registry(LAYOUT, [measure(Median("area", "year", (0.0, 1.0, 2.0, 3.0)))])
    with pytest.raises(ValueError, match="one edge more"):
        Registry(LAYOUT, [measure(Median("area", "year", (0.0, 1.0, 2.0)))])


@pytest.mark.parametrize("options", [{"edges": (0.0, 0.0)}, {"edges": (0.0,)}, {"probability": 1.0}])
def test_a_quantile_needs_rising_edges_and_a_probability(options):
    with pytest.raises(ValueError, match=r"must rise|between 0 and 1"):
        Quantile("area", "year", **({"edges": (0.0, 1.0)} | options))


def test_only_means_and_ratios_are_headlines():
    with pytest.raises(ValueError, match="headline"):
        Registry(LAYOUT, [measure(PooledRate("area"), headline=True)])


# --- moments ---


def test_a_mean_needs_no_pair_and_a_ratio_one_a_row():
    assert len(Registry(LAYOUT, [measure(Mean("area"))]).pairs) == 0
    registry = Registry(LAYOUT, [measure(Ratio("asked", "cost")), measure(Ratio("asked", "asked"), name="one")])
    assert registry.pairs.tolist() == [[0, 7], [0, 8]]


def test_a_rate_needs_its_vector_and_a_quantile_its_bins():
    registry = Registry(
        LAYOUT,
        [
            measure(PooledRate("area"), name="irr", table="r", at={"stage": "all"}),
            measure(Median("area", "year", (0.0, 1.0, 2.0, 3.0)), at={"stage": "seed"}),
        ],
    )
    assert [vector.tolist() for vector in registry.vectors] == [[4, 5, 6], [1, 2, 3]]
    assert len(registry.pairs) == 0
    alone = Quantile("bins", "bin", tuple(map(float, range(6))), pairs_all_bins=False)
    registry = Registry(Layout([Component("bins", (("bin", tuple(range(5))),))]), [measure(alone)])
    assert registry.vectors == ()
    assert registry.pairs.tolist() == [[0, 1], [0, 4], [1, 2], [1, 4], [2, 3], [2, 4], [3, 4]]


def test_joint_components_are_paired_row_by_row():
    registry = Registry(LAYOUT, [measure(Mean("cost"))], [Joint(("area", "asked", "cost"), {"year": 1})])
    assert registry.pairs.tolist() == [[0, 1], [0, 4], [0, 7], [0, 8], [1, 7], [4, 8]]


def test_headline_pairs_hold_squares_too():
    registry = Registry(LAYOUT, [measure(Ratio("asked", "cost"), at={"stage": "all"}, headline=True)])
    assert registry.headline_pairs.tolist() == [[0, 0], [0, 8], [8, 8]]


def test_plain_measures_have_rows_and_no_moments():
    registry = Registry(LAYOUT, [measure(Plain((("start", ("low", "high")),)))])
    assert columns_of(registry) == [{"start": ["low", "high"]}]
    assert registry.rows[0].support.shape == (2, 0)
