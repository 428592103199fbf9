"""Small scenarios for tests: the tiny economy, and files written from plain dictionaries."""

import datetime as dt
import json
import math
import tomllib
from pathlib import Path

from finance.scenario import Scenario, check_file, load_scenario
from finance.scenario.schema import HEAD_KEYS

TINY = Path(__file__).parent / "scenarios" / "tiny.toml"

TEXT = {"en": "A text.", "zh": "文本。"}

HEAD = {"format": 1, "title": TEXT, "question": TEXT}


def tiny() -> Scenario:
    """Load the tiny economy: one sector (lab), three stages, two classes (market, patient)."""
    return load_scenario(TINY)


def tiny_content() -> dict:
    """Return what the tiny economy's file says, to be changed and written elsewhere."""
    return tomllib.loads(TINY.read_text(encoding="utf-8"))


def angels() -> dict:
    """Return a third class for the tiny economy."""
    return {
        "title": {"en": "Angels", "zh": "天使"},
        "capacity": 40.0,
        "return_premium": 0.02,
        "life_years": 9.0,
        "investment_years": 4,
        "tax_rate": 0.2,
        "public_share": 0.0,
        "stages": ["seed"],
    }


def put(content: dict, path: str, value: object) -> dict:
    """Set a value at a dotted path of a file's content; None takes it out."""
    *above, last = path.split(".")
    table = content
    for name in above:
        table = table.setdefault(name, {})
    if value is None:
        del table[last]
    else:
        table[last] = value
    return content


def write_scenario(folder: Path, name: str, content: dict) -> Path:
    """Write a scenario file ``<folder>/<name>.toml``; the name is put in where the content has none."""
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_toml({"name": name, **content}), encoding="utf-8")
    return path


def write_delta(folder: Path, name: str, baseline: str, **tables: object) -> Path:
    """Write a scenario that differs from a baseline; values get a source unless ``sources`` is given."""
    values = set(tables) - HEAD_KEYS
    sources = {key: "assumption: made up for a test" for key in sorted(values)}
    content = {**HEAD, "baseline": baseline, "sources": sources, **tables}
    return write_scenario(folder, name, content)


def found(path: Path) -> set[tuple[str, str]]:
    """Return the problems of a file as (key, message id without its area)."""
    return {(problem.key, problem.message_id.removeprefix("scenario.")) for problem in check_file(path)}


def to_toml(content: dict, heading: str = "") -> str:
    """Write plain content as TOML."""
    lines = [f"[{heading}]"] if heading else []
    lines += [f"{_key(k)} = {_value(v)}" for k, v in content.items() if not isinstance(v, dict)]
    for key, table in content.items():
        if isinstance(table, dict):
            inner = f"{heading}.{_key(key)}" if heading else _key(key)
            lines.append(to_toml(table, inner))
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
