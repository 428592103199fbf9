"""Measures of support at stages: what they change for the ventures there, and what the public pays for it."""

from __future__ import annotations

from finance.scenario.schema_base import NamedTables, Names, Table, Text, described


class Support(Table):
    """A measure for all ventures at some stages: a proof-of-concept centre, a grant, a sandbox, a pool of patents."""

    title: Text
    stages: Names = described("Stages at which it supports ventures.", "支持所覆盖的阶段。", "list of names")
    odds_ratio: float = described(
        "Factor on the odds of reaching the milestone; below one it stands in the way.",
        "达成里程碑几率的倍数；小于 1 表示阻碍。",
        "multiple",
        default=1.0,
        neutral=1.0,
        gt=0,
        le=20,
    )
    time_reduction_share: float = described(
        "Share by which the stage takes less time; below zero it takes more.",
        "该阶段用时缩短的比例；为负表示延长。",
        "share",
        default=0.0,
        neutral=0.0,
        ge=-1,
        le=0.9,
    )
    cost_reduction_share: float = described(
        "Share by which the stage truly costs less; below zero it costs more.",
        "该阶段实际成本降低的比例；为负表示增加。",
        "share",
        default=0.0,
        neutral=0.0,
        ge=-1,
        le=0.9,
    )
    noise_reduction_share: float = described(
        "Share by which investors see quality with less noise.",
        "投资者观察企业质量时噪声降低的比例。",
        "share",
        default=0.0,
        neutral=0.0,
        ge=0,
        le=1,
    )
    paid_share: float = described(
        "Share of the cash of a stage that the public pays, whenever investors pay the rest.",
        "在投资者支付其余部分时，由公共资金承担的该阶段现金支出比例。",
        "share",
        default=0.0,
        neutral=0.0,
        ge=0,
        le=0.9,
    )
    paid_multiple: float = described(
        "Public money spent for each unit that ventures need not raise.",
        "企业每少筹一单位资金所耗费的公共资金。",
        "multiple",
        default=1.0,
        neutral=1.0,
        ge=1,
        le=10,
    )
    round_cost: float = described(
        "Public money spent on each round that closes, beside what ventures need.",
        "每完成一轮融资所耗费的公共资金（不计入企业资金需求）。",
        "CNY million",
        default=0.0,
        neutral=0.0,
        ge=0,
        le=1e6,
    )


class Supports(NamedTables[Support]):
    """Measures of support in order."""
