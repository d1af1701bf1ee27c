"""What may be written in a field of each type: words, and what is chosen from a list.

A type reads whatever a form, a workbook or an interface hands over and returns the value in its normal
form, None when nothing is there, or raises `Wrong`. What it sends as JSON it reads again as the same value.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

from fangxin.rules.identifiers import DASHES, FULL_WIDTH

if TYPE_CHECKING:
    from fangxin.rules.indicator_fields import Field

# Characters that no keyboard writes and a database or a page cannot bear, and those nobody sees.
FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
UNSEEN = re.compile(
    "[\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
SEVERAL = re.compile(r"[;；、,，/／\n]+")
MIDDLE_DOTS = re.compile("[•‧・･．.]")
HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U0003ffff"
HAN_LETTER = re.compile(f"[{HAN}]")
NAME_MARKS = frozenset(" '’.·-")
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
REGISTRATION_NO = re.compile(r"[0-9A-Z\u3400-\u9fff()\[\]〔〕-]{4,}")


class Wrong(ValueError):
    """Not such a value. The message goes on from the field's title, unless it is `whole`: a sentence of its own."""

    def __init__(self, message: str, *, whole: bool = False) -> None:
        super().__init__(message)
        self.whole = whole


def written(raw: object) -> str:
    """The raw value as somebody would have typed it. Refuses what is no text, number or date."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        raise Wrong("应当是文字或数字，不能是“是”“否”")
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, int):
        # Python refuses to write out a whole number of thousands of digits.
        return str(raw) if abs(raw) < 10**30 else "9" * 31
    if isinstance(raw, Decimal):
        return f"{raw:f}" if raw.is_finite() and abs(raw.adjusted()) < 30 else str(raw)
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    raise Wrong("应当是文字或数字")


def seen(text: str) -> str:
    """The text without characters nobody sees. Refuses those that no keyboard writes."""
    if strange := FORBIDDEN.search(text):
        raise Wrong(f"含有不能使用的字符（U+{ord(strange[0]):04X}），请重新输入")
    return UNSEEN.sub("", text)


def one_line(text: str) -> str:
    """Composed, on one line, single blanks between words."""
    if not text.isprintable() or "  " in text:
        text = " ".join(seen(text).split())
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def many_lines(text: str) -> str:
    """Composed; blanks at line ends and more than one empty line in a row gone."""
    if not text.isprintable():
        text = LINE_ENDS.sub("\n", seen(text)).replace("\t", " ")
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n")))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def half_width(text: str) -> str:
    """One line, with full-width letters, digits and dashes made plain."""
    return one_line(text) if text.isascii() else one_line(text).translate(FULL_WIDTH).translate(DASHES)


def folded(text: str) -> str:
    """The text as choices are compared: widths, blanks and case apart."""
    if text.isascii() and text.isprintable():
        return text.casefold().replace(" ", "")
    return "".join(unicodedata.normalize("NFKC", seen(text)).casefold().split())


def clipped(text: str) -> str:
    """The text as a message quotes it: on one line, and not longer than twenty characters."""
    shown = " ".join(text.split())
    return shown if len(shown) <= 20 else f"{shown[:20]}…"


class Kind:
    """A type of field; each field has one of its own, made from its row in the catalogue."""

    json_type: ClassVar[str] = "string"

    def __init__(self, field: "Field") -> None:
        self.field = field

    def read(self, raw: Any, on: date | None) -> Any:
        """The value in its normal form, None when nothing is there. Raises `Wrong`."""
        raise NotImplementedError

    def display(self, value: Any) -> str:
        """The value as a reader sees it."""
        return str(value)

    def plain(self, value: Any) -> Any:
        """The value as JSON holds it."""
        return value

    def schema(self) -> dict[str, Any]:
        """What JSON Schema says of `plain`."""
        return {"type": self.json_type}

    def hint(self) -> str:
        """What is asked for, in a few words."""
        return ""

    def _expect_length(self, text: str) -> None:
        if len(text) > self.field.longest:
            raise Wrong(f"不得超过{self.field.longest}字，现有{len(text)}字")


class Text(Kind):
    """A line of words."""

    def __init__(self, field: "Field") -> None:
        super().__init__(field)
        self._form = re.compile(field.pattern) if field.pattern else None

    def read(self, raw: Any, on: date | None) -> str | None:
        text = one_line(raw if type(raw) is str else written(raw))
        if len(text) > self.field.longest:
            self._expect_length(text)
        if self._form and text and not self._form.fullmatch(text):
            raise Wrong(f"的格式不对，填的是“{clipped(text)}”；请按“{self.field.like}”的样式填写")
        return text or None

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"maxLength": self.field.longest}

    def hint(self) -> str:
        return f"不超过{self.field.longest}字"


class LongText(Text):
    """Words of several lines; every character counts, the line breaks too."""

    def read(self, raw: Any, on: date | None) -> str | None:
        text = many_lines(raw if type(raw) is str else written(raw))
        if len(text) > self.field.longest:
            self._expect_length(text)
        return text or None

    def hint(self) -> str:
        pictures = f"；图片不超过{self.field.pictures}张" if self.field.pictures else ""
        return super().hint() + pictures


class Reference(Text):
    """A number somebody gave: widths and blanks put right, so that the same number compares equal."""

    def read(self, raw: Any, on: date | None) -> str | None:
        text = one_line(raw if type(raw) is str else written(raw))
        if not text.isascii():
            # Brackets stay as printed: 〔〕 and （） belong to the number.
            text = "".join(c.translate(FULL_WIDTH) if c not in "（）" else c for c in text).translate(DASHES)
        text = text.replace(" ", "")
        self._expect_length(text)
        return text or None


class RegistrationNo(Text):
    """A broker's registration number. No form of it is published: letters, digits and 省市 characters."""

    def read(self, raw: Any, on: date | None) -> str | None:
        text = half_width(raw if type(raw) is str else written(raw)).replace(" ", "").upper()
        self._expect_length(text)
        if text and not REGISTRATION_NO.fullmatch(text):
            raise Wrong(f"应当由数字、字母组成，至少4位，填的是“{clipped(text)}”；请照注册证书填写")
        return text or None

    def hint(self) -> str:
        return "照注册证书填写"


class Person(Text):
    """A name of at least two letters; blanks between characters and odd middle dots are put right."""

    def read(self, raw: Any, on: date | None) -> str | None:
        name = one_line(raw if type(raw) is str else written(raw))
        if name.isalpha() and 1 < len(name) <= self.field.longest:
            return name
        if HAN_LETTER.search(name):
            name = MIDDLE_DOTS.sub("·", BETWEEN_HAN.sub("", name))
        self._expect_length(name)
        if name and not _is_a_name(name):
            raise Wrong(f"应当是姓名，填的是“{clipped(name)}”；请照证件填写，不要加数字或标点")
        return name or None

    def hint(self) -> str:
        return "照证件填写"


def _is_a_name(text: str) -> bool:
    """Whether the text is letters with single marks between them, of any script and of rare characters."""
    letters = [c.isalpha() or HAN_LETTER.match(c) is not None for c in text]
    marks_apart = all(
        one or other or text[at : at + 2] == ". " for at, (one, other) in enumerate(pairwise(letters))
    )
    marks_known = all(letter or c in NAME_MARKS for c, letter in zip(text, letters, strict=True))
    return letters[0] and sum(letters) > 1 and marks_apart and marks_known


class Manifold(Kind):
    """Several values of another type, each once, in the order given."""

    json_type = "array"
    of: ClassVar[type[Kind]]

    def __init__(self, field: "Field") -> None:
        super().__init__(field)
        self.one = self.of(field)

    def read(self, raw: Any, on: date | None) -> tuple[str, ...] | None:
        parts = raw if isinstance(raw, list | tuple) else SEVERAL.split(written(raw))
        found = dict.fromkeys(value for part in parts if (value := self.one.read(part, on)) is not None)
        if len(found) > self.field.several:
            raise Wrong(f"最多填{self.field.several}项，现有{len(found)}项")
        return tuple(found) or None

    def display(self, value: Any) -> str:
        return "、".join(self.one.display(part) for part in value)

    def plain(self, value: Any) -> list[Any]:
        return [self.one.plain(part) for part in value]

    def schema(self) -> dict[str, Any]:
        return super().schema() | {
            "items": self.one.schema(),
            "minItems": 1,
            "maxItems": self.field.several,
            "uniqueItems": True,
        }

    def hint(self) -> str:
        return "；".join(part for part in (self.one.hint(), "多项用顿号隔开") if part)


class People(Manifold):
    """Names of several people."""

    of = Person


class Choice(Kind):
    """One of a list; the value is its code. Code, title or another usual way of writing it will do."""

    def __init__(self, field: "Field") -> None:
        super().__init__(field)
        self.titles = field.options
        self._known = {code: code for code in self.titles}
        self._folded: dict[str, str] = {}
        for code, title in self.titles.items():
            self._known.setdefault(title, code)
            for way in (code, title, f"{code}{title}"):
                self._folded.setdefault(folded(way), code)
        for way, code in field.also.items():
            self._folded.setdefault(folded(way), code)

    def read(self, raw: Any, on: date | None) -> str | None:
        if type(raw) is str and raw in self._known:
            return self._known[raw]
        text = written(raw)
        if len(text) > 200:
            raise Wrong(f"不在可选的范围内；{self.hint()}")
        key = folded(text)
        if not key:
            return None
        if key not in self._folded:
            raise Wrong(f"“{clipped(text)}”不在可选的范围内；{self.hint()}")
        return self._folded[key]

    def display(self, value: Any) -> str:
        return self.titles.get(value, str(value))

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"enum": list(self.titles), "x-titles": dict(self.titles)}

    def hint(self) -> str:
        titles = list(self.titles.values())
        rest = f"等{len(titles)}项" if len(titles) > 8 else ""
        return f"可填：{'、'.join(titles[:8])}{rest}"


class Choices(Manifold):
    """Several of a list."""

    of = Choice


class Image(Kind):
    """Pictures kept elsewhere; the value holds their references."""

    json_type = "array"

    def read(self, raw: Any, on: date | None) -> tuple[str, ...] | None:
        parts: Iterable[Any] = raw if isinstance(raw, list | tuple) else (raw,)
        found = tuple(dict.fromkeys(part for each in parts if (part := one_line(written(each)))))
        if any(len(part) > 100 for part in found):
            raise Wrong("不是平台里的图片，请上传")
        expect_pictures(self.field, len(found))
        return found or None

    def display(self, value: Any) -> str:
        return f"{len(value)}张"

    def plain(self, value: Any) -> list[str]:
        return list(value)

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"items": {"type": "string"}, "maxItems": self.field.pictures}

    def hint(self) -> str:
        return f"图片，不超过{self.field.pictures}张"


def expect_pictures(field: "Field", count: int) -> None:
    """Raises `Wrong` when a field has more pictures than it may."""
    if count > field.pictures:
        raise Wrong(f"{'' if field.type == 'image' else '的图片'}不得超过{field.pictures}张，现有{count}张")
