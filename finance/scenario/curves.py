"""Dated yield curves: one TOML file each in a ``data`` folder beside the scenarios."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr

from finance.scenario.checking import field_problems
from finance.scenario.problems import NO_VALUE, Problem, ScenarioError, nearest
from finance.scenario.reading import (
    CURVES_FOLDER,
    is_file,
    is_name,
    read_bytes,
    read_toml,
    scenario_folders,
    stays_inside,
)
from finance.scenario.schema_base import NAME_PATTERN, Table, Text, described
from finance.scenario.shape import Content, is_finite_number, shape_of

_FEWEST_POINTS = 2


class CurveFile(Table):
    """A government yield curve of one day."""

    name: str = described(
        "Name of the curve, the file's stem.", "曲线名称，与文件名一致。", "name", pattern=NAME_PATTERN
    )
    as_of: dt.date = described("Day of the curve.", "曲线日期。", "date")
    title: Text
    source: str = described("Where the yields come from.", "收益率的出处。", "text", min_length=1)
    tenor_years: Annotated[
        tuple[Annotated[float, Field(gt=0, le=100)], ...], Field(strict=False, min_length=_FEWEST_POINTS)
    ] = described("Tenors of the yields, rising.", "期限，由短到长。", "years")
    yield_to_maturity: Annotated[
        tuple[Annotated[float, Field(ge=-0.05, le=0.5)], ...], Field(strict=False, min_length=_FEWEST_POINTS)
    ] = described("Yield to maturity at each tenor, as a decimal.", "各期限的到期收益率（小数）。", "rate a year")

    _digest: str = PrivateAttr("")

    @property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, in hexadecimal; line ends count as one character on every system."""
        return self._digest


def load_curve(name: str, folders: Iterable[Path] = ()) -> CurveFile:
    """Read a yield curve.

    Parameters
    ----------
    name : str
        The file's stem, as in ``"chinabond-2024-12-27"``.
    folders : iterable of Path
        Scenario folders looked into before ``./scenarios`` and the shipped ones.

    Returns
    -------
    CurveFile
        Tenors in years, yields as decimals a year.

    Raises
    ------
    ScenarioError
        If there is no such curve, or with everything that is wrong with it.
    """
    curve, problems = read_curve(name, folders, file="", key="world.curve")
    if curve is None:
        raise ScenarioError(problems)
    return curve


def read_curve(name: str, folders: Iterable[Path], file: str, key: str) -> tuple[CurveFile | None, list[Problem]]:
    """Read a curve for a scenario; ``file`` and ``key`` say who asked for it."""
    searched = [folder / CURVES_FOLDER for folder in (*folders, *scenario_folders())]
    paths = [folder / f"{name}.toml" for folder in searched if is_name(name)]
    there = [path for path in paths if is_file(path)]
    found = [path for path in there if stays_inside(path, path.parent)]
    if found:
        return _read(found[0])
    file = file or CURVES_FOLDER
    if there:
        return None, [Problem(file, key, name, "scenario.leaves_by_link", {"link": str(there[0])})]
    known = [path for folder in searched for path in folder.glob("*.toml") if stays_inside(path, folder)]
    names = sorted({path.stem for path in known})
    values = {"near": nearest(str(name), names) or names}
    return None, [Problem(file, key, name, "scenario.curve_not_found", values)]


def _read(path: Path) -> tuple[CurveFile | None, list[Problem]]:
    content, problems = read_toml(path)
    if problems:
        return None, problems
    file = str(path)
    problems = field_problems(CurveFile, shape_of(CurveFile), content, lambda _: file)
    problems += _curve_problems(content, path)
    if problems:
        return None, problems
    curve = CurveFile.model_validate(content)
    raw, problems = read_bytes(path)
    curve._digest = hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()
    return curve, problems


def _curve_problems(content: Content, path: Path) -> list[Problem]:
    problem = partial(Problem, str(path))
    problems = []
    name, tenors, yields = (content.get(key) for key in ("name", "tenor_years", "yield_to_maturity"))
    if is_name(name) and name != path.stem:
        problems.append(problem("name", name, "scenario.name_not_stem", {"stem": path.stem}))
    if isinstance(tenors, list) and isinstance(yields, list) and len(tenors) != len(yields):
        values = {"tenors": len(tenors), "yields": len(yields)}
        problems.append(problem("yield_to_maturity", NO_VALUE, "scenario.curve_lengths", values))
    readable = isinstance(tenors, list) and all(map(is_finite_number, tenors))
    if readable and any(later <= earlier for earlier, later in pairwise(tenors or ())):
        problems.append(problem("tenor_years", tenors, "scenario.curve_not_rising"))
    return problems
