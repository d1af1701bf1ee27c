"""A decision table: rows with conditions, of which exactly one may match."""

from collections.abc import Iterable, Mapping
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    """A row matches when every condition in `when` equals the fact of the same name."""

    @property
    def key(self) -> str: ...

    @property
    def when(self) -> Mapping[str, str]: ...


R = TypeVar("R", bound=Row)


class NoRowMatches(LookupError):
    """No row decides these facts; the message lists what the table can decide."""


class SeveralRowsMatch(LookupError):
    """Two rows decide the same facts: the table, not the case, is at fault."""


class DecisionTable(Generic[R]):
    """Rows under the hit policy *unique*: one row decides, none is an answer, two is an error."""

    def __init__(self, title: str, rows: Iterable[R]) -> None:
        self.title = title
        self.rows = tuple(rows)

    def match(self, **facts: str) -> R:
        """The one row whose conditions these facts meet. Raises `NoRowMatches` or `SeveralRowsMatch`."""
        found = [row for row in self.rows if all(facts.get(name) == is_ for name, is_ in row.when.items())]
        if len(found) == 1:
            return found[0]
        asked = "，".join(f"{name}={fact}" for name, fact in facts.items())
        if found:
            raise SeveralRowsMatch(f"{self.title}：{asked} 同时符合 {'、'.join(row.key for row in found)}")
        known = "；".join("，".join(f"{name}={is_}" for name, is_ in row.when.items()) for row in self.rows)
        raise NoRowMatches(f"{self.title}：没有适用于 {asked} 的规定；现有：{known}")

    def overlapping(self) -> tuple[R, R] | None:
        """Two rows that some facts would meet together, if there are any."""
        for place, one in enumerate(self.rows):
            for other in self.rows[place + 1 :]:
                shared = one.when.keys() & other.when.keys()
                if all(one.when[name] == other.when[name] for name in shared):
                    return one, other
        return None
