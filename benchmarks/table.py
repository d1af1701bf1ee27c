"""The table: what was measured, the goal, and whether it was met."""

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Line:
    """One figure; `goal` is the most it may be, None where the figure is only told."""

    what: str
    figure: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.goal is None else self.figure <= self.goal

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {**asdict(self), "met": self.met}


def shown(lines: Iterable[Line]) -> str:
    """The lines as a table of text."""
    cells = [("what", "figure", "goal", "", "")]
    for line in lines:
        goal = "" if line.goal is None else f"≤ {line.goal:g}"
        verdict = {None: "", True: "met", False: "NOT MET"}[line.met]
        cells.append(
            (
                line.what,
                f"{line.figure:.{2 if line.figure < 100 else 0}f} {line.unit}",
                goal,
                verdict,
                line.note,
            )
        )
    widths = [max(_width(row[at]) for row in cells) for at in range(5)]
    return "\n".join(
        "  ".join(_padded(cell, widths[at], at == 1) for at, cell in enumerate(row)).rstrip() for row in cells
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int, right: bool) -> str:
    blank = " " * (width - _width(text))
    return blank + text if right else text + blank
