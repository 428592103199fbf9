"""Text as Streamlit takes it: what a scenario or an error says is shown as it is, not read as Markdown."""

from __future__ import annotations

from finance.language import current_language, message, message_ids

_MARKS = frozenset(r"\`*_{}[]<>()#+|~$:")


def plain(text: str) -> str:
    """Return a text of which Markdown shows every sign."""
    return "".join(f"\\{letter}" if letter in _MARKS else letter for letter in text)


def bullets(texts: list[str]) -> str:
    """Return a text alone as it is, several as a list."""
    return plain(texts[0]) if len(texts) == 1 else "\n".join(f"- {plain(text)}" for text in texts)


def message_or(message_id: str, name: str) -> str:
    """Return a message of the catalogue; where it has none, a machine name with blanks for its underscores."""
    return message(message_id) if message_id in message_ids(current_language()) else name.replace("_", " ")
