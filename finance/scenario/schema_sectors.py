"""Sectors, and the chain of stages that each one's ventures go through."""

from __future__ import annotations

from typing import Literal

from finance.scenario.schema_base import NamedTables, Table, Text, described


class Stage(Table):
    """A stage of a sector: the work towards one milestone, paid by one round."""

    title: Text
    burn: float = described(
        "Cash a venture spends in a year of this stage.",
        "该阶段企业每年消耗的资金。",
        "CNY million a year",
        gt=0,
        le=1e9,
    )
    mean_years: float = described(
        "Mean time the milestone takes.",
        "达成里程碑的平均时间。",
        "years",
        gt=0,
        le=20,
    )
    time_shape: float = described(
        "Gamma shape of that time; 0 is a fixed time.",
        "所需时间的伽马分布形状参数；0 表示固定时间。",
        "shape",
        ge=0,
        le=1000,
    )
    log_odds: float = described(
        "Log-odds of reaching the milestone at quality 0 on the first attempt.",
        "质量为 0 的企业首次尝试达成里程碑的几率对数。",
        "log-odds",
        ge=-10,
        le=10,
    )
    signal_sd: float = described(
        "Noise with which investors see quality at this stage.",
        "投资者在该阶段观察企业质量的噪声标准差。",
        "standard deviations",
        ge=0,
        le=20,
    )
    research_share: float = described(
        "Share of the stage's cash that is spent on research and development and may be deducted as such.",
        "本阶段支出中可加计扣除的研发费用占比。",
        "share",
        default=0.0,
        ge=0,
        le=1,
    )
    pilot: bool = described(
        "Whether this is the pilot stage, which shared platforms serve.",
        "是否为中试阶段（可使用共享中试平台）。",
        "yes or no",
        default=False,
    )
    technical_attempts: int = described(
        "Attempts that the technology allows, the first included.",
        "技术上允许的尝试次数（含首次）。",
        "number",
        ge=1,
        le=8,
    )
    offer_probability: float = described(
        "Probability of an acquisition offer after the milestone.",
        "达成里程碑后收到收购报价的概率。",
        "probability",
        ge=0,
        lt=1,
    )
    category: Literal["seed", "venture", "later"] = described(
        "Category under which loss limits count this stage.",
        "亏损容忍限额所适用的类别。",
        "choice",
    )

    @property
    def need(self) -> float:
        """Cash need of the stage's round, CNY million: burn × 1.25 × mean time."""
        return self.burn * 1.25 * self.mean_years


class Stages(NamedTables[Stage]):
    """The stages of a sector in order, from entry to the last before exit."""


class Sector(Table):
    """A sector: its share of entrants, what its ventures are worth in the end, and its stages."""

    title: Text
    share: float = described(
        "Share of entrants that belong to this sector; the shares of all sectors sum to 1.",
        "属于该行业的进入企业占比；各行业之和为 1。",
        "share",
        extensive=True,
        gt=0,
        le=1,
    )
    exit_median: float = described(
        "Median exit value at quality 0.",
        "质量为 0 的企业退出价值的中位数。",
        "CNY million",
        gt=0,
        le=1e9,
    )
    quality_log_value: float = described(
        "Log exit value gained by one standard deviation of quality.",
        "质量每提高一个标准差，退出价值对数的增量。",
        "log value",
        ge=0,
        le=5,
    )
    exit_log_sd: float = described(
        "Standard deviation of the log exit value around its expectation given quality.",
        "给定质量时退出价值对数的标准差。",
        "log value",
        ge=0,
        le=5,
    )
    stages: Stages


class Sectors(NamedTables[Sector]):
    """The sectors in order."""
