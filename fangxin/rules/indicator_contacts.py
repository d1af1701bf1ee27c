"""What may be written in a field of each type: numbers and addresses that have a form of their own."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from fangxin.rules import identifiers
from fangxin.rules.identifiers import DASHES, FULL_WIDTH, IdentifierWrong
from fangxin.rules.indicator_texts import SEVERAL, UNSEEN, Kind, Wrong, clipped, half_width, written

if TYPE_CHECKING:
    from fangxin.rules.indicator_fields import Field

PERSON_ID = re.compile(r"[A-Z0-9()-]{5,}")
BLANK = re.compile(r"[\s-]")
HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")


def plain_code(text: str) -> str:
    """The text in half width, without blanks and hyphens."""
    return BLANK.sub("", text.translate(FULL_WIDTH).translate(DASHES))


class Identifier(Kind):
    """A number or an address that `fangxin.rules.identifiers` knows; `called` is what its messages call it."""

    called: ClassVar[str] = ""
    example: ClassVar[str] = ""
    pattern: ClassVar[str] = ""

    def read(self, raw: Any, on: date | None) -> str | None:
        text = written(raw)
        if not (text.isascii() and text.isprintable()):
            text = UNSEEN.sub("", text)
        if not text.strip():
            return None
        if self.field.several == 1:
            return self._one(text)
        found = dict.fromkeys(self._one(part) for part in SEVERAL.split(text) if part.strip())
        if len(found) > self.field.several:
            raise Wrong(f"最多填{self.field.several}个，现有{len(found)}个")
        return "；".join(found) or None

    def _one(self, text: str) -> str:
        try:
            return self._checked(text)
        except IdentifierWrong as wrong:
            message = str(wrong)
            whole = not (self.called and message.startswith(self.called))
            raise Wrong(message if whole else message.removeprefix(self.called), whole=whole) from None

    def _checked(self, text: str) -> str:
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        return super().schema() | (
            {"pattern": self.pattern} if self.pattern and self.field.several == 1 else {}
        )

    def hint(self) -> str:
        several = f"；可填{self.field.several}个，用分号隔开" if self.field.several > 1 else ""
        return f"{self.example}{several}"


class Telephone(Identifier):
    """Any telephone or fax number."""

    called, example = "联系电话", "如0591-87654321，或11位手机号码"

    def _checked(self, text: str) -> str:
        return identifiers.check_telephone(text)


class Email(Identifier):
    """A mailbox."""

    called, example = "电子信箱", "如zhangmin@example.cn"

    def _checked(self, text: str) -> str:
        return identifiers.check_email(text)


class Postcode(Identifier):
    """Six digits."""

    called, example, pattern = "邮政编码", "6位数字", r"^\d{6}$"

    def _checked(self, text: str) -> str:
        return identifiers.check_postcode(text)


class CompanyCode(Identifier):
    """A company's number, of one of the kinds the field allows."""

    checks: ClassVar[Mapping[str, tuple[int, str, Callable[[str], str]]]] = {
        "uscc": (18, "统一社会信用代码", identifiers.check_uscc),
        "org_code": (9, "组织机构代码", identifiers.check_org_code),
        "licence_no": (15, "营业执照注册号", identifiers.check_licence_no),
    }

    def __init__(self, field: "Field") -> None:
        super().__init__(field)
        self._checks = [self.checks[kind] for kind in field.kinds]

    def _checked(self, text: str) -> str:
        if len(text) > identifiers.LONGEST:
            raise Wrong(f"太长（{len(text)}个字符）；{self.hint()}")
        plain = text if text.isalnum() and text.isascii() else plain_code(text)
        for length, _, check in self._checks:
            if len(plain) == length:
                return check(text)
        raise Wrong(f"应当是{self.hint()}，填的是{len(plain)}位")

    def hint(self) -> str:
        return "或".join(f"{length}位{title}" for length, title, _ in self._checks)


class PersonId(Identifier):
    """The number of an identity paper. Which paper it is stands in another field, so only the form is looked at."""

    def _checked(self, text: str) -> str:
        number = half_width(text).replace(" ", "").upper()
        if not PERSON_ID.fullmatch(number) or len(number) > self.field.longest:
            raise Wrong("应当由数字、字母组成，不少于5位，请照证件填写")
        return number

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"maxLength": self.field.longest}

    def hint(self) -> str:
        return "照证件填写"


class Url(Kind):
    """The address of a site, reached by http or https."""

    def read(self, raw: Any, on: date | None) -> str | None:
        text = half_width(written(raw)).replace(" ", "")
        if not text:
            return None
        self._expect_length(text)
        address = text if "://" in text else f"http://{text}"
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
            sound = parts.scheme in ("http", "https") and not parts.username and (parts.port or 80) > 0
        except ValueError:
            host, sound = "", False
        if not sound or not HOST.fullmatch(host) or re.search(r"[\"'<>\\^`{|}]", address):
            raise Wrong(f"应当是网址，填的是“{clipped(text)}”；请按“www.example.cn”的样式填写")
        self._expect_length(address)
        return f"{parts.scheme}://{parts.netloc.lower()}{address.split(parts.netloc, 1)[1]}"

    def schema(self) -> dict[str, Any]:
        return super().schema() | {"maxLength": self.field.longest, "pattern": "^https?://"}

    def hint(self) -> str:
        return "如www.example.cn"
