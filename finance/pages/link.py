"""What a page shows, as text in its address: whoever opens the link sees the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

#: Part names from doses, and a path from its dose, in the text of a choice. No name holds them, and an address may.
_DOSE, _OF = "@", ":"
_LIST = ","

#: What an address may hold besides letters and digits, so that it needs no quoting.
_PLAIN = frozenset("-._~@:,/")

DEFAULT_PATHS, DEFAULT_SEED = "2000", "1"


@dataclass(frozen=True)
class Choice:
    """A scenario as it is chosen: its name, and the doses of its levers that are not 1.

    Attributes
    ----------
    name : str
        Of a scenario that can be loaded.
    doses : tuple of (str, str)
        Dotted path of a table, and its dose as it was typed: a wrong one is kept, to be complained of.
    """

    name: str
    doses: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, text: str) -> Choice:
        """Read ``name@path:dose@path:dose``; whatever the text is, it makes a choice."""
        name, *doses = text.split(_DOSE)
        parts = (dose.partition(_OF) for dose in doses)
        return cls(name, tuple((path, given) for path, _, given in parts))

    def __str__(self) -> str:
        return _DOSE.join([self.name, *(f"{path}{_OF}{given}" for path, given in self.doses)])

    def at(self, doses: Mapping[str, float]) -> Choice:
        """Return the scenario at other doses; a dose of 1 is the scenario itself and is not said."""
        return replace(self, doses=tuple((path, f"{dose:g}") for path, dose in doses.items() if dose != 1.0))


@dataclass(frozen=True)
class Wish:
    """What is to be compared, as typed.

    Attributes
    ----------
    choices : tuple of Choice
        In the order in which they are shown.
    baseline : Choice
        Among them or not.
    paths, seed : str
        Numbers, or what was typed for them.
    """

    choices: tuple[Choice, ...]
    baseline: Choice
    paths: str = DEFAULT_PATHS
    seed: str = DEFAULT_SEED

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Wish | None:
        """Read the wish of an address; None if it names no scenario."""
        names = [name for name in address.get("scenarios", "").split(_LIST) if name]
        baseline = address.get("baseline", "") or (names[0] if names else "")
        if not baseline:
            return None
        choices = tuple(dict.fromkeys(map(Choice.read, names or [baseline])))
        numbers = (address.get("paths") or DEFAULT_PATHS, address.get("seed") or DEFAULT_SEED)
        return cls(choices, Choice.read(baseline), *numbers)

    def address(self) -> dict[str, str]:
        """Return what an address says of the wish."""
        return {
            "scenarios": _LIST.join(map(str, self.choices)),
            "baseline": str(self.baseline),
            "paths": self.paths,
            "seed": self.seed,
        }

    def in_order(self) -> tuple[Choice, ...]:
        """Return the choices with the baseline in front if it is not among them."""
        return self.choices if self.baseline in self.choices else (self.baseline, *self.choices)


def link(page: str, address: Mapping[str, str]) -> str:
    """Return a link.

    Parameters
    ----------
    page : str
        Address of the page.
    address : mapping of str to str
        What stands behind the question mark.

    Returns
    -------
    str
        Everything that an address cannot hold is quoted, as UTF-8.
    """
    pairs = [f"{_quoted(key)}={_quoted(value)}" for key, value in address.items() if value]
    return page.partition("?")[0].rstrip("/") + "/" + ("?" + "&".join(pairs) if pairs else "")


def unique(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Leave out what was chosen before."""
    return tuple(dict.fromkeys(choices))


def _quoted(text: str) -> str:
    return "".join(letter if _is_plain(letter) else _escaped(letter) for letter in text)


def _is_plain(letter: str) -> bool:
    return letter in _PLAIN or (letter.isascii() and letter.isalnum())


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))
