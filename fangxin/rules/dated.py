"""Values that change with time: which one is in force on a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from fangxin.rules.reader import Located, into


class Starting(Protocol):
    """Anything in force from a day on; None means the text bears no date, so it has always been."""

    @property
    def starts_from(self) -> date | None: ...


S = TypeVar("S", bound=Starting)


class NotInForce(LookupError):
    """No value had begun on the day asked about; the message is for the officer who asked."""


def history(cls: type[S], key: str, node: Located, inherited: Mapping[str, Any]) -> tuple[S, ...]:
    """The successive values under `dated`, oldest first; what is said outside `dated` holds for each.

    Raises `RulebookBroken` when there is none, or when they are not in the order of their dates.
    """
    entries = node.get("dated")
    if not isinstance(entries, list) or not entries:
        raise node.broken(f"“{key}”需要 dated：至少一个写明 from 的值")
    outer = {name: value for name, value in node.items() if name != "dated"} | {"key": key}
    values = tuple(into(cls, _entry(entry, node).with_outer(outer), inherited) for entry in entries)
    begins = [value.starts_from or date.min for value in values]
    if any(later <= earlier for earlier, later in pairwise(begins)):
        raise node.broken(f"“{key}”的 from 应当由早到晚，不得重复", "dated")
    return values


def _entry(entry: Any, node: Located) -> Located:
    if not isinstance(entry, Located):
        raise node.broken("dated 的每一项应当是“键: 值”的形式", "dated")
    return entry


def in_force(values: Sequence[S], on: date) -> S:
    """The last value that had begun by `on`. Raises `NotInForce` when the first begins later."""
    for value in reversed(values):
        if (value.starts_from or date.min) <= on:
            return value
    raise NotInForce(f"{on} 尚无规定：最早的一条自 {values[0].starts_from} 起施行")
