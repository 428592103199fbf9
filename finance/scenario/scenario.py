"""A scenario: frozen values, the baseline they differ from, and copies at another dose or with changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, PrivateAttr

from finance.scenario.changes import as_delta, plain
from finance.scenario.checking import FileOf, field_problems
from finance.scenario.curves import CurveFile, read_curve
from finance.scenario.doses import dose_problems, dosed
from finance.scenario.problems import Problem, ScenarioError, once
from finance.scenario.ranges import contains
from finance.scenario.reading import is_name
from finance.scenario.resolving import Blame, resolve
from finance.scenario.rules import chain_order, rule_problems
from finance.scenario.schema import FORMAT, HEAD_KEYS, ScenarioFields, Source
from finance.scenario.schema_base import NamedTables, Text
from finance.scenario.shape import Content, at, place, scenario_shape
from finance.scenario.sources import covering


class Scenario(ScenarioFields):
    """What is simulated: every value, frozen. Made by `load_scenario`; changed only by copying.

    The fields are the tables of a scenario file, resolved: what the file left out is its baseline's.
    ``ranges`` are those that hold (own, and inherited for inherited values); ``sources`` are the file's own,
    `source_of` finds the source of any value.
    """

    _baseline: Scenario | None = PrivateAttr(None)
    _path: Path | None = PrivateAttr(None)
    _curve: CurveFile | None = PrivateAttr(None)
    _notes: tuple[Problem, ...] = PrivateAttr(())
    _digest: str = PrivateAttr("")  # once it was asked for; a copy with another value must not be made of this one

    @property
    def baseline_scenario(self) -> Scenario | None:
        """The scenario from which this one differs; None for a root."""
        return self._baseline

    @property
    def path(self) -> Path | None:
        """The file; None for a scenario made in code."""
        return self._path

    @property
    def curve(self) -> CurveFile:
        """The yield curve that ``world.curve`` names, read when the scenario was."""
        if self._curve is None:
            raise RuntimeError("a scenario without its curve: load it with load_scenario")
        return self._curve

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is worth knowing but no error: values past their date, doses stopped at a bound."""
        below = self._baseline.warnings if self._baseline is not None else ()
        own = self._notes
        if self.expires is not None and self.expires < dt.date.today():
            file = str(self._path or self.name)
            own += (Problem(file, "expires", self.expires, "scenario.expired", is_warning=True),)
        return tuple(once([*below, *own]))

    @property
    def stages(self) -> tuple[str, ...]:
        """Every stage name once, in an order that keeps each sector's."""
        return tuple(chain_order([list(sector.stages.order) for sector in self.sectors.in_order()]))

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of all values and of the curve's file: equal values, equal digest."""
        if not self._digest:
            text = json.dumps(
                _without_signed_zero(self.values()),
                sort_keys=True,
                ensure_ascii=False,
                allow_nan=False,
                separators=(",", ":"),
            )
            self._digest = hashlib.sha256(f"{text}\n{self.curve.digest}".encode()).hexdigest()
        return self._digest

    def root(self) -> Scenario:
        """Return the reference scenario: the nearest up the chain, this one included, else the last."""
        if self.reference or self._baseline is None:
            return self
        return self._baseline.root()

    def programme_beside(self) -> Scenario | None:
        """Return the nearest scenario up the chain whose guidance programme has other sub-funds; None if none has.

        Its programme goes on as it is beside this one's. A reference scenario has nothing beside its own.
        """
        own, each = self.guidance_fund.sub_funds, self
        while not each.reference and each._baseline is not None:
            each = each._baseline
            if each.guidance_fund.sub_funds != own:
                return each
        return None

    def values(self) -> Content:
        """Return the values of the model alone, as nested plain dictionaries and lists.

        Returns
        -------
        dict
            No names of scenarios, no titles, sources or ranges. A fresh copy at each call.
        """
        return {key: table for key, table in _plain_table(self, titles=False).items() if key not in HEAD_KEYS}

    def document(self) -> Content:
        """Return everything as a file would say it, the baseline's values included."""
        return _plain_table(self, titles=True)

    def source_of(self, path: str) -> Source | None:
        """Return the source of a value: its own, or that of the scenario up the chain which set it.

        Parameters
        ----------
        path : str
            Dotted path of a value.

        Returns
        -------
        Source or None
            None for a value that no file states (a default).
        """
        return source_in(self.chain(), path)

    def chain(self) -> list[tuple[Scenario, Content]]:
        """Return this scenario and those below it, down to the root, each with its `values`."""
        below = [] if self._baseline is None else self._baseline.chain()
        return [(self, self.values()), *below]

    def with_changes(
        self,
        changes: Mapping[str, object],
        name: str | None = None,
        sources: Mapping[str, object] | None = None,
        *,
        title: Mapping[str, str] | None = None,
        question: Mapping[str, str] | None = None,
        reference: bool = False,
    ) -> Scenario:
        """Return a copy with other values, whose baseline is this scenario.

        Parameters
        ----------
        changes : mapping of str to object
            New value by dotted path, as in ``{"tolerance.attempts": 3}``. A table at the path of a table is
            merged; at a new name it makes a new named table, put last in its ``order``;
            ``{"absent": True}`` removes one.
        name : str, optional
            Name of the copy; this one's with ``-changed`` behind it, if left out.
        sources : mapping, optional
            Sources as in a file. Missing ones become "assumption: set in code".
        title, question : mapping, optional
            Texts in both languages, ``{"en": …, "zh": …}``. If left out, the name, and this scenario's
            question.
        reference : bool
            Whether the copy is a calibration; needed where sectors or stages change.

        Returns
        -------
        Scenario
            The copy.

        Raises
        ------
        ScenarioError
            With everything that is wrong with the changes.
        """
        name = f"{self.name}-changed" if name is None else name
        before = self.document()
        delta, problems = as_delta(changes, before, name)
        head = {
            "format": FORMAT,
            "name": name,
            "title": plain(title) if title is not None else {"en": name, "zh": name},
            "question": plain(question) if question is not None else before["question"],
            "baseline": self.name,
            "reference": reference,
            "sources": plain(sources or {}),
        }
        document, more = resolve(head | delta, name, before, self.root().document(), Blame.on(name), in_code=True)
        return build(document, self, None, [*problems, *more], lambda _: name)

    def with_dose(self, doses: Mapping[str, float], name: str | None = None) -> Scenario:
        """Return a copy with another dose of some tables, with the same baseline.

        Parameters
        ----------
        doses : mapping of str to float
            Dose by dotted path of a table or value, 0 or more: 0 is the baseline's values, 1 this scenario's.
            The nearest path above a value holds; values without one stay as they are.
        name : str, optional
            Name of the copy; made from this one's and the doses, if left out.

        Returns
        -------
        Scenario
            The copy. What was stopped at a bound stands in its ``warnings``.

        Raises
        ------
        ScenarioError
            If there is no baseline, a path names nothing, or a dose is no number from 0 up.

        Notes
        -----
        value = baseline + dose × (scenario − baseline), whole numbers rounded half up. What is no number
        switches at a dose above 0. A named table that only this scenario has is absent at 0, and above it has
        its amounts (capacity, commitment, share of entrants) times the dose; one that only the baseline has
        fades out likewise.
        """
        name = _dosed_name(self.name, doses) if name is None else name
        own = self.document()
        below = self._baseline.document() if self._baseline is not None else None
        problems = dose_problems(doses, own, below, name)
        if problems or below is None or self._baseline is None:
            raise ScenarioError(problems)
        values, notes = dosed(_values_of(own), _values_of(below), doses, name)
        document = {key: own[key] for key in own if key in HEAD_KEYS} | values | {"name": name}
        # A range belongs to the value it was given for.
        document["ranges"] = {
            key: given for key, given in own["ranges"].items() if contains(given, at(values, tuple(key.split("."))))
        }
        problems = field_problems(ScenarioFields, scenario_shape(), document, lambda _: name)
        problems += rule_problems(document, below, self._baseline.root().document(), lambda _: name)
        return build(document, self._baseline, None, problems, lambda _: name, notes, self)

    def __repr__(self) -> str:
        below = f", baseline={self.baseline!r}" if self.baseline is not None else ""
        return f"Scenario(name={self.name!r}{below})"

    def __str__(self) -> str:
        return repr(self)

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self  # frozen all the way down


def source_in(chain: list[tuple[Scenario, Content]], path: str) -> Source | None:
    """Return what `Scenario.source_of` does, for a chain that is at hand already.

    A value that is what the format takes without being told counts as not stated, unless it has a source for
    itself alone.
    """
    keys = tuple(path.split("."))
    for (scenario, values), (_, below) in zip(chain, [*chain[1:], (None, None)], strict=True):
        own = covering(keys, scenario.sources)
        is_changed = below is not None and at(values, keys) != at(below, keys)
        if own is not None and (is_changed or own == path):
            return scenario.sources[own]
        if below is None and own is not None:
            node = place(keys)
            return None if node is None or at(values, keys) == node.default else scenario.sources[own]
    return None


def build(
    document: Content,
    baseline: Scenario | None,
    path: Path | None,
    problems: list[Problem],
    file_of: FileOf,
    notes: list[Problem] | None = None,
    origin: Scenario | None = None,
    *,
    folders: Sequence[Path] = (),
) -> Scenario:
    """Make a scenario from a document that has been checked.

    Parameters
    ----------
    document : dict
        The resolved document.
    baseline : Scenario or None
        The scenario it differs from.
    path : Path or None
        Its file.
    problems : list of Problem
        What the checks found.
    file_of : callable
        The file to blame for a key path.
    notes : list of Problem, optional
        Warnings to keep.
    origin : Scenario, optional
        The scenario of which this is a copy, whose curve is the first candidate.
    folders : sequence of Path
        More folders to look for the curve in: those of baselines that have problems and became no scenario.

    Returns
    -------
    Scenario
        With its baseline, curve and warnings.

    Raises
    ------
    ScenarioError
        With all problems, those of the curve included.
    """
    own = () if path is None else (path.parent,)
    curve, more = curve_of(document, (*own, *folders), origin or baseline, file_of)
    if problems or more or curve is None:
        raise ScenarioError([*problems, *more])
    scenario = Scenario.model_validate(document)
    scenario._baseline = baseline
    scenario._path = path
    scenario._curve = curve
    scenario._notes = tuple(notes or ())
    return scenario


def curve_of(
    document: Content, folders: Sequence[Path], near: Scenario | None, file_of: FileOf
) -> tuple[CurveFile | None, list[Problem]]:
    """Return the curve that a document names: that of a scenario near it if it is the same, else its file."""
    name = at(document, ("world", "curve"))
    if not is_name(name):
        return None, []  # the schema says so
    searched = [*folders]
    while near is not None:
        if near.world.curve == name and near._curve is not None:
            return near._curve, []
        if near.path is not None:
            searched.append(near.path.parent)
        near = near.baseline_scenario
    return read_curve(name, searched, file_of(("world", "curve")), "world.curve")


def _values_of(document: Content) -> Content:
    return {key: table for key, table in document.items() if key not in HEAD_KEYS}


def _plain_table(table: BaseModel, *, titles: bool) -> Content:
    fields = {key: getattr(table, key) for key in type(table).model_fields}
    if isinstance(table, NamedTables):
        fields = {"order": table.order, **dict(table.items())}
    return {
        key: _plain_value(value, titles=titles)
        for key, value in fields.items()
        if value is not None and (titles or not isinstance(value, Text))
    }


def _plain_value(value: Any, *, titles: bool) -> Any:
    if isinstance(value, BaseModel):
        return _plain_table(value, titles=titles)
    if isinstance(value, Mapping):
        return {key: _plain_value(item, titles=titles) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain_value(item, titles=titles) for item in value]
    return value


def _without_signed_zero(value: Any) -> Any:
    """Return values in which −0.0 is 0.0: the two are equal, and so must their digests be."""
    if isinstance(value, dict):
        return {key: _without_signed_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_signed_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value


def _dosed_name(name: str, doses: Mapping[str, object]) -> str:
    """Return a name that says the doses with the letters a name may have; half of a table is ``0p5``."""
    parts = [
        f"{key.replace('.', '-')}-{f'{dose:g}'.replace('.', 'p')}"
        for key, dose in doses.items()
        if isinstance(dose, int | float)
    ]
    return re.sub("[^a-z0-9-]", "-", "-".join([name, "dose", *parts]).lower().replace("+", ""))
