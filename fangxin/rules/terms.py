"""A period as the documents write it: a number of 工作日 or of 日."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 9999


class Unit(StrEnum):
    """What is counted. The two are never mixed: 3日 and 3个工作日 end on different days."""

    WORKING_DAY = "工作日"
    DAY = "日"


@dataclass(frozen=True)
class Term:
    """So many 工作日, or so many 日."""

    n: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Term":
        """Reads `3个工作日`, `3 工作日`, `15日`. Raises ValueError saying what was expected."""
        match = re.fullmatch(r"\s*(\d{1,4})\s*(个?\s*工作日|日)\s*", text)
        if not match or int(match[1]) == 0:
            raise ValueError(f"期限“{text.strip()}”看不懂：应写作“3个工作日”或“15日”，数字为1至{LONGEST}")
        return cls(int(match[1]), Unit.DAY if match[2] == "日" else Unit.WORKING_DAY)

    def __str__(self) -> str:
        return f"{self.n}个工作日" if self.unit is Unit.WORKING_DAY else f"{self.n}日"
