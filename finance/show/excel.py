"""A run as an Excel workbook: what it is, every table as it stands, every input with its source, in both languages."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from finance.language import LANGUAGES, message, message_ids, set_language
from finance.outcome.measures import measures_of
from finance.running.files import write_whole
from finance.scenario import explain
from finance.show.charts_style import spoken
from finance.show.names import scenario_names
from finance.show.report import facts_of, sentences_of, warnings_of
from finance.show.report_run import ReportedRun
from finance.show.report_tables import words_of

#: Unit → how Excel writes a value of it; any other number has two decimals.
_FORMATS = {
    "share": "0.0%",
    "rate a year": "0.0%",
    "CNY million": "#,##0.0",
    "count": "#,##0.00",
    "years": "0.00",
    "multiple": '0.00"×"',
    "ratio": "0.000",
}
_NUMBERS = ("value", "low", "high")
#: Columns of a table whose labels have words; the rest of its columns are numbers and units.
_WORDED = ("scenario", "baseline", "stage", "class", "instrument", "cause", "fate", "start", "order", "effect", "tier")
_WIDEST, _NARROWEST = 48, 8
T = TypeVar("T")
#: Characters that a link may have in Excel.
_LONGEST_LINK = 2000


def write_workbook(run: ReportedRun, path: Path) -> None:
    """Write a run as an Excel workbook, whole or not at all.

    Parameters
    ----------
    run : ReportedRun
        The run. The workbook is the same whatever the language of the context.
    path : Path
        The file; its folder is made if absent.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        created = dt.datetime.fromisoformat(run.manifest.created).replace(tzinfo=None)
        book.set_properties({"title": f"patient-capital {run.manifest.run}", "created": created})
        sheets = _Sheets(book)
        frames = {name: _labelled(frame, run) for name, frame in run.tables.items()}
        sheets.add("readme", _readme(run, frames), is_text=True)
        for name in ("headline", *(name for name in frames if name != "headline")):
            if name in frames:
                sheets.add(name, frames[name])
        sheets.add("inputs", _inputs(run))
        sheets.add("measures", _measures(run))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda stream: stream.write(buffer.getvalue()))
    path.chmod(0o644)


@dataclass
class _Sheets:
    """Writes frames as sheets of a workbook."""

    book: Any

    def __post_init__(self) -> None:
        self._head = self.book.add_format({"bold": True, "bg_color": "#E4E9EF", "bottom": 1, "valign": "top"})
        self._wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self._plain = {unit: self.book.add_format({"num_format": text}) for unit, text in _FORMATS.items()}
        self._other = self.book.add_format({"num_format": "#,##0.00"})
        self._whole = self.book.add_format({"num_format": "0"})

    def add(self, name: str, frame: pd.DataFrame, *, is_text: bool = False) -> None:
        """Add a sheet: headings that stay in view, filters, numbers as numbers.

        Parameters
        ----------
        name : str
            Of the sheet.
        frame : DataFrame
            Its rows.
        is_text : bool
            Whether it is there to be read: wide columns, broken lines, no filters.
        """
        sheet: Worksheet = self.book.add_worksheet(name[:31])
        units = frame["unit"].tolist() if "unit" in frame else [""] * len(frame)
        for place, column in enumerate(map(str, frame.columns)):
            sheet.write_string(0, place, column, self._head)
            values = frame[column].tolist()
            width = 60 if is_text and place else _width(column, values)
            sheet.set_column(place, place, width, self._wrapped if is_text else None)
            for row, (value, unit) in enumerate(zip(values, units, strict=True), start=1):
                self._write(sheet, (row, place), value, self._format(column, value, unit))
        sheet.freeze_panes(1, 1)
        if not is_text and len(frame):
            sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)

    def _format(self, column: str, value: object, unit: str) -> Format | None:
        if column in _NUMBERS and isinstance(value, float):
            return self._plain.get(unit, self._other)
        return self._whole if isinstance(value, int) else None

    def _write(self, sheet: Worksheet, place: tuple[int, int], value: Any, style: Format | None) -> None:
        if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
            return
        if isinstance(value, bool):
            sheet.write_boolean(*place, value)
        elif isinstance(value, int | float):
            sheet.write_number(*place, value, style)
        elif str(value).startswith(("http://", "https://")) and len(str(value)) < _LONGEST_LINK:
            sheet.write_url(*place, str(value), string=str(value))
        else:
            # As text, whatever it begins with: a source may begin with an equals sign.
            sheet.write_string(*place, str(value), style)


def _labelled(frame: pd.DataFrame, run: ReportedRun) -> pd.DataFrame:
    """Put what labels are called in both languages behind the columns of a table; columns without a label go."""
    shown = frame.loc[:, [frame[name].notna().any() or name in _NUMBERS for name in frame.columns]]
    words: dict[str, list[str | None]] = {}
    for column in (*(name for name in _WORDED if name in shown), "measure"):
        if column not in shown:
            continue
        for language in LANGUAGES:
            called = _in(language, lambda column=column: _called(column, shown[column], run))  # type: ignore[misc]
            words[f"{column}_{language}"] = [called.get(label) for label in shown[column].tolist()]
    return pd.concat([shown, pd.DataFrame(words, index=shown.index)], axis=1)


def _called(column: str, labels: Iterable[Any], run: ReportedRun) -> dict[Any, str]:
    known = {str(label) for label in labels if isinstance(label, str)}
    if column in ("scenario", "baseline"):
        titles = scenario_names(run.scenarios)
        return {label: titles.get(label, label) for label in known}
    return {label: spoken(column, label, words_of(run).get(column)) for label in known}


def _readme(run: ReportedRun, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Say what the workbook holds and where it came from: a column a language."""
    told = {language: _in(language, lambda: _told(run, frames)) for language in LANGUAGES}
    subjects = [subject for subject, _ in told[LANGUAGES[0]]]
    columns = {language: [text for _, text in told[language]] for language in LANGUAGES}
    return pd.DataFrame({"about": subjects} | columns)


def _told(run: ReportedRun, frames: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    rows = [("title", message("report.page.heading_several" if run.others else "report.page.heading_one"))]
    rows += [(name, sentence) for name, sentence in sentences_of(run).items()]
    rows += [("warning", warning) for warning in warnings_of(run)]
    rows += [(one, message(f"report.excel.{one}")) for one in ("tables", "numbers", "words", "intervals")]
    rows += [(name, text) for name, text in facts_of(run).items()]
    rows += [
        (
            f"sheet {name}",
            message("report.excel.sheet", rows=str(len(frame)), columns=", ".join(map(str, frame.columns))),
        )
        for name, frame in frames.items()
    ]
    rows += [(f"sheet {name}", message(f"report.excel.sheet_{name}")) for name in ("inputs", "measures")]
    return rows


def _inputs(run: ReportedRun) -> pd.DataFrame:
    """Every input of every scenario, with the value of the baseline that it is compared with."""
    base = {row.key: row.value for row in explain(run.baseline)}
    rows = []
    for scenario in (run.baseline, *run.others):
        spoken_in = {language: explain(scenario, language=language) for language in LANGUAGES}
        for place, row in enumerate(spoken_in[LANGUAGES[0]]):
            rows.append(
                {
                    "scenario": scenario.name,
                    "key": row.key,
                    "value": _cell(row.value),
                    "baseline_value": _cell(base.get(row.key)),
                    "differs": row.key not in base or base[row.key] != row.value,
                    "range_low": row.low,
                    "range_high": row.high,
                    "unit": row.unit,
                    "grade": row.grade or None,
                    "source": row.source,
                    "url": row.url or None,
                    **{f"meaning_{language}": spoken_in[language][place].meaning for language in LANGUAGES},
                }
            )
    return pd.DataFrame(rows, dtype=object)


def _measures(run: ReportedRun) -> pd.DataFrame:
    """What each measure of the tables is called and what it is."""
    known = {(one.table, one.name): one.definition for one in measures_of()}
    rows = []
    for table, frame in run.tables.items():
        if "measure" not in frame or table == "differences":
            continue
        for measure, unit in frame[["measure", "unit"]].drop_duplicates().itertuples(index=False):
            definition = known.get((table, measure), "")
            row: dict[str, object] = {"table": table, "measure": measure, "unit": unit}
            row |= {f"measure_{one}": _in(one, lambda name=measure: spoken("measure", name)) for one in LANGUAGES}  # type: ignore[misc]
            row |= {
                f"definition_{one}": message(definition, one) if definition in message_ids(one) else None
                for one in LANGUAGES
            }
            rows.append(row)
    return pd.DataFrame(rows, dtype=object)


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return float(value) if isinstance(value, float) else value


def _width(heading: str, values: Sequence[object]) -> int:
    longest = max((len(str(value)) for value in values if isinstance(value, str)), default=12)
    return min(max(longest, len(heading) + 3, _NARROWEST), _WIDEST)


def _in(language: str, call: Callable[[], T]) -> T:
    """Call in another language than the context's."""

    def inside() -> T:
        set_language(language)
        return call()

    return copy_context().run(inside)
