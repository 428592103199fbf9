"""The scenario file as a model: who it is, what it asks, and the tables of values it sets.

`ScenarioFields` is the shape alone. What a scenario can do (doses, changes, its baseline) is in
`finance.scenario.scenario`; what must hold between values is in `finance.scenario.rules`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from finance.scenario.schema_base import (
    NAME_PATTERN,
    Frozen,
    FrozenMap,
    NamedTables,
    Names,
    Note,
    Table,
    Text,
    described,
)
from finance.scenario.schema_capital import CapitalClass, Classes, LossLimits, Market, Tolerance
from finance.scenario.schema_credit import Credit
from finance.scenario.schema_economy import (
    Accounts,
    Clock,
    Entry,
    Exits,
    Planner,
    Ventures,
    World,
)
from finance.scenario.schema_policy import GuidanceFund, Managers, PilotPlatform
from finance.scenario.schema_sectors import Sector, Sectors, Stage, Stages
from finance.scenario.schema_support import Supports
from finance.scenario.schema_tax import Tax

__all__ = [
    "FORMAT",
    "GRADES",
    "HEAD_KEYS",
    "Accounts",
    "CapitalClass",
    "Classes",
    "Clock",
    "Entry",
    "Exits",
    "FrozenMap",
    "GuidanceFund",
    "LossLimits",
    "Managers",
    "Market",
    "NamedTables",
    "Names",
    "Note",
    "PilotPlatform",
    "Planner",
    "ScenarioFields",
    "Sector",
    "Sectors",
    "Source",
    "Stage",
    "Stages",
    "Table",
    "Tax",
    "Text",
    "Tolerance",
    "Ventures",
    "World",
]

FORMAT = 1
"""The newest file format this package reads."""

GRADES = ("S", "S~", "M", "D", "A")
"""S read at the source, S~ secondary, M recalled, D derived, A assumption."""

Grade = Literal["S", "S~", "M", "D", "A"]


class Source(Table):
    """Where a value comes from."""

    text: str = described("Where the value comes from.", "数值的出处。", "text", min_length=1)
    url: str = described("Address of the source.", "来源网址。", "text", default="")
    grade: Grade = described(
        "S read at the source, S~ secondary, M recalled, D derived, A assumption.",
        "S 直接查阅原文，S~ 二手来源，M 凭记忆，D 推算，A 假设。",
        "choice",
    )


Range = Annotated[
    tuple[float, float],
    Field(strict=False, description="Lowest and highest plausible value.", json_schema_extra={"unit": "number"}),
]


class ScenarioFields(Table):
    """All that a scenario file may say: its head, and the tables of values after its baselines."""

    format: int = described("Version of the file format.", "文件格式版本。", "number", ge=1, le=FORMAT)
    name: str = described(
        "Name of the scenario, the file's stem.", "情景名称，与文件名一致。", "name", pattern=NAME_PATTERN
    )
    title: Text
    question: Text
    as_modelled: Note | None = None
    """What of a real programme the values cannot say, and what stands in for it."""
    baseline: str | None = described(
        "Scenario from which this one differs.",
        "作为对照基础的情景。",
        "name",
        default=None,
        pattern=NAME_PATTERN,
    )
    reference: bool = described(
        "Whether this is a calibration: the yardstick of coverage for what is built on it.",
        "是否为校准情景，即其上各情景覆盖率的衡量基准。",
        "yes or no",
        default=False,
    )
    as_of: dt.date | None = described("Date at which the values were true.", "数值的截止日期。", "date", default=None)
    expires: dt.date | None = described(
        "Date after which the values should be looked at again.",
        "应重新核对数值的日期。",
        "date",
        default=None,
    )
    clock: Clock
    entry: Entry
    world: World
    planner: Planner
    accounts: Accounts
    ventures: Ventures
    exits: Exits
    market: Market
    tolerance: Tolerance
    sectors: Sectors
    classes: Classes
    guidance_fund: GuidanceFund
    managers: Managers
    tax: Tax
    pilot_platform: PilotPlatform
    support: Supports = Field(default_factory=lambda: Supports.model_validate({"order": []}))
    """Measures of support at stages; none if left out."""
    credit: Credit = Field(default_factory=lambda: Credit.model_validate({}))
    """Loans of banks to ventures; none if left out."""
    ranges: Annotated[Mapping[str, Range], Frozen] = described(
        "By dotted path, the lowest and highest plausible value.",
        "按路径列出数值的合理上下限。",
        "number",
        default={},
        validate_default=True,
    )
    sources: Annotated[Mapping[str, Source], Frozen] = described(
        "By dotted path of a value or of a table above it, where the value comes from.",
        "按数值或其上级表的路径列出来源。",
        "text",
        default={},
        validate_default=True,
    )


HEAD_KEYS = frozenset(
    {
        "format",
        "name",
        "title",
        "question",
        "as_modelled",
        "baseline",
        "reference",
        "as_of",
        "expires",
        "ranges",
        "sources",
    }
)
"""What belongs to one file alone and is not inherited; every other key is a table of values."""
