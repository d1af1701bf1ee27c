"""By what an agency is found: its names without spaces and brackets, their initials, and pieces of both. Plain Python.

A piece (`gram`) of one or two characters makes any part of a name findable in one index; three letters of the
initials likewise. Marks that no key contains tell the kinds of piece apart.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, pairwise
from typing import Any

from fangxin.organisations.names import name_key

# Names and initials stand in one text, a line each, with a break at both ends: a part of one is no part of two.
BREAK = "\n"
BEGINS, LETTERS, PLACE = "^", ":", "@"
LAST_CHARACTER = "\U0010ffff"
CODE = re.compile(r"(?=(?:.*\d){4})[0-9A-Z]{6,18}")
LONG = 6
# In most names: their lists are the longest of the index and leave hardly anybody out.
OF_MOST = frozenset(
    map("".join, chain(pairwise("房地产经纪有限公司"), pairwise("限责任公"), ("房产", "纪有")))
)


class Hay(StrEnum):
    """In which text of an agency is looked: its names, or their initials."""

    NAMES = "name_lines"
    INITIALS = "initial_lines"


@dataclass(frozen=True)
class Needle:
    """What is looked for: `text` in the hay, after finding whoever has all `grams`."""

    text: str
    hay: Hay
    grams: tuple[str, ...]

    @property
    def whole(self) -> str:
        """How it stands in the hay as a whole name."""
        return f"{BREAK}{self.text.strip(BREAK)}{BREAK}"

    @property
    def begun(self) -> str:
        """How the first name stands in the hay when it begins so."""
        return f"{BREAK}{self.text.strip(BREAK)}"


def lines_of(keys: Iterable[str]) -> str:
    """Each key once, on a line of its own."""
    return BREAK + "".join(f"{key}{BREAK}" for key in dict.fromkeys(keys) if key)


def grams_of(keys: Iterable[str], initials: Iterable[str], city: str, county: str) -> list[str]:
    """Every piece by which the agency is found, and its place."""
    found = {place(city), place(county)}
    for key in keys:
        found.update(key, map("".join, pairwise(key)))
    for letters in initials:
        found.update(f"{BEGINS}{letters[:n]}" for n in (1, 2))
        found.update(f"{LETTERS}{letters[at : at + 3]}" for at in range(len(letters) - 2))
    return sorted(found)


def searched_by(keys: Sequence[str], initials: Sequence[str], city: str, county: str) -> dict[str, Any]:
    """The columns by which an agency with these names, its own first, is found."""
    return {
        "name_key": keys[0],
        "name_lines": lines_of(keys),
        "initial_lines": lines_of(initials),
        "grams": grams_of(keys, initials, city, county),
    }


def place(code: str) -> str:
    """A city or county among the pieces."""
    return f"{PLACE}{code}"


def needle_of(asked: str) -> Needle | None:
    """What to look for; None when nothing is left of it without spaces and brackets.

    Letters are initials: one or two of them the beginning, three and more any part.
    """
    key = name_key(asked)
    if not key:
        return None
    if not (key.isascii() and key.isalnum()) or (len(key) < 3 and not key.isalpha()):
        pieces = set(_pieces(key, 2))
        return Needle(key, Hay.NAMES, tuple(sorted(pieces - OF_MOST or pieces)))
    if len(key) < 3:
        return Needle(f"{BREAK}{key}", Hay.INITIALS, (f"{BEGINS}{key}",))
    return Needle(key, Hay.INITIALS, tuple(sorted({f"{LETTERS}{piece}" for piece in _pieces(key, 3)})))


def number_of(asked: str) -> str:
    """A code or a registration number as it is stored, "" when what was asked does not look like one."""
    compact = re.sub(r"[\s\-－—]", "", asked).upper()
    return compact if CODE.fullmatch(compact) else ""


def code_forms(code: str) -> set[str]:
    """The code, and of a unified one the organisation code in it: an agency is found by the one it had before."""
    return {code, code[8:17]} if len(code) == 18 else {code}


def _pieces(key: str, length: int) -> Iterator[str]:
    """Pieces that cover the key; of a long one every second, for each piece more is a list more to be read."""
    if len(key) < length:
        yield key
        return
    yield from (key[at : at + length] for at in range(0, len(key) - length + 1, 2 if len(key) > LONG else 1))
    yield key[-length:]
