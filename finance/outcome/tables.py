"""Tidy tables of estimates: a row a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from finance.outcome.estimates import NORMAL_95, Estimates, RowEstimates
from finance.outcome.layout import Label
from finance.outcome.registry import Registry, Rows

Floats = NDArray[np.float64]


def tables(estimates: Estimates) -> dict[str, pd.DataFrame]:
    """Build one table for each that the registry names.

    Parameters
    ----------
    estimates : Estimates
        The estimates of a study.

    Returns
    -------
    dict of str to DataFrame
        Columns: scenario, the table's dimensions, measure, value, low, high (95 % interval), unit. Rows by
        scenario, then in the order of registration. Undefined values have no row, or one of NaN if the
        measure keeps it; what is not simulated or comes from one path has NaN ``low`` and ``high``.
    """
    registry = estimates.registry
    return {
        table: _table(estimates, table, [rows for rows in registry.rows if rows.measure.table == table])
        for table in registry.tables
    }


def differences(estimates: Estimates) -> pd.DataFrame:
    """Build the table of paired differences between each scenario and the baseline.

    Parameters
    ----------
    estimates : Estimates
        The estimates of a study.

    Returns
    -------
    DataFrame
        Columns: scenario, baseline, table, the dimensions of all tables (empty where a table has none),
        measure, value (scenario − baseline), low, high, unit, variance_ratio (paired ÷ unpaired variance, NaN
        for what is the same or does not vary). A row for each value that exists in both.
    """
    registry = estimates.registry
    found = [(rows, estimates.row_differences(rows)) for rows in registry.rows]
    kept = [np.isfinite(one.value) for _, one in found]
    for keep in kept:
        keep[estimates.baseline] = False
    dimensions = list(dict.fromkeys(name for names in registry.tables.values() for name in names))
    order, columns = _gathered(found, kept, estimates.scenarios, dimensions, registry)
    columns["baseline"] = pd.Series([estimates.scenarios[estimates.baseline]] * len(order), dtype="str")
    ratios = [one.variance_ratio[keep] for (_, one), keep in zip(found, kept, strict=True)]
    columns["variance_ratio"] = _joined(ratios)[order]
    named = ["scenario", "baseline", "table", *dimensions, "measure", "value", "low", "high", "unit"]
    return pd.DataFrame({name: columns[name] for name in [*named, "variance_ratio"]})


def _table(estimates: Estimates, table: str, parts: Sequence[Rows]) -> pd.DataFrame:
    found = [(rows, estimates.rows(rows)) for rows in parts]
    kept = [np.isfinite(one.value) | rows.measure.keep_null for rows, one in found]
    dimensions = estimates.registry.tables[table]
    _, columns = _gathered(found, kept, estimates.scenarios, dimensions, estimates.registry)
    named = ["scenario", *dimensions, "measure", "value", "low", "high", "unit"]
    return pd.DataFrame({name: columns[name] for name in named})


def _gathered(
    found: Sequence[tuple[Rows, RowEstimates]],
    kept: Sequence[NDArray[np.bool_]],
    scenarios: Sequence[str],
    dimensions: Iterable[str],
    registry: Registry,
) -> tuple[NDArray[np.int64], dict[str, object]]:
    """Lay the kept rows of several measures end to end, then bring each scenario's together."""
    places = [np.nonzero(keep) for keep in kept]
    scenario = np.concatenate([np.empty(0, dtype=np.int64)] + [s for s, _ in places])
    order = np.argsort(scenario, kind="stable")
    value = _joined([one.value[keep] for (_, one), keep in zip(found, kept, strict=True)])[order]
    error = _joined([one.standard_error[keep] for (_, one), keep in zip(found, kept, strict=True)])[order]

    def text(items: list[str]) -> pd.Series:
        return pd.Series([items[place] for place in order], dtype="str")

    each = [(rows, row) for (rows, _), (_, chosen) in zip(found, places, strict=True) for row in chosen]
    columns: dict[str, object] = {
        "scenario": text([scenarios[s] for s in scenario]),
        "table": text([rows.measure.table for rows, _ in each]),
        "measure": text([rows.measure.name for rows, _ in each]),
        "unit": text([rows.measure.unit for rows, _ in each]),
        "value": value,
        "low": value - NORMAL_95 * error,
        "high": value + NORMAL_95 * error,
    }
    for name in dimensions:
        labels = [rows.columns[name][row] if name in rows.columns else None for rows, row in each]
        columns[name] = _label_column([labels[place] for place in order], name, registry)
    return order, columns


def _label_column(labels: list[Label | None], name: str, registry: Registry) -> object:
    """Whole numbers where all labels of the dimension are; those with gaps keep them empty."""
    every = (label for rows in registry.rows for label in rows.columns.get(name, ()))
    if not all(isinstance(label, int) for label in every):
        return pd.Series([None if label is None else str(label) for label in labels], dtype="str")
    return pd.Series(labels, dtype="Int64" if None in labels else "int64")


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *parts])
