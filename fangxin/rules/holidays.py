"""One year of the calendar, as the State Council's notice gives it: days off, and weekends worked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from fangxin.rules.reader import broken, into, read_yaml


class Status(StrEnum):
    """Whether the year's notice has been published, or only the statutory days are known."""

    PUBLISHED = "published"
    PROVISIONAL = "provisional"


@dataclass(frozen=True)
class Holiday:
    """Consecutive days off under one name, both ends included."""

    from_: date
    to: date
    name: str

    def __post_init__(self) -> None:
        if self.to < self.from_:
            raise ValueError(f"{self.name}放假：{self.to} 早于 {self.from_}")

    def days(self) -> Iterator[date]:
        """Every day of the holiday, weekends within it as well."""
        for ordinal in range(self.from_.toordinal(), self.to.toordinal() + 1):
            yield date.fromordinal(ordinal)


@dataclass(frozen=True)
class Year:
    """A calendar file. Its days lie in its own year, and no day is both off and worked."""

    year: int
    status: Status
    notice: str | None
    issued_on: date | None
    source: str
    checked_on: date
    off: tuple[Holiday, ...]
    work: tuple[date, ...]
    note: str | None = None

    def __post_init__(self) -> None:
        off = [day for holiday in self.off for day in holiday.days()]
        for day in (*off, *self.work):
            if day.year != self.year:
                raise ValueError(f"{day} 不在{self.year}年")
        for days in (off, self.work):
            if len(set(days)) != len(days):
                raise ValueError(f"{self.year}年有的日期写了两遍")
        for day in self.work:
            if day in off:
                raise ValueError(f"{day} 既放假又上班")
            if day.weekday() < 5:
                raise ValueError(f"{day} 不是周末，无须写作调休上班")

    def names(self) -> dict[date, str]:
        """The name of the holiday for every day off."""
        return {day: holiday.name for holiday in self.off for day in holiday.days()}

    def working_days(self) -> Iterator[date]:
        """Every day worked: weekdays that are not off, and the make-up weekends (调休)."""
        off, work = self.names(), set(self.work)
        day = date(self.year, 1, 1)
        while day.year == self.year:
            if day in work or (day.weekday() < 5 and day not in off):
                yield day
            day += timedelta(days=1)


def read_year(path: Path) -> Year:
    """The year a file such as `calendar/2026.yaml` describes. Raises `RulebookBroken`."""
    year = into(Year, read_yaml(path))
    if path.stem != str(year.year):
        raise broken(path, 1, f"文件名是 {path.stem}，内容却是{year.year}年")
    return year
