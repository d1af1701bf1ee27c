"""What in a citizen's words could tell a company who wrote them, found and proposed for masking.

It prefills the 转办摘要 and nothing more: an officer looks at every mark and approves the text. Some
disguises cannot be found by rule (a nickname, a homophone, what only the two parties know), so the officer
reads it all.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from fangxin.complaints.redaction_words import (
    AFTER_A_NAME,
    COMPOUND_SURNAMES,
    DOUBTFUL_SURNAMES,
    NOT_A_GIVEN_NAME,
    NOT_A_NAME,
    ORGANISATION_ENDS,
    PLACE_ENDS,
    SURNAMES,
    TITLES,
)


class Kind(StrEnum):
    """What a mark hides."""

    NAME = "姓名"
    PHONE = "电话"
    ID_CARD = "身份证号"
    EMAIL = "电子邮箱"
    CHAT = "微信/QQ"
    ADDRESS = "地址门牌"
    PLATE = "车牌"
    BANK = "银行账号"
    OTHER = "其他号码"


class KnownKind(StrEnum):
    """Which of the complainant's own entries a known string is."""

    NAME = "name"
    PHONE = "telephone"
    ID_NUMBER = "id_number"
    EMAIL = "email"
    ADDRESS = "address"
    POSTCODE = "postcode"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class KnownString:
    """One entry of the complainant's sealed identity, opened for this search; `kind` is a `KnownKind`."""

    kind: str
    text: str

    def __repr__(self) -> str:
        # A repr reaches logs and error pages.
        return f"KnownString({self.kind})"


@dataclass(frozen=True, slots=True)
class Mark:
    """`text[start:end] == found` is proposed to read `replacement`; `why` tells the officer the reason."""

    start: int
    end: int
    kind: Kind
    found: str
    replacement: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A 转办摘要 to begin from; `marks` count in `source`, the title on the first line, then the text."""

    source: str
    text_masked: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: Kind
    why: str


# --- the copy that is searched --------------------------------------------------------------------------

_INVISIBLE = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f"}
_NUMERALS = str.maketrans(
    "零〇○◯一壹弌幺二贰貳弍三叁參叄弎四肆五伍六陆陸七柒八捌九玖",
    "0000" + "1111" + "2222" + "33333" + "44" + "55" + "666" + "77" + "88" + "99",
)


class _Folds(dict[str, str]):
    """Each character as it is compared: forms united, invisible ones gone, digits of any script plain."""

    def __missing__(self, char: str) -> str:
        if char in _INVISIBLE or (
            unicodedata.category(char) in {"Cf", "Mn", "Me", "Cc"} and char not in "\n\t\r"
        ):
            folded = ""
        else:
            folded = unicodedata.normalize("NFKC", char)
            folded = "".join(
                str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None and not c.isascii() else c
                for c in folded
                if unicodedata.category(c) not in {"Mn", "Me", "Cf"}
            )
        if len(self) < 50_000:
            self[char] = folded
        return folded


_FOLDS = _Folds()


class _Copy:
    """The text as it is searched: `plain`, and `digits` of equal length in which numerals are digits."""

    def __init__(self, text: str) -> None:
        folds = _FOLDS
        pieces = [folds[char] for char in text]
        self.text = text
        self.plain = "".join(pieces)
        if len(self.plain) == len(text) and all(pieces):
            self.at: Sequence[int] = range(len(text))
        else:
            self.at = [i for i, piece in enumerate(pieces) for _ in piece]
        self.digits = self.plain.translate(_NUMERALS)
        self.upper = _upper(self.plain)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the original; what clings invisibly to its last character belongs to it."""
        begin, stop = self.at[start], self.at[end - 1] + 1
        while stop < len(self.text) and not _FOLDS[self.text[stop]]:
            stop += 1
        return begin, stop


def _upper(text: str) -> str:
    return "".join(c.upper() if c.isascii() else c for c in text) if not text.isascii() else text.upper()


# --- words ----------------------------------------------------------------------------------------------

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_SURNAME = f"(?:{COMPOUND_SURNAMES}|[{SURNAMES}])"
_TITLE = f"(?:{TITLES})"
_GAP = r"[^\w，。！？；：!?;:\n（）()《》]"
_NOT_GIVEN = re.compile(f"(?:{NOT_A_GIVEN_NAME})")
_ORGANISATION = re.compile(f"(?:{ORGANISATION_ENDS})$")
_PLACE_AFTER = re.compile(f"[东西南北中]?(?:{PLACE_ENDS})")


# --- numbers --------------------------------------------------------------------------------------------

_RUN = re.compile(
    r"[0-9](?:[^\w，。！？；：!?;:《》]{0,3}+[0-9])*+(?:[^\w，。！？；：!?;:《》]{0,2}[Xx](?![A-Za-z0-9]))?"
)
_MOBILE = re.compile(r"(?:0|(?:00)?86)?1[3-9][0-9]{9}")
_ID_18 = re.compile(
    r"[1-8][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
)
_ID_15 = re.compile(r"[1-6][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
_LANDLINE = re.compile(r"(?:86)?0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_LANDLINE_PARTED = re.compile(r"\(?0[0-9]{2,3}[)\-—– ]{1,3}[0-9]{7,8}(?![0-9]|\.[0-9])")
_NOT_A_PHONE_AFTER = re.compile(r"\s{0,2}(?:元|万|亿|平|㎡|m2|%|吨|号文|份|人|户|年)")
_PUBLIC_LINE = re.compile(r"[48]00[0-9]{7}")

_LABEL_PHONE = re.compile(
    r"(?:电话|手机|座机|固话|传真|致电|拨打|联系方式|号码|tel|phone|mobile)[^0-9，。；\n]{0,6}$", re.I
)
_LABEL_ID = re.compile(r"(?:身份证|证件|公民身份)[^0-9，。；\n]{0,8}$")
_LABEL_BANK = re.compile(r"(?:银行卡|卡号|账号|帐号|账户|帐户|存折|开户行|汇款至|转账至)[^0-9；\n]{0,14}$")
_LABEL_CHAT = re.compile(
    r"(?:微信|威信|薇信|微(?=号)|v信|vx|wx|weixin|wechat|qq|扣扣|企鹅号|抖音|快手|支付宝|加v|加q|q)"
    r"(?!公众|平台|小程序|支付|转账|付款|缴费)(?:群)?[^0-9a-z，。；\n]{0,6}$",
    re.I,
)
_ANY_LABEL = re.compile(r"[^\W0-9]")
_TYPED_LENGTHS = {10, 11, 12, 13, 14, 15, 16, 18}
_LABELS = (
    (_LABEL_ID, 6, 18, Kind.ID_CARD, "“身份证”后的号码"),
    (_LABEL_BANK, 9, 23, Kind.BANK, "“账号、卡号”后的号码"),
    (_LABEL_CHAT, 5, 12, Kind.CHAT, "“微信、QQ”后的号码"),
    (_LABEL_PHONE, 7, 12, Kind.PHONE, "“电话、联系方式”后的号码"),
)
_LABEL_PUBLIC = re.compile(
    r"(?:许可证|预售证|售证|证字|字第|文号|案号|备案号?|文件|执照|信用代码|资质|工单|受理编?号|第|证号)[^0-9，。；\n]{0,8}$"
)
_TAIL = re.compile(
    r"(?:尾号|尾数|[后末]\s?[3-6]\s?位(?:数字?)?)[^0-9，。；\n]{0,4}([0-9](?:[\s\-.]?[0-9]){2,5})(?![0-9])"
)
_MASKED_PHONE = re.compile(
    r"(?<![0-9A-Za-z])(?:\+?86[\s\-]?)?1[3-9](?:[0-9]{1,6}[\s\-]?)?[*xX×#•●○某]{3,9}[\s\-]?[0-9]{0,4}(?![0-9])"
)
_MASKED_ID = re.compile(r"(?<![0-9A-Za-z])[1-8][0-9]{2,13}[*xX×#•●]{3,15}[0-9]{0,4}[Xx]?(?![0-9])")
_STARS = r"[0-9]{0,6}[*×xX#•●]{4,24}[0-9]{0,4}[Xx]?"
_LABELLED_STARS = re.compile(
    rf"(身份证|证件号|电话|手机|座机|联系方式|联系人|QQ|微信号?|账号|卡号)[^0-9*×#•●，。；\n]{{0,6}}({_STARS})",
    re.I,
)


@dataclass(slots=True)
class _Run:
    """Digits that may belong together, and where each stands; at `cuts` a number may begin or end."""

    digits: str
    at: list[int]
    cuts: list[int]
    listed: bool
    """Parted by commas: a number only if each digit stands alone."""


def _runs(copy: _Copy) -> Iterator[_Run]:
    plain, folded = copy.plain, copy.digits
    for found in _RUN.finditer(folded):
        digits: list[str] = []
        at: list[int] = []
        cuts: list[int] = []
        listed = False
        for i in range(found.start(), found.end()):
            char = folded[i]
            if char not in "0123456789Xx":
                listed = listed or char in ",、"
                continue
            # A numeral may merely stand beside a number (业主之一139…), so a change of script parts too.
            if not at or at[-1] != i - 1 or plain[i].isascii() != plain[i - 1].isascii():
                cuts.append(len(digits))
            digits.append(char.upper())
            at.append(i)
        cuts.append(len(digits))
        yield _Run("".join(digits), at, cuts, listed)


def _number_spans(copy: _Copy, known: Sequence[KnownString]) -> Iterator[_Span]:
    folded = copy.digits
    wanted = _known_digits(known)
    for run in _runs(copy):
        if len(run.digits) < 5:
            yield from _postcode_spans(run, wanted)
            continue
        taken = 0
        for i, first in enumerate(run.cuts[:-1]):
            if first < taken:
                continue
            span = _typed_number(copy, run, i)
            if span is not None:
                last, kind, why = span
                yield _Span(run.at[first], run.at[last - 1] + 1, kind, why)
                taken = last
        yield from _known_digit_spans(run, wanted)
        yield from _postcode_spans(run, wanted)
    for found in _LANDLINE_PARTED.finditer(folded):
        if found.start() and folded[found.start() - 1].isdigit():
            continue
        yield _Span(found.start(), found.end(), Kind.PHONE, "像固定电话（区号＋号码）")
    for found in _TAIL.finditer(folded):
        tail = re.sub(r"[^0-9]", "", found[1])
        own = any(digits.endswith(tail) for digits, kind, _ in wanted if kind is Kind.PHONE)
        why = "是投诉人登记电话的尾号" if own else "号码的尾号可让人认出本人"
        yield _Span(found.start(1), found.end(1), Kind.PHONE if own else Kind.OTHER, why)
    for found in _MASKED_PHONE.finditer(folded):
        yield _Span(found.start(), found.end(), Kind.PHONE, "遮了一部分的手机号")
    for found in _MASKED_ID.finditer(folded):
        if 14 <= found.end() - found.start() <= 19:
            yield _Span(found.start(), found.end(), Kind.ID_CARD, "遮了一部分的身份证号")
    for found in _LABELLED_STARS.finditer(folded):
        kind = Kind.ID_CARD if "证" in found[1] else Kind.PHONE
        kind = (
            Kind.CHAT
            if found[1].lower()[:2] in {"qq", "微信"}
            else Kind.BANK
            if "号" in found[1][1:] and "证" not in found[1]
            else kind
        )
        yield _Span(found.start(2), found.end(2), kind, f"“{found[1]}”后的号码")


def _typed_number(copy: _Copy, run: _Run, i: int) -> tuple[int, Kind, str] | None:
    """(end in `run.digits`, kind, why) of the number that begins at the i-th cut, the longest first."""
    cuts, first = run.cuts, run.cuts[i]
    start = run.at[first]
    before = copy.digits[max(0, start - 24) : start]
    ends = [end for end in cuts[i + 1 : i + 24] if end - first <= 24]
    if not ends:
        return (cuts[i + 1], Kind.OTHER, "很长的号码") if not _LABEL_PUBLIC.search(before) else None
    window = cuts[i : i + 24]
    alone = all(b - a == 1 for a, b in pairwise(window))
    for end in reversed(ends):
        if run.listed and end != cuts[i + 1] and not alone:
            continue
        size, together = end - first, end == cuts[i + 1]
        how = "" if together else "（分段书写）"
        number = run.digits[first:end] if size in _TYPED_LENGTHS else ""
        if size == 18 and _ID_18.fullmatch(number):
            return end, Kind.ID_CARD, f"像身份证号{how}"
        if size == 15 and together and _ID_15.fullmatch(number):
            return end, Kind.ID_CARD, "像15位身份证号"
        mobile = _MOBILE.fullmatch(number) and not _NOT_A_PHONE_AFTER.match(copy.digits, run.at[end - 1] + 1)
        if mobile and not _LABEL_PUBLIC.search(before):
            return end, Kind.PHONE, f"像手机号{how}"
        if together and _LANDLINE.fullmatch(number) and not _LABEL_PUBLIC.search(before):
            return end, Kind.PHONE, "像固定电话"
    return _labelled_number(run, first, ends, before)


def _labelled_number(run: _Run, first: int, ends: list[int], before: str) -> tuple[int, Kind, str] | None:
    if run.listed:
        ends = ends[:1]
    for label, least, most, kind, why in _LABELS if _ANY_LABEL.search(before) else ():
        end = max((e for e in ends if e - first <= most), default=first)
        if end - first >= least and label.search(before):
            public = kind is Kind.PHONE and _PUBLIC_LINE.fullmatch(run.digits[first:end])
            return None if public else (end, kind, why)
    if _LABEL_PUBLIC.search(before):
        return None
    for end in reversed(ends) if run.digits[first] in "3456" else ():
        number = run.digits[first:end]
        if 16 <= len(number) <= 19 and number.isdigit() and _luhn(number):
            return end, Kind.BANK, "像银行卡号"
    if ends[0] - first >= 15 and not run.digits[first:].startswith(("91", "92", "93")):
        return ends[0], Kind.OTHER, "很长的号码"
    return None


def _luhn(number: str) -> bool:
    odd, even = number[-1::-2], number[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0


def _known_digits(known: Sequence[KnownString]) -> list[tuple[str, Kind, str]]:
    kinds = {
        KnownKind.PHONE: (Kind.PHONE, "电话"),
        KnownKind.ID_NUMBER: (Kind.ID_CARD, "证件号"),
        KnownKind.POSTCODE: (Kind.OTHER, "邮编"),
        KnownKind.OTHER: (Kind.OTHER, "号码"),
    }
    wanted = []
    for entry in known:
        if entry.kind not in kinds:
            continue
        digits = re.sub(r"[^0-9X]", "", _Copy(entry.text).digits.upper())
        if entry.kind == KnownKind.PHONE and len(digits) > 11:
            digits = re.sub(r"^(?:00)?86", "", digits)
        if len(digits) >= 5:
            kind, title = kinds[KnownKind(entry.kind)]
            wanted.append((digits, kind, title))
    return wanted


def _known_digit_spans(run: _Run, wanted: list[tuple[str, Kind, str]]) -> Iterator[_Span]:
    """Seven digits in a row that are the complainant's own, forwards or backwards, however parted."""
    for digits, kind, title in wanted:
        if title == "邮编":
            continue
        least = min(7, len(digits))
        for own, how in ((digits, ""), (digits[::-1], "（倒写）")):
            seeds = {own[i : i + least] for i in range(len(own) - least + 1)}
            i, stop = 0, len(run.digits) - least
            while i <= stop:
                if run.digits[i : i + least] not in seeds:
                    i += 1
                    continue
                end = i + least
                while end < len(run.digits) and run.digits[end - least + 1 : end + 1] in seeds:
                    end += 1
                yield _Span(run.at[i], run.at[end - 1] + 1, kind, f"与投诉人登记的{title}相同{how}")
                i = end


def _postcode_spans(run: _Run, wanted: list[tuple[str, Kind, str]]) -> Iterator[_Span]:
    for digits, kind, title in wanted:
        if title == "邮编" and run.digits == digits:
            yield _Span(run.at[0], run.at[-1] + 1, kind, "与投诉人登记的邮编相同")


def _birthday_spans(copy: _Copy, known: Sequence[KnownString]) -> Iterator[_Span]:
    for entry in known:
        number = _Copy(entry.text).digits.upper() if entry.kind == KnownKind.ID_NUMBER else ""
        if not _ID_18.fullmatch(number):
            continue
        year, month, day = number[6:10], int(number[10:12]), int(number[12:14])
        date = re.compile(
            rf"(?<![0-9])(?:{year}|{year[2:]})[年.\-/\s]{{0,2}}0?{month}[月.\-/\s]{{0,2}}0?{day}(?![0-9])日?"
        )
        for found in date.finditer(copy.digits):
            if len(re.sub(r"[^0-9]", "", found[0])) >= 4:
                yield _Span(found.start(), found.end(), Kind.OTHER, "与投诉人的出生日期相同")


# --- e-mail, chat names, plates, references -------------------------------------------------------------

_AT = re.compile(
    r"\s{0,3}(?:@|[\[(（【<#]\s?(?:at|艾特|@)\s?[\])）】>#]|(?<=\s)at(?=\s)|艾特|小老鼠|圈a)\s{0,3}", re.I
)
_LOCAL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}$")
_DOMAIN = re.compile(
    r"[A-Za-z0-9\-]{1,63}(?:\s?(?:\.|·|。|点|dot|\(dot\)|\[dot\])\s?[A-Za-z0-9\-]{1,63}){1,4}|(?:qq|QQ|网易|新浪|163|126|gmail)(?:邮箱)?"
)
_CHAT_NAME = re.compile(
    r"(?:微信|威信|薇信|v信|vx|wechat|weixin|qq|扣扣|抖音|快手|支付宝|加微|加v|wx)"
    r"(?!公众|平台|小程序|群聊|群里)(?:帐号|账号|号码|号|id|名)?[\s:：是为=]{0,4}"
    r"([A-Za-z][A-Za-z0-9_\-]{4,30})(?![A-Za-z0-9_\-@.])",
    re.I,
)
_WX_ID = re.compile(
    r"(?<![A-Za-z0-9])(?:wxid_[A-Za-z0-9]{6,20}|(?:wx|vx|weixin)[_\-]?[A-Za-z]{0,6}[0-9]{5,14})(?![A-Za-z0-9])",
    re.I,
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s?[A-HJ-NP-Z][\s·.\-]{0,2}"
    r"(?=[A-Z]{0,5}[0-9])[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳领](?![A-Z0-9])"
)
_REFERENCE = re.compile(
    r"(?:合同|协议书?|认购书|收据|发票|产权证|不动产权证?|房产证|房本|客户|会员|订单|护照|军官证|通行证|居住证|驾驶证|学号|工号)"
    r"(?:编号|号码|号|编码)[\s:：是为第]{0,3}([A-Za-z0-9\-_/〔〕\[\]()字第]{4,40})"
)


def _written_spans(copy: _Copy, known: Sequence[KnownString]) -> Iterator[_Span]:
    plain = copy.plain
    for found in _AT.finditer(plain):
        local = _LOCAL.search(plain, max(0, found.start() - 64), found.start())
        domain = _DOMAIN.match(plain, found.end())
        if local and domain:
            how = "像电子邮箱" + ("" if found[0] == "@" else "（改写了 @）")
            yield _Span(local.start(), domain.end(), Kind.EMAIL, how)
    for found in _CHAT_NAME.finditer(plain):
        yield _Span(found.start(1), found.end(1), Kind.CHAT, "“微信、QQ”后的账号")
    for found in _WX_ID.finditer(plain):
        yield _Span(found.start(), found.end(), Kind.CHAT, "像微信号")
    for found in _PLATE.finditer(copy.upper):
        yield _Span(found.start(), found.end(), Kind.PLATE, "像车牌号")
    for found in _REFERENCE.finditer(plain):
        if any(c.isdigit() for c in found[1]):
            yield _Span(
                found.start(1), found.end(1), Kind.OTHER, "企业凭此编号可认出投诉人；办理所必需时可保留"
            )
    for entry in known:
        text = _Copy(entry.text.strip()).plain
        if entry.kind == KnownKind.EMAIL and "@" in text:
            local_part = text.partition("@")[0]
            if len(local_part) >= 4:
                yield from _literal(copy, local_part, Kind.EMAIL, "与投诉人登记的电子邮箱相同")
        elif entry.kind in {KnownKind.OTHER, KnownKind.ID_NUMBER} and len(text) >= 4:
            yield from _literal(copy, text, Kind.ID_CARD, "与投诉人登记的证件号相同")


def _literal(copy: _Copy, text: str, kind: Kind, why: str) -> Iterator[_Span]:
    """Where the text stands, in either case, its characters together or parted by up to three marks."""
    chars = [c for c in _upper(text.translate(_NUMERALS)) if not c.isspace() and c not in ".·-_"][:80]
    searched = _upper(copy.digits)
    if not chars or chars[0] not in searched:
        return
    pattern = re.compile(f"{_GAP}{{0,3}}_?".join(map(re.escape, chars)))
    for found in pattern.finditer(searched):
        if (
            found.end() < len(searched)
            and chars[-1].isascii()
            and searched[found.end()].isascii()
            and searched[found.end()].isalnum()
        ):
            continue
        yield _Span(found.start(), found.end(), kind, why)


# --- addresses ------------------------------------------------------------------------------------------

_BUILDING = r"(?:号楼|号栋|号幢|栋|幢|座|#楼|#栋|#|楼栋)"
_NOT_A_ROOM_AFTER = (
    r"(?![0-9]|\s?(?:元|万|平|㎡|m2|%|年|多|余|个|名|辆|人|吨|户(?!主)|套|米|-[0-9]{1,2}[月日]|月|天|点))"
)
_ROOM = re.compile(
    rf"(?:[A-Za-z]?[0-9十]{{1,3}}|[A-Za-z])\s?{_BUILDING}[\s,，、\-]?(?:[0-9十]{{1,2}}\s?(?:单元|门)[\s,，\-]?)?"
    rf"(?:[0-9十]{{1,2}}\s?[层楼][\s,，\-]?)?(?:[A-Za-z]?[0-9]{{3,4}}|[0-9]百[0-9十]{{1,3}}|[0-9]{{1,2}}(?=室|号房))"
    rf"(?:号房|房号|号室|室|房(?![产屋子地价间])|号(?!文|线|楼)|业主)?{_NOT_A_ROOM_AFTER}"
)
_UNIT_ROOM = re.compile(
    rf"[0-9十]{{1,2}}\s?单元\s?(?:[0-9十]{{1,2}}[层楼]\s?)?[0-9]{{3,4}}(?:号房|室|房(?![产屋子地价间])|号)?{_NOT_A_ROOM_AFTER}"
)
_DASHED_ROOM = re.compile(
    rf"(?<![0-9A-Za-z\-/.])[A-Za-z]?[0-9]{{1,3}}[\-–—][0-9]{{1,2}}[\-–—][0-9]{{3,4}}(?![\-–—/.])室?{_NOT_A_ROOM_AFTER}"
)
_BARE_ROOM = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]?[0-9]{3,4}\s?(?:室|号房)")
_CUED_ROOM = re.compile(
    r"(?:房号|房间号|门牌号|户号|室号)[^，。；！？\n0-9]{0,6}"
    rf"((?:[0-9]{{1,2}}[\-–—#])?[0-9]{{3,4}}(?:室|房|号)?){_NOT_A_ROOM_AFTER}"
)
_LIVED_ROOM = re.compile(
    r"(?:我家|我房|本人住|家住|住在?|业主|我是)[^，。；！？\n0-9]{0,20}"
    rf"([A-Za-z]?[0-9]{{1,2}}[\-–—#/][A-Za-z]?[0-9]{{3,4}}(?:室|房|号)?)(?![\-–—/.]){_NOT_A_ROOM_AFTER}"
)
_HOME = re.compile(
    r"(家庭住址|家庭地址|居住地址|住址|通讯地址|通信地址|联系地址|邮寄地址|户籍地址?|户籍所在地|家住|我住在?|本人住在?|我家在|现居|居住于|居住在|现住)"
    r"([\s:：是在为]{0,3})([^，,。；;！？!?\n]{2,60})"
)
_HOUSE_NUMBER = re.compile(r"[0-9十百]{1,5}(?:号|弄|巷|栋|幢|座|#|-|室|单元|组|队|房)")
_ROAD_NUMBER = re.compile(
    rf"[{_HAN}]{{1,6}}(?:路|街|巷|弄|胡同|里弄|大道)[0-9十百]{{1,5}}[号弄](?:院|之[0-9])?(?=[0-9A-Za-z十]{{1,3}}{_BUILDING}|[0-9]{{3,4}}室)"
)
_NUMBERED_NAME = re.compile(r"[壹贰叁一二三]号(?!楼|栋|幢|房)")
_NUMBER_WORD = re.compile(r"[0-9十百千]+")
_STREET_SIGN = set("路街巷弄里村道坊坪")


def _room_spans(copy: _Copy) -> Iterator[_Span]:
    folded = copy.digits
    for pattern, why in (
        (_ROOM, "楼栋和房号"),
        (_UNIT_ROOM, "单元和房号"),
        (_DASHED_ROOM, "像“栋-单元-房号”"),
        (_BARE_ROOM, "房号"),
        (_ROAD_NUMBER, "门牌号"),
    ):
        for found in pattern.finditer(folded):
            yield _Span(found.start(), found.end(), Kind.ADDRESS, why)
    for pattern in (_CUED_ROOM, _LIVED_ROOM):
        for found in pattern.finditer(folded):
            yield _Span(found.start(1), found.end(1), Kind.ADDRESS, "“住、房号”后的号码")
    for found in _HOME.finditer(folded):
        # 壹号院, 一号公馆: a number that is part of a project's name.
        numbers = [
            n
            for n in _HOUSE_NUMBER.finditer(found[3])
            if not _NUMBERED_NAME.match(copy.plain, found.start(3) + n.start())
        ]
        if found[1].endswith(("址", "地")) and re.search("[:：]", found[2]) and numbers:
            yield _Span(
                found.start(3), found.start(3) + numbers[-1].end(), Kind.ADDRESS, f"“{found[1]}”后的地址"
            )
        elif numbers:
            start = found.start(3)
            yield _Span(
                start + numbers[0].start(), start + numbers[-1].end(), Kind.ADDRESS, f"“{found[1]}”后的门牌"
            )


@dataclass(slots=True)
class _Tokens:
    """Numbers by value and single characters, so that 三〇一室, 三百零一室 and 301室 read alike."""

    words: list[str]
    spans: list[tuple[int, int]]


def _tokens(copy: _Copy, *, by_value: bool) -> _Tokens:
    folded, words, spans = copy.digits, [], []
    i, size = 0, len(folded)
    while i < size:
        char = folded[i]
        if by_value and char in "0123456789十百千":
            found = _NUMBER_WORD.match(folded, i)
            end = found.end() if found else i + 1
            words.append(_value(folded[i:end]))
            spans.append((i, end))
            i = end
            continue
        end = i + 1
        if folded.startswith(("号楼", "号栋", "号幢", "#楼", "号房", "号室"), i):
            end, char = i + 2, "栋" if folded[i + 1] in "楼栋幢" else "室"
        elif char in "栋幢座#":
            char = "栋"
        elif char in "室房":
            char = "室"
        if char.isalnum():
            words.append(char.upper() if char.isascii() else char)
            spans.append((i, end))
        i = end
    return _Tokens(words, spans)


def _value(numeral: str) -> str:
    """309, 三〇九 and 三百零九 are "309"; a numeral of no sense stays as it is written."""
    if numeral.isdigit():
        return numeral.lstrip("0") or "0"
    total, part = 0, 0
    for char in numeral[:12]:
        if char in "十百千":
            total += max(part, 1) * {"十": 10, "百": 100, "千": 1000}[char]
            part = 0
        else:
            part = part * 10 + int(char) if part else int(char)
    return str(total + part)


def _address_spans(copy: _Copy, known: Sequence[KnownString]) -> Iterator[_Span]:
    addresses = [
        entry.text[:300] for entry in known if entry.kind == KnownKind.ADDRESS and len(entry.text) >= 3
    ]
    if not addresses:
        return
    for by_value in (True, False):
        text = _tokens(copy, by_value=by_value)
        for address in addresses:
            own = _tokens(_Copy(address), by_value=by_value)
            yield from _fragment_spans(text, own)
            if by_value:
                yield from _own_room_spans(text, own)


def _fragment_spans(text: _Tokens, own: _Tokens) -> Iterator[_Span]:
    """Stretches of five characters and more that stand in the complainant's address as well.

    A region or a project name by itself stays: the company must know which project is meant.
    """
    seeds: dict[tuple[str, ...], list[int]] = {}
    for k in range(len(own.words) - 1):
        seeds.setdefault(tuple(own.words[k : k + 2]), []).append(k)
    i, last = 0, len(text.words) - 1
    while i < last:
        best = 0
        for k in seeds.get(tuple(text.words[i : i + 2]), ())[:8]:
            size = 2
            while (
                i + size <= last and k + size < len(own.words) and text.words[i + size] == own.words[k + size]
            ):
                size += 1
            best = max(best, size)
        if best:
            words = text.words[i : i + best]
            start, end = text.spans[i][0], text.spans[i + best - 1][1]
            numbers = [w for w in words if w.isdigit()]
            letters = sum(len(w) for w in words)
            whole = best == len(own.words)
            street = [n for n, w in enumerate(words) if w in _STREET_SIGN and n >= 2]
            if whole or (letters >= 5 and (numbers or (street and street[-1] == best - 1))):
                yield _Span(start, end, Kind.ADDRESS, "与投诉人登记的地址有一段相同")
            i += best
        else:
            i += 1


def _own_room_spans(text: _Tokens, own: _Tokens) -> Iterator[_Span]:
    """The complainant's room, with the building before it or 室 after it, in whatever spelling."""
    numbers = [(n, w) for n, w in enumerate(own.words) if w.isdigit()]
    if len(numbers) < 1:
        return
    place, room = numbers[-1]
    roomy = len(room) >= 3 or (place + 1 < len(own.words) and own.words[place + 1] == "室")
    if not roomy:
        return
    building = next((w for n, w in reversed(numbers[:-1]) if own.words[n + 1 : n + 2] == ["栋"]), "")
    building = building or (numbers[-2][1] if len(numbers) > 1 else "")
    for i, word in enumerate(text.words):
        if word != room:
            continue
        back = (
            next((k for k in range(max(0, i - 6), i) if text.words[k] == building), None)
            if building
            else None
        )
        after = text.words[i + 1] if i + 1 < len(text.words) else ""
        if back is not None or after in {"室", "户"}:
            first = back if back is not None else i
            stop = i + 1 if after == "室" else i
            yield _Span(text.spans[first][0], text.spans[stop][1], Kind.ADDRESS, "与投诉人登记的房号相同")
        elif (
            len(room) >= 3
            and text.spans[i][1] - text.spans[i][0] >= 3
            and after not in set("元万平米年月日个名人户套多余%号")
        ):
            yield _Span(*text.spans[i], Kind.ADDRESS, "与投诉人登记的房号相同")


# --- names ----------------------------------------------------------------------------------------------

_CUE_SURE = (
    r"(?:我叫|我名叫|本人叫|我的名字叫|我的名字是|(?:姓名|投诉人|举报人|反映人|申请人|信访人|报案人|联系人|当事人|报告人|来电人|诉求人|收件人|户主|署名|"
    r"业主姓名|业主|租客|承租人|购房人|买受人|委托人)(?:姓名)?\s?[:：])[\s:：是为]{0,3}"
)
_SURE_NAME = re.compile(
    rf"{_CUE_SURE}((?:(?:{COMPOUND_SURNAMES})[{_HAN}]{{1,2}})|[{SURNAMES}][{_HAN}]{{1,2}}|[{_HAN}]{{1,4}}(?:·[{_HAN}]{{1,6}}){{1,2}}|[{_HAN}]{{2,4}}(?![{_HAN}·]))"
)
_CUE_LIKELY = (
    r"(?:我是|本人|我系|业主代表|业主|住户|租户|租客|客户|投诉人|举报人|反映人|联系人|申请人|购房人|购房者|买受人|承租人|委托人|居民|市民|村民|"
    r"户主|房东|邻居|职工|退休职工|此致敬礼|敬礼|联系)"
)
_NAME_END = (
    rf"(?=$|[^{_HAN}\w]|[0-9]|电话|手机|联系|身份证|家住|现住|住(?![户宅房建])|现年|今年|生于|出生"
    r"|反映|投诉|举报|实名|等人|因|系|于[0-9]|在[0-9])"
)
_LIKELY_NAME = re.compile(rf"{_CUE_LIKELY}[\s，,:：、“\"]{{0,2}}({_SURNAME}[{_HAN}]{{1,2}}?){_NAME_END}")
_OWNER_TITLE = re.compile(rf"(?:{_CUE_LIKELY}|我姓|免贵姓)[\s，,:：]{{0,2}}({_SURNAME}(?:{TITLES}))")
_FOLLOWED_NAME = re.compile(
    rf"(?<![{_HAN}])({_SURNAME}[{_HAN}]{{1,2}})(?=[\s，,、(（:：]{{0,2}}(?:男[\s，,、。；)）]|女[\s，,、。；)）]|现年|身份证|年龄|生于|"
    rf"[0-9]{{2}}岁|[0-9]{{4}}年[^，。\n]{{0,8}}(?:出生|生)|联系电话|手机|电话))"
)
_LAST_LINE = re.compile(
    rf"(?:^|\n)\s{{0,8}}({_SURNAME}[{_HAN}]{{1,2}})\s{{0,4}}(?:[0-9]{{4}}[年.\-/][^\n]{{0,12}})?\s{{0,4}}$"
)
_NEAR_PHONE = re.compile(
    rf"(?<![{_HAN}])({_SURNAME}(?:{TITLES}|[{_HAN}]{{1,2}}))[\s:：，,、(（]{{0,3}}(?:电话|手机|tel)?[\s:：]{{0,2}}$",
    re.I,
)
_NEXT_NAME = re.compile(rf"\s?[、和及]\s?({_SURNAME}[{_HAN}]{{1,2}}?)(?=\s?[、和及，。；,;\s）)\d]|等|$)")
_AFTER_PHONE = re.compile(rf"[\s，,、)）(（]{{0,3}}({_SURNAME}(?:{TITLES}|[{_HAN}]{{1,2}}))(?![{_HAN}])")


def _plausible(name: str, sure: bool) -> str:
    """The name itself, a verb that ran into it cut off; empty if it is no name."""
    compound = re.match(COMPOUND_SURNAMES, name)
    head = 2 if compound else 1
    while len(name) > head + 1 and name[-1] in AFTER_A_NAME:
        name = name[:-1]
    given = name[head:]
    if name in NOT_A_NAME or name[0] in "他她它你咱" or not given:
        return ""
    if sure and not _ORGANISATION.search(name):
        return name if not given.startswith("们") else ""
    if _ORGANISATION.search(name) or name[0] == given[0]:
        return ""
    if given[0] in AFTER_A_NAME and len(given) == 1:
        return ""
    if not compound and name[0] in DOUBTFUL_SURNAMES and len(name) < 3:
        return ""
    return "" if _NOT_GIVEN.match(given) else name


def _stranger_names(copy: _Copy, spans: Iterable[_Span]) -> Iterator[tuple[int, int, str]]:
    """(start, end, why): names that the writer introduces, of himself or of those he lives with."""
    plain = copy.plain
    for found in _SURE_NAME.finditer(plain):
        if name := _plausible(found[1], sure=True):
            yield found.start(1), found.start(1) + len(name), "“我叫、姓名、联系人”后的名字"
            yield from _listed_names(plain, found.start(1) + len(name))
    for pattern, why in (
        (_LIKELY_NAME, "“我是、业主、投诉人”后的名字"),
        (_FOLLOWED_NAME, "后面写着性别、年龄或电话的名字"),
        (_LAST_LINE, "像落款的名字"),
    ):
        for found in pattern.finditer(plain):
            if name := _plausible(found[1], sure=False):
                yield found.start(1), found.start(1) + len(name), why
                yield from _listed_names(plain, found.start(1) + len(name))
    for found in _OWNER_TITLE.finditer(plain):
        yield found.start(1), found.end(1), "投诉人或邻居的称呼"
    for span in spans:
        if span.kind not in {Kind.PHONE, Kind.ADDRESS}:
            continue
        where = "电话" if span.kind is Kind.PHONE else "门牌"
        before = _NEAR_PHONE.search(plain, max(0, span.start - 16), span.start) if where == "电话" else None
        for beside in (before, _AFTER_PHONE.match(plain, span.end)):
            if beside and (name := _plausible(beside[1], sure=bool(re.search(f"{_TITLE}$", beside[1])))):
                yield beside.start(1), beside.start(1) + len(name), f"{where}旁边的名字"


def _listed_names(plain: str, end: int) -> Iterator[tuple[int, int, str]]:
    """蒋某、陈某、李某: the names that follow a name in a list."""
    while (found := _NEXT_NAME.match(plain, end)) and (name := _plausible(found[1], sure=False)):
        end = found.start(1) + len(name)
        yield found.start(1), end, "与投诉人并列的名字"


def _own_name_spans(copy: _Copy, name: str, whose: str) -> Iterator[_Span]:
    """The name as it is, parted, reversed, shortened to surname and title, starred, or in pinyin."""
    plain = copy.plain
    chars = [c for c in _Copy(name).plain if c.isalnum()][:40]
    if len(chars) < 2:
        return
    gap = f"{_GAP}{{0,3}}"
    for order, how in ((chars, ""), (chars[::-1], "（倒写）")):
        if order[0] in plain or order[0].isascii():
            for found in re.finditer(gap.join(map(re.escape, order)), plain, re.I):
                if (
                    how
                    and len(order) == 2
                    and found.end() - found.start() == 2
                    and _inside_words(plain, found)
                ):
                    continue
                yield _Span(found.start(), found.end(), Kind.NAME, f"与{whose}相同{how}")
    if not all(re.match(f"[{_HAN}]", c) for c in chars):
        return
    joined = "".join(chars)
    head = 2 if re.match(COMPOUND_SURNAMES, joined) and len(joined) > 2 else 1
    surname, given = re.escape(joined[:head]), joined[head:]
    short = re.compile(
        rf"{surname}{gap}(?:{_TITLE}|业主|[某*×xXoO○〇]{{1,2}}(?:{re.escape(given[-1])})?)|(?<![{_HAN}])[老小]{surname}(?![{_HAN}])"
        rf"|姓{surname}(?:的|，|,|。|$)"
    )
    for found in short.finditer(plain):
        yield _Span(found.start(), found.end(), Kind.NAME, f"{whose}的姓和称呼")
    if len(given) == 2:
        for found in re.finditer(gap.join(map(re.escape, given)), plain):
            if not _PLACE_AFTER.match(plain, found.end()):
                yield _Span(found.start(), found.end(), Kind.NAME, f"与{whose}的名字部分相同")
    yield from _pinyin_spans(plain, joined, head, whose)


def _inside_words(plain: str, found: re.Match[str]) -> bool:
    """Both neighbours are characters of running text, so two reversed ones may be chance."""
    return (
        found.start() > 0
        and found.end() < len(plain)
        and bool(re.match(f"[{_HAN}]", plain[found.start() - 1]))
        and bool(re.match(f"[{_HAN}]", plain[found.end()]))
    )


_LATIN = re.compile(r"[A-Za-z]{4}|[A-Za-z]{2,6}[\s\-_.][A-Za-z]{2}")


def _pinyin_spans(plain: str, name: str, head: int, whose: str) -> Iterator[_Span]:
    if not _LATIN.search(plain):
        return
    from pypinyin import lazy_pinyin

    syllables = [s for s in lazy_pinyin(name) if s.isascii() and s.isalpha()]
    if len(syllables) != len(name):
        return
    orders = (syllables, syllables[head:] + syllables[:head])
    for order in orders:
        for found in re.finditer(
            rf"(?<![A-Za-z]){r'[^A-Za-z0-9]{0,2}'.join(order)}(?![A-Za-z])", plain, re.I
        ):
            yield _Span(found.start(), found.end(), Kind.NAME, f"{whose}的拼音")


# --- the whole ------------------------------------------------------------------------------------------

# What wins when two finds overlap; their union is masked whichever wins.
_RANK = {
    kind: n
    for n, kind in enumerate(
        (
            Kind.ID_CARD,
            Kind.BANK,
            Kind.PHONE,
            Kind.EMAIL,
            Kind.CHAT,
            Kind.ADDRESS,
            Kind.NAME,
            Kind.PLATE,
            Kind.OTHER,
        )
    )
}


def find_marks(text: str, *, known: Sequence[KnownString] = ()) -> list[Mark]:
    """Everything that should be masked before a company reads the text, in order, without overlap.

    `known` are the complainant's own sealed entries: they are found in disguise too (parted, full-width,
    invisible joins, Chinese numerals, reversed, 尾号, 王先生, part of the address). What other people's
    numbers and addresses look like is found by pattern. Positions count in `text` as given. The time grows
    with the length of the text only: no pattern in here backtracks over more than a few dozen characters.
    """
    copy = _Copy(text)
    spans = [*_number_spans(copy, known), *_birthday_spans(copy, known), *_written_spans(copy, known)]
    spans += _room_spans(copy)
    spans += _address_spans(copy, known)
    for entry in known:
        if entry.kind == KnownKind.NAME:
            spans += _own_name_spans(copy, entry.text, "投诉人姓名")
    introduced: dict[str, str] = {}
    for start, end, why in list(_stranger_names(copy, spans)):
        spans.append(_Span(start, end, Kind.NAME, why))
        introduced.setdefault(copy.plain[start:end], why)
    for name in list(introduced)[:20]:
        # Once introduced, a name is masked wherever it returns.
        spans += [
            _Span(m.start(), m.end(), Kind.NAME, "前后文已介绍的名字")
            for m in re.finditer(re.escape(name), copy.plain)
        ]
    return [
        Mark(start, end, span.kind, text[start:end], f"［{span.kind}］", span.why)
        for span in _united(spans)
        for start, end in [copy.original(span.start, span.end)]
    ]


def _united(spans: list[_Span]) -> list[_Span]:
    united: list[_Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if united and span.start < united[-1].end:
            last = united[-1]
            best = min(last, span, key=lambda s: (_RANK[s.kind] if s.end - s.start > 1 else 99, s.start))
            united[-1] = _Span(last.start, max(last.end, span.end), best.kind, best.why)
        else:
            united.append(span)
    return united


def mask(text: str, marks: Iterable[Mark]) -> str:
    """The text with each mark's replacement in its place; leave out the marks that the officer takes back."""
    pieces, last = [], 0
    for mark in sorted(marks, key=lambda m: m.start):
        pieces += [text[last : mark.start], mark.replacement]
        last = mark.end
    return "".join([*pieces, text[last:]])


def propose_summary(title: str, text: str, known: Sequence[KnownString]) -> Proposal:
    """What the officer begins the 转办摘要 with: title and text masked, each mark kept (二（三）)."""
    source = f"{title.strip()}\n{text.strip()}" if title.strip() else text.strip()
    marks = find_marks(source, known=known)
    return Proposal(source, mask(source, marks), tuple(marks))
