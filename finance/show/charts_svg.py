"""Charts as SVG for a page: they take the page's colours of text and paper, and reach out for nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import altair as alt
import vl_convert

from finance.language import current_language
from finance.show.charts_style import FONT_SIZE, INK, PAPER, Chart

_CHINESE = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei"
#: Each system's face for the language first, and always one that has Chinese. An English page names a face with Latin
#: letters for every system: those of Chinese faces have quotation marks as wide as a character.
FONTS = {
    "en": f"Helvetica Neue, Arial, Segoe UI, Roboto, Liberation Sans, Noto Sans, DejaVu Sans, {_CHINESE}, sans-serif",
    "zh": f"Helvetica Neue, Arial, {_CHINESE}, sans-serif",
}
_GRID = "#797e88"


def _config(font: str) -> dict[str, Any]:
    """What Vega-Lite would otherwise choose for white paper."""
    label = {"labelColor": INK, "labelFontSize": FONT_SIZE, "labelFont": font}
    title = {"titleColor": INK, "titleFontSize": FONT_SIZE, "titleFont": font, "titleFontWeight": "normal"}
    lines = {"tickColor": INK, "domainColor": INK, "gridColor": _GRID, "gridOpacity": 0.25}
    return {
        "background": None,
        "font": font,
        "aria": False,
        "view": {"stroke": None},
        "axis": {**label, **title, **lines},
        "legend": {**label, "rowPadding": 4, "offset": 12},
        "header": label,
        "text": {"font": font, "color": INK},
    }


def svg(chart: Chart, name: str) -> str:
    """Draw a chart as an SVG element.

    Parameters
    ----------
    chart : Chart
        Any of `finance.show.charts`.
    name : str
        Of letters, digits and hyphens; makes the ids inside the element unlike those of other charts of a page.

    Returns
    -------
    str
        ``<svg …>…</svg>``. Its text has the colour of the text around it (``currentColor``), its hairlines the
        colour ``--paper`` of the page, and it scales down with the width it is given.
    """
    spec = chart.to_dict()
    spec["config"] = _config(FONTS[current_language()])
    # The reader's face may be wider than the one that measures here.
    spec["padding"] = {"left": 22, "right": 14, "top": 4, "bottom": 4}
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version=version)
    return _for_page(drawn, name)


def _for_page(drawn: str, name: str) -> str:
    found = re.search(r"<svg.*</svg>", drawn, flags=re.DOTALL)
    if found is None:
        raise ValueError(f"no drawing came of chart {name}")
    # Tenths of a pixel are enough; Vega writes sixteen digits.
    text = re.sub(r"\d+\.\d{2,}", lambda digits: f"{float(digits[0]):.1f}".removesuffix(".0"), found[0])
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = text.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    for colour in (INK, _GRID):
        text = text.replace(f'"{colour}"', '"currentColor"')
    text = text.replace(f'"{PAPER}"', '"var(--paper)"').replace('fill="white"', 'fill="var(--paper)"')
    width, height = (float(re.search(rf'<svg[^>]*\b{side}="([\d.]+)"', text)[1]) for side in ("width", "height"))  # type: ignore[index]
    # The page says how wide: the element keeps its proportions, and names its natural width for a limit.
    head = re.match(r"<svg[^>]*>", text)
    assert head is not None
    view = re.search(r'viewBox="[^"]*"', head[0])
    box = view[0] if view else f'viewBox="0 0 {width:g} {height:g}"'
    known = 'class="marks" xmlns="http://www.w3.org/2000/svg" aria-hidden="true"'
    return f'<svg {known} {box} style="max-width:{width:g}px">{text[head.end() :]}'
