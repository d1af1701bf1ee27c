"""Numbers that identify a company, a person or a way to reach them: their form and their check digits.

Every `check_…` returns the number in its normal form, or raises `IdentifierWrong` with a sentence for the
person who typed it. That a number is well formed does not say that anybody bears it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import mul

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
USCC_AUTHORITIES = "123456789ANY"
USCC = re.compile(rf"[{USCC_AUTHORITIES}][{USCC_ALPHABET}][0-9]{{6}}[{USCC_ALPHABET}]{{10}}")

BLANKS, BLANKS_AND_HYPHENS = re.compile(r"[ \t\r\n]"), re.compile(r"[ \t\r\n-]")
PRINTABLE = re.compile(r"[!-~]*")
FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: " ", 0xA0: " "}
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")

# Longer than any identifier with its blanks; what is longer is refused before it is looked at.
LONGEST = 320


class IdentifierWrong(ValueError):
    """The text is not such a number; the message names the rule and the way on, in Chinese."""


class CompanyCodeKind(StrEnum):
    """The three numbers a company may give for itself."""

    USCC = "统一社会信用代码"
    ORG_CODE = "组织机构代码"
    LICENCE_NO = "营业执照注册号"


@dataclass(frozen=True)
class CompanyCode:
    """A company's number in its normal form, and which of the three it is."""

    kind: CompanyCodeKind
    text: str


def check_uscc(text: str) -> str:
    """The 18 characters of a unified social credit code, both check digits right (GB 32100-2015).

    Full-width and small letters, blanks and hyphens are put right. Raises `IdentifierWrong`.
    """
    title = CompanyCodeKind.USCC
    code = _plain(text, title, "请照营业执照填写18位代码")
    _expect_length(code, 18, title, "请照营业执照填写")
    _expect_uscc_characters(code)
    own = _org_check(code[8:16])
    if code[16] != own:
        raise IdentifierWrong(
            f"{title}第17位（组织机构代码的校验码）应为{own}，填的是{code[16]}；请核对第9至17位有无抄错"
        )
    last = _uscc_check(code[:17])
    if code[17] != last:
        way_on = "请核对第1至8位和第18位有无抄错"
        raise IdentifierWrong(f"{title}第18位校验码应为{last}，填的是{code[17]}；{way_on}")
    return code


def check_org_code(text: str) -> str:
    """The organisation code as `XXXXXXXX-X`, its check digit right (GB 11714-1997).

    Raises `IdentifierWrong`.
    """
    title = CompanyCodeKind.ORG_CODE
    code = _plain(text, title, "请照组织机构代码证填写9位代码")
    _expect_length(code, 9, title, "请照组织机构代码证填写")
    for place, character in enumerate(code, start=1):
        if character not in ORG_ALPHABET:
            raise IdentifierWrong(f"{title}第{place}位不能是“{character}”，只能是数字或大写字母")
    own = _org_check(code[:8])
    if code[8] != own:
        raise IdentifierWrong(f"{title}第9位校验码应为{own}，填的是{code[8]}；请核对9位有无抄错")
    return f"{code[:8]}-{code[8]}"


def check_licence_no(text: str) -> str:
    """The 15 digits of a business licence number, the last right by ISO 7064 MOD 11,10 (GS 15-2006).

    Raises `IdentifierWrong`.
    """
    title = CompanyCodeKind.LICENCE_NO
    code = _plain(text, title, "请照旧版营业执照填写15位数字")
    _expect_length(code, 15, title, "2015年10月以后的执照请改填18位统一社会信用代码")
    _expect_digits(code, title)
    own = _mod_11_10(code[:14])
    if code[14] != own:
        raise IdentifierWrong(f"{title}第15位校验码应为{own}，填的是{code[14]}；请核对15位有无抄错")
    return code


def check_company_code(text: str) -> CompanyCode:
    """Whichever of the three company numbers this is, told by its length. Raises `IdentifierWrong`."""
    code = _plain(text, "企业代码", "请填写18位统一社会信用代码")
    checks: dict[int, tuple[CompanyCodeKind, Callable[[str], str]]] = {
        18: (CompanyCodeKind.USCC, check_uscc),
        9: (CompanyCodeKind.ORG_CODE, check_org_code),
        15: (CompanyCodeKind.LICENCE_NO, check_licence_no),
    }
    if len(code) not in checks:
        raise IdentifierWrong(
            f"企业代码应为18位（统一社会信用代码）、9位（组织机构代码）或15位（营业执照注册号），填的是{len(code)}位"
        )
    kind, check = checks[len(code)]
    return CompanyCode(kind, check(code))


def org_code_of(uscc: str) -> str:
    """The organisation code within a unified social credit code. Raises `IdentifierWrong`."""
    code = check_uscc(uscc)
    return f"{code[8:16]}-{code[16]}"


def check_id_card(text: str, *, on: date) -> str:
    """The 18 characters of a resident identity number (GB 11643-1999), its holder born by `on`.

    The division is not looked up: a card keeps the code of the first registration, which may be long
    gone. The old numbers of 15 digits are refused. Raises `IdentifierWrong`.
    """
    title = "居民身份证号码"
    code = _plain(text, title, "请照身份证填写18位号码")
    if len(code) == 15 and _digits(code):
        raise IdentifierWrong(f"{title}是15位旧号码，已停止使用；请照现行身份证填写18位号码")
    _expect_length(code, 18, title, "请照身份证填写")
    _expect_digits(code[:17], title)
    if not (_digits(code[17]) or code[17] == "X"):
        raise IdentifierWrong(f"{title}第18位不能是“{code[17]}”，只能是数字或X")
    try:
        born_on = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        raise IdentifierWrong(f"{title}第7至14位“{code[6:14]}”不是存在的出生日期，请核对") from None
    if born_on > on:
        raise IdentifierWrong(f"{title}第7至14位的出生日期{born_on}在将来，请核对")
    own = ID_CHECKS[sum(map(mul, map(int, code[:17]), ID_WEIGHTS)) % 11]
    if code[17] != own:
        raise IdentifierWrong(f"{title}第18位校验码应为{own}，填的是{code[17]}；请核对18位有无抄错")
    return code


def check_mobile(text: str) -> str:
    """The 11 digits of a mobile number; +86 before it is dropped. Raises `IdentifierWrong`."""
    title = "手机号码"
    number = _without_country(_plain(text, title, "请填写11位手机号码"))
    _expect_length(number, 11, title, "请核对有无漏填")
    _expect_digits(number, title)
    if not re.fullmatch(r"1[3-9]\d{9}", number, re.ASCII):
        raise IdentifierWrong(f"{title}应以13至19开头，填的是“{number[:2]}”；固定电话请填在联系电话栏")
    return number


TELEPHONE = re.compile(
    r"""1[3-9]\d{9}                                # mobile
      | [48]00-?\d{3}-?\d{4}                      # 400 and 800
      | (0\d{2,3}-?)? \d{7,8} (-\d{1,6})?         # fixed, with area code and extension
      | [19]\d{4}                                 # short, such as 12345""",
    re.ASCII | re.VERBOSE,
)
# As most people write them, and as they are kept.
USUAL_TELEPHONE = re.compile(r"1[3-9]\d{9}|(?:010|02\d|0[3-9]\d{2})-\d{7,8}", re.ASCII)
AREA = re.compile(r"(010|02\d|0[3-9]\d{2})-?(\d{7,8})(-\d{1,6})?", re.ASCII)


def check_telephone(text: str) -> str:
    """Any telephone number: mobile, fixed, 400 or 800, or short such as 12345.

    A fixed number comes back with a hyphen after its area code and before its extension. Raises
    `IdentifierWrong`.
    """
    title = "联系电话"
    if USUAL_TELEPHONE.fullmatch(text):
        return text
    example = "请按“010-12345678”“010-12345678-801”或者11位手机号码的样式填写"
    number = re.sub(r"转|分机|ext\.?|#|\)", "-", _half_width(text, title, example), flags=re.IGNORECASE)
    number = _plain(number.replace("(", ""), title, example, hyphens=True)
    number = re.sub(r"-+", "-", _without_country(number)).strip("-")
    if not TELEPHONE.fullmatch(number):
        raise IdentifierWrong(f"{title}不是认得的号码；{example}")
    if parts := AREA.fullmatch(number):
        return f"{parts[1]}-{parts[2]}{parts[3] or ''}"
    return number


def check_postcode(text: str) -> str:
    """The six digits of a postcode. Raises `IdentifierWrong`."""
    title = "邮政编码"
    code = _plain(text, title, "请填写6位数字")
    _expect_length(code, 6, title, "请核对")
    _expect_digits(code, title)
    return code


EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)


def check_email(text: str) -> str:
    """An address of the ordinary form name@host.cn, the host in small letters.

    Only the form is looked at: whether the mailbox exists, a letter sent to it will tell. Quoted names,
    addresses by number and names outside ASCII are refused. Raises `IdentifierWrong`.
    """
    title = "电子信箱"
    example = "请按“zhangmin@example.cn”的样式填写"
    address = _half_width(text, title, example).strip(" \t\r\n")
    if not address:
        raise IdentifierWrong(f"{title}没有填写；{example}")
    name, _, host = address.rpartition("@")
    if not EMAIL.fullmatch(address) or len(name) > 64 or len(host) > 253:
        raise IdentifierWrong(f"{title}不是“名称@域名”的样式；{example}")
    return f"{name}@{host.lower()}"


def _half_width(text: str, title: str, way_on: str) -> str:
    """The text with full-width characters and dashes made plain. Refuses what is far too long."""
    if len(text) > LONGEST:
        raise IdentifierWrong(f"{title}太长（{len(text)}个字符）；{way_on}")
    return text if text.isascii() else text.translate(FULL_WIDTH).translate(DASHES)


def _plain(text: str, title: str, way_on: str, *, hyphens: bool = False) -> str:
    """Half-width capitals without blanks, and without hyphens unless they are wanted.

    Refuses what is empty, far too long, or holds any character other than printable ASCII.
    """
    plain = (BLANKS if hyphens else BLANKS_AND_HYPHENS).sub("", _half_width(text, title, way_on))
    if not plain:
        raise IdentifierWrong(f"{title}没有填写；{way_on}")
    # Looked for before the letters are made capitals: that would turn ß into SS and ı into I.
    strange = None if PRINTABLE.fullmatch(plain) else next(c for c in plain if not "!" <= c <= "~")
    if strange:
        shown = strange if strange.isprintable() else f"不可见字符U+{ord(strange):04X}"
        raise IdentifierWrong(f"{title}含有不能使用的字符“{shown}”；{way_on}")
    return plain.upper()


def _expect_length(code: str, length: int, title: str, way_on: str) -> None:
    if len(code) != length:
        raise IdentifierWrong(f"{title}应为{length}位，填的是{len(code)}位；{way_on}")


def _expect_uscc_characters(code: str) -> None:
    title = CompanyCodeKind.USCC
    if USCC.fullmatch(code):
        return
    for place, character in enumerate(code, start=1):
        if character in "IOSVZ":
            raise IdentifierWrong(
                f"{title}不使用字母I、O、S、V、Z，第{place}位“{character}”可能是1、0、5、U或2"
            )
        if character not in USCC_ALPHABET:
            raise IdentifierWrong(f"{title}第{place}位不能是“{character}”，只能是数字或大写字母")
        if 3 <= place <= 8 and not _digits(character):
            raise IdentifierWrong(f"{title}第3至8位是行政区划数字，第{place}位填的是“{character}”")
    if code[0] not in USCC_AUTHORITIES:
        raise IdentifierWrong(f"{title}第1位是登记管理部门代码，没有“{code[0]}”；企业应为9，请核对")


def _expect_digits(code: str, title: str) -> None:
    if code and _digits(code):
        return
    for place, character in enumerate(code, start=1):
        if not _digits(character):
            raise IdentifierWrong(f"{title}第{place}位应为数字，填的是“{character}”")


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _without_country(number: str) -> str:
    """The number as dialled within China: 86 dropped, and 0 put before an area code that lost it."""
    abroad = re.fullmatch(r"(?:\+|00)86-*(.+)|86(1[3-9]\d{9})", number, re.ASCII)
    if not abroad:
        return number
    home = abroad[1] or abroad[2]
    return home if re.match(r"0|1[3-9]\d{9}$|[48]00", home) else f"0{home}"


def _uscc_check(body: str) -> str:
    total = sum(map(mul, map(USCC_ALPHABET.index, body), USCC_WEIGHTS))
    return USCC_ALPHABET[-total % 31]


def _org_check(body: str) -> str:
    total = sum(map(mul, map(ORG_ALPHABET.index, body), ORG_WEIGHTS))
    return "0123456789X"[-total % 11]


def _mod_11_10(body: str) -> str:
    rest = 10
    for digit in body:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return str((11 - rest) % 10)
