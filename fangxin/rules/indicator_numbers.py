"""What may be written in a field of each type: numbers with their units, days and moments."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from fangxin.rules.indicator_texts import Kind, Wrong, clipped, half_width, written

ENDLESS = date.max
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
SHANGHAI = ZoneInfo("Asia/Shanghai")
# A workbook stores a date as the days since 1899-12-30; below these numbers it is a year or a mistake.
SERIAL_BEGINS, SERIAL_ENDS, SERIAL_ORIGIN = 10_000, 109_574, date(1899, 12, 30).toordinal()
NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
WHOLE = re.compile(r"[+-]?\d{1,15}(?:\.0+)?", re.ASCII)
DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d\d)(\d\d))(?!\d)",
    re.ASCII,
)
USUAL_PERIOD = re.compile(r"(\d{4}-\d\d-\d\d)[/至](\d{4}-\d\d-\d\d)", re.ASCII)
BETWEEN = re.compile(r"(?:自|从)?\|(?:起)?(?:至|到|~|-+|/|起至)\|(?:止)?")
WORDS_WITHOUT_END = frozenset({"长期", "长期有效", "永久", "永续", "无固定期限", "无期限", "9999-12-31"})


class Bounded(Kind):
    """A number that may be neither too small nor too large."""

    def _expect_bounds(self, number: Decimal | int) -> None:
        lowest, highest, unit = self.field.lowest, self.field.highest, self.field.unit
        if lowest is not None and number < lowest:
            raise Wrong(f"不得小于{lowest}{unit}，填的是{clipped(written(number))}")
        if highest is not None and number > highest:
            raise Wrong(f"不得大于{highest}{unit}，填的是{clipped(written(number))}；请核对")


class Integer(Bounded):
    """A whole number."""

    json_type = "integer"

    def read(self, raw: Any, on: date | None) -> int | None:
        if type(raw) is int or (type(raw) is float and raw.is_integer()):
            number = int(raw)
        else:
            text = half_width(written(raw)).replace(",", "").replace(" ", "").removesuffix(self.field.unit)
            if not text:
                return None
            if not WHOLE.fullmatch(text):
                raise Wrong(f"应当是整数，填的是“{clipped(text)}”")
            number = int(text.split(".")[0])
        self._expect_bounds(number)
        return number

    def display(self, value: Any) -> str:
        return f"{value}{self.field.unit}"

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.field.lowest, "maximum": self.field.highest}
        return super().schema() | {name: bound for name, bound in bounds.items() if bound is not None}

    def hint(self) -> str:
        return f"整数（{self.field.unit}）" if self.field.unit else "整数"


def decimal(text: str) -> Decimal:
    """The number as written, thousands separated or not. Raises `Wrong`."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    if not NUMBER.fullmatch(text):
        raise Wrong(f"应当是数，填的是“{clipped(text)}”")
    return Decimal(text)


def tidy(number: Decimal) -> Decimal:
    """The same number without zeros at its end: 500, not 500.00 and not 5E+2."""
    number = number.normalize()
    return number.quantize(Decimal(1)) if int(number.as_tuple().exponent) > 0 else number + 0


class Fraction(Bounded):
    """A number with decimals, in a unit; `finest` is how many decimals there may be."""

    finest: ClassVar[int] = 4
    units: ClassVar[Mapping[str, Decimal]] = {}
    dropped: ClassVar[re.Pattern[str]] = re.compile("")

    def read(self, raw: Any, on: date | None) -> Decimal | None:
        if type(raw) is float and raw.is_integer() and abs(raw) < 1e15:
            whole = Decimal(int(raw))
            self._expect_bounds(whole)
            return whole
        if isinstance(raw, float) and abs(raw) < 1e15:
            # A workbook's arithmetic leaves 0.30000000000000004.
            raw = Decimal(repr(round(raw, 8)))
        text = self.dropped.sub("", half_width(written(raw)).replace(" ", ""))
        if not text:
            return None
        times = next(
            ((unit, factor) for unit, factor in self.units.items() if text.endswith(unit)), ("", Decimal(1))
        )
        number = tidy(decimal(text.removesuffix(times[0])) * times[1])
        if int(number.as_tuple().exponent) < -self.finest:
            raise Wrong(f"最多{self.finest}位小数，填的是{clipped(f'{number:f}')}{self.field.unit}")
        self._expect_bounds(number)
        return number

    def display(self, value: Any) -> str:
        return f"{value:f}{self.field.unit}"

    def plain(self, value: Any) -> str:
        return f"{value:f}"

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": rf"^\d{{1,15}}(\.\d{{1,{self.finest}}})?$",
            "x-unit": self.field.unit,
        }

    def hint(self) -> str:
        return f"数（{self.field.unit}），最多{self.finest}位小数"


class Money(Fraction):
    """An amount in 万元, to the cent; one written with another unit of yuan is converted."""

    finest = 6

    units = {
        "亿元": Decimal(10_000),
        "亿": Decimal(10_000),
        "万元": Decimal(1),
        "万": Decimal(1),
        "元": Decimal("0.0001"),
    }
    dropped = re.compile(r"^(?:人民币|RMB|CNY|[¥￥])+|整$|(?<=元)人民币$", re.IGNORECASE)

    def _expect_bounds(self, number: Decimal | int) -> None:
        highest = self.field.highest
        if highest is not None and number > highest:
            raise Wrong(f"不得大于{highest}万元，填的是{clipped(f'{number:f}')}万元；请确认没有把元当成万元")
        super()._expect_bounds(number)


class Percent(Fraction):
    """A share of a hundred: 60 means 60%."""

    units = {"%": Decimal(1)}


def in_shanghai(moment: datetime) -> datetime:
    """The moment on a clock in Shanghai; one without a zone is taken for that already. Raises `Wrong`."""
    try:
        return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    except OverflowError:
        raise Wrong("不是可用的时间，请核对") from None


def a_day(text: str) -> date:
    """The day, in any of the usual forms. Raises `Wrong`."""
    parts = DAY.fullmatch(text)
    if not parts:
        raise Wrong(f"应当是日期，写到日，填的是“{clipped(text)}”；请按“2014-11-22”的样式填写")
    year, month, day = (int(part) for part in parts.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        raise Wrong(f"没有“{clipped(text)}”这一天，请核对") from None


class Day(Kind):
    """A day. Where the field allows it, a word for no end becomes 9999-12-31."""

    def read(self, raw: Any, on: date | None) -> date | None:
        day = self._day(raw)
        if day is None or (self.field.endless and day == ENDLESS):
            return day
        if not EARLIEST <= day <= LATEST:
            raise Wrong(f"应在{EARLIEST}至{LATEST}之间，填的是{day}，请核对")
        if on is not None and self.field.not_future and day > on:
            raise Wrong(f"不得晚于今天，填的是{day}，请核对")
        return day

    def _day(self, raw: Any) -> date | None:
        if isinstance(raw, datetime):
            return in_shanghai(raw).date()
        if isinstance(raw, date):
            return raw
        if isinstance(raw, int | float) and not isinstance(raw, bool) and SERIAL_BEGINS <= raw <= SERIAL_ENDS:
            return date.fromordinal(SERIAL_ORIGIN + int(raw))
        text = half_width(written(raw)).replace(" ", "")
        if not text:
            return None
        if self.field.endless and text in WORDS_WITHOUT_END:
            return ENDLESS
        return a_day(re.sub(r"(?<=[\d日])T?00:00(:00(\.0+)?)?$", "", text))

    def display(self, value: Any) -> str:
        return self.field.endless if self.field.endless and value == ENDLESS else str(value.isoformat())

    def plain(self, value: Any) -> str:
        return str(value.isoformat())

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"format": "date"}

    def hint(self) -> str:
        endless = f"，没有期限的填“{self.field.endless}”" if self.field.endless else ""
        return f"日期，如2014-11-22{endless}"


class Period(Kind):
    """From a day to a day, both included; the value is written `2014-11-22/2015-05-21`."""

    def read(self, raw: Any, on: date | None) -> str | None:
        text = "/".join(written(part) for part in raw) if isinstance(raw, list | tuple) else written(raw)
        usual = USUAL_PERIOD.fullmatch(text)
        text = "" if usual else half_width(text).replace(" ", "")
        if not usual and not text:
            return None
        days = usual.groups() if usual else [day[0] for day in DAY.finditer(text)]
        if not usual and (len(days) != 2 or not BETWEEN.fullmatch(DAY.sub("|", text))):
            raise Wrong(f"应当写明起止日期，填的是“{clipped(text)}”；请按“2014-11-22至2015-05-21”的样式填写")
        first, last = map(a_day, days)
        for day in (first, last):
            if not EARLIEST <= day <= LATEST:
                raise Wrong(f"应在{EARLIEST}至{LATEST}之间，填的是{day}，请核对")
        if first > last:
            raise Wrong(f"的止期{last}早于起期{first}，请核对")
        return f"{first}/{last}"

    def display(self, value: Any) -> str:
        return str(value).replace("/", "至")

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"pattern": r"^\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d$"}

    def hint(self) -> str:
        return "起止日期，如2014-11-22至2015-05-21"


class Moment(Kind):
    """A moment in Asia/Shanghai."""

    def read(self, raw: Any, on: date | None) -> datetime | None:
        if not isinstance(raw, datetime):
            text = half_width(written(raw))
            if not text:
                return None
            try:
                raw = datetime.fromisoformat(text)
            except ValueError:
                raise Wrong(
                    f"应当是时间，填的是“{clipped(text)}”；请按“2014-11-22 09:30”的样式填写"
                ) from None
        moment = in_shanghai(raw)
        if not EARLIEST <= moment.date() <= LATEST:
            raise Wrong(f"应在{EARLIEST}至{LATEST}之间，填的是{moment.date()}，请核对")
        return moment

    def display(self, value: Any) -> str:
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    def plain(self, value: Any) -> str:
        return str(value.isoformat())

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"format": "date-time"}

    def hint(self) -> str:
        return "时间，如2014-11-22 09:30"
