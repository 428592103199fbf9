"""What only the browser knows and needs to be told: how wide the page is, and which language it is in.

Charts are drawn for a width, and a telephone has another one than a desk. A page that says its language is read
aloud, hyphenated and set in the right font.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from finance.language import current_language

#: Widths in pixels for which charts are drawn: the widest that fits is taken.
_STEPS = (300, 340, 400, 480, 560, 640, 740, 860, 980, 1100)
#: What most screens have room for; there the page need not be drawn twice.
_USUAL = _STEPS[-1]

_SCRIPT = """
export default function({ data, setStateValue }) {
  document.documentElement.lang = data.language;
  let told = data.told, timer;
  const tell = () => {
    const block = document.querySelector('[data-testid="stMainBlockContainer"]');
    if (!block) return;
    const style = getComputedStyle(block);
    const room = block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const fitting = data.steps.filter((step) => step <= room).pop() || data.steps[0];
    if (fitting !== told) { told = fitting; setStateValue('width', fitting); }
  };
  const later = () => { clearTimeout(timer); timer = setTimeout(tell, 300); };
  tell();
  window.addEventListener('resize', later);
  return () => { clearTimeout(timer); window.removeEventListener('resize', later); };
}
"""


def measure() -> None:
    """Ask the browser how wide the page is, now and whenever it changes."""
    mount = _component()
    told = {"steps": list(_STEPS), "language": "zh-CN" if current_language() == "zh" else current_language()}
    with st.container(key="viewport"):
        found = mount(key="width", data={**told, "told": width()}, on_width_change=_ignore)
    if getattr(found, "width", None) in _STEPS:
        st.session_state["page_width"] = found.width


def width() -> int:
    """Return the pixels that a chart may take."""
    return int(st.session_state.get("page_width", _USUAL))


@cache
def _component() -> Any:
    return st.components.v2.component("patient_capital_width", js=_SCRIPT)


def _ignore() -> None:
    """Do nothing: that the page is drawn again is enough."""
