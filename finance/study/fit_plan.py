"""What a calibration is told: the targets with their sources, and the free values with their priors.

Both are files in ``scenarios/data``. A target is a moment of simulated paths (`finance.study.moments`); what is only
assumed of a value enters as its prior, never as a target.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from finance.language import message
from finance.scenario import ScenarioError, Source
from finance.scenario.checking import field_problems
from finance.scenario.reading import CURVES_FOLDER, read_toml, scenario_folders
from finance.scenario.schema_base import NAME_PATTERN, Frozen, Names, Table, Text, described
from finance.scenario.shape import shape_of
from finance.study.moments import MOMENTS


class Target(Table):
    """What a moment should be, and how near is near."""

    value: float = described("What the moment should be.", "矩的目标值。", "number")
    tolerance: float = described(
        "Distance that counts as one standard error.", "计为一个标准误的偏差。", "number", gt=0
    )
    tolerance_why: str = described("Why this tolerance.", "容差的理由。", "text", min_length=1)
    source: Source
    window_years: float | None = described(
        "Years within which it is observed, the same in the model.", "观察窗口，模型中取同样长度。", "years",
        default=None, gt=0,
    )  # fmt: skip
    remark: str = described("What speaks against it.", "需注意之处。", "text", default="")


class TargetsFile(Table):
    """Targets of one country and date."""

    name: str = described("Name, the file's stem.", "名称，与文件名一致。", "name", pattern=NAME_PATTERN)
    as_of: dt.date = described("Date of the newest figure.", "最新数据的日期。", "date")
    title: Text
    moments: Annotated[Mapping[str, Target], Frozen] = described("Targets by moment.", "各矩的目标。", "name")


class FreeValue(Table):
    """A value that is fitted: where it may lie and what was believed of it before."""

    prior: float = described("Most plausible value before the fit.", "拟合前最可信的取值。", "number")
    sd: float = described(
        "Standard deviation of the prior, on the scale.", "先验标准差（按所选尺度）。", "standard deviations", gt=0
    )
    scale: Literal["plain", "log", "logit"] = described(
        "Scale on which the prior is normal.", "先验在何种尺度上为正态。", "choice"
    )
    low: float = described("Lowest value.", "下限。", "number")
    high: float = described("Highest value.", "上限。", "number")
    why: str = described("Where the prior comes from.", "先验的依据。", "text", min_length=1)
    together: Names = described(
        "Values that keep their ratio to this one.", "与此值保持比例的其他取值。", "list of names", default=()
    )

    def place(self, value: float) -> float:
        """Return where a value lies, in standard deviations of the prior from its centre."""
        return (_to_scale(self.scale, value) - _to_scale(self.scale, self.prior)) / self.sd

    def value(self, place: float) -> float:
        """Return the value that lies there."""
        return _from_scale(self.scale, _to_scale(self.scale, self.prior) + self.sd * place)


class Charge(Table):
    """The accountability charge that the penalty has to give."""

    capital_class: str = described("Class whose charge it is.", "所指的资本类别。", "name")
    value: float = described("The charge.", "问责折减。", "share", gt=0, lt=1)


class PlanFile(Table):
    """Which values of a scenario are fitted to which targets."""

    name: str = described("Name, the file's stem.", "名称，与文件名一致。", "name", pattern=NAME_PATTERN)
    scenario: str = described("The scenario fitted.", "所拟合的情景。", "name", pattern=NAME_PATTERN)
    targets: str = described("File with the targets.", "目标文件。", "name", pattern=NAME_PATTERN)
    charge: Charge
    values: Annotated[Mapping[str, FreeValue], Frozen] = described(
        "Free values by dotted path; `need` of a stage sets its burn.",
        "自由取值（按路径）；阶段的 need 决定其消耗。",
        "name",
    )


File = TypeVar("File", TargetsFile, PlanFile)


def read_plan(name: str) -> tuple[PlanFile, TargetsFile]:
    """Read a plan and the targets it names.

    Parameters
    ----------
    name : str
        The plan's stem in ``scenarios/data``, or a path that ends in ``.toml``.

    Raises
    ------
    ScenarioError
        With everything that is wrong with either file.
    ValueError
        If a file is nowhere or has another name inside, a prior lies outside its bounds, a target is of no known moment.
    """
    plan = _read(name, PlanFile)
    for path, free in plan.values.items():
        if not free.low <= free.prior <= free.high:
            raise ValueError(message("fit.prior_outside", path=path))
    targets, known = _read(plan.targets, TargetsFile), [moment.name for moment in MOMENTS]
    unknown = [name for name in targets.moments if name not in known]
    if unknown:
        raise ValueError(message("fit.no_moment", names=", ".join(unknown), known=", ".join(known)))
    return plan, targets


def _read(name: str, model: type[File]) -> File:
    paths = [folder / CURVES_FOLDER / f"{name}.toml" for folder in scenario_folders()]
    found = [path for path in ([Path(name)] if name.endswith(".toml") else paths) if path.is_file()]
    if not found:
        raise ValueError(message("fit.no_file", name=name))
    content, problems = read_toml(found[0])
    problems = problems or field_problems(model, shape_of(model), content, lambda _: str(found[0]))
    if problems:
        raise ScenarioError(problems)
    read = model.model_validate(content)
    if read.name != found[0].stem:
        raise ValueError(message("fit.wrong_name", path=str(found[0]), name=read.name))
    return read


def _to_scale(scale: str, value: float) -> float:
    if scale == "log":
        return math.log(value)
    return math.log(value / (1.0 - value)) if scale == "logit" else value


def _from_scale(scale: str, place: float) -> float:
    if scale == "log":
        return math.exp(place)
    return 1.0 / (1.0 + math.exp(-place)) if scale == "logit" else place
