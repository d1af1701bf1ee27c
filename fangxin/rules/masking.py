"""How much of a personal detail is shown to somebody who need not know all of it.

A mask works on what was typed, right or wrong: a text that has not the expected form is hidden whole
rather than half shown.
"""

import re
import unicodedata

HIDDEN = "****"


def mask_name(name: str, *, complainant: bool = False) -> str:
    """张* for two characters, 张*三 and 欧**娜 for more; of a complainant only the first: 张**."""
    characters = _characters(name.strip())
    if len(characters) < 2:
        return "*" * len(characters)
    shown_last = "" if complainant or len(characters) == 2 else characters[-1]
    return characters[0] + "*" * (len(characters) - 1 - bool(shown_last)) + shown_last


def mask_mobile(number: str) -> str:
    """138****1234: the first three and the last four digits."""
    if not re.fullmatch(r"1\d{10}", number.strip(), re.ASCII):
        return HIDDEN
    return f"{number.strip()[:3]}****{number.strip()[-4:]}"


def mask_telephone(number: str) -> str:
    """010-******12: the area code and the last two digits. A mobile number is masked as one.

    A short number such as 12345 is shown: it belongs to a public service.
    """
    plain = number.strip()
    if re.fullmatch(r"1\d{10}", plain, re.ASCII):
        return mask_mobile(plain)
    if re.fullmatch(r"[19]\d{4}", plain, re.ASCII):
        return plain
    fixed = re.fullmatch(
        r"(010|02\d|0[3-9]\d{2}|[48]00)?-?(\d{7,8})(-\d+)?", plain.replace("-", "-"), re.ASCII
    )
    if not fixed:
        return HIDDEN
    area = f"{fixed[1]}-" if fixed[1] else ""
    return f"{area}{'*' * (len(fixed[2]) - 2)}{fixed[2][-2:]}"


def mask_id_card(number: str, *, public: bool = False) -> str:
    """110105********002X: the first six and the last four; on a public page the first and the last only."""
    plain = number.strip().upper()
    if not re.fullmatch(r"\d{17}[\dX]", plain, re.ASCII):
        return HIDDEN
    return f"{plain[0]}{'*' * 16}{plain[-1]}" if public else f"{plain[:6]}{'*' * 8}{plain[-4:]}"


def mask_passport(number: str) -> str:
    """E******45: the first and the last two. Other travel papers of seven characters or more likewise."""
    plain = number.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]{7,}", plain, re.ASCII):
        return HIDDEN
    return f"{plain[0]}{'*' * (len(plain) - 3)}{plain[-2:]}"


def mask_email(address: str) -> str:
    """z***@qq.com: the first character and the host, whatever the length of the name."""
    name, at, host = address.strip().rpartition("@")
    if not (name and at and host):
        return HIDDEN
    return f"{_characters(name)[0]}***@{host}"


ROAD = re.compile(r"街道|大街|大道|胡同|[路街道巷弄镇乡]")
# 小区 and 社区 name a place to live, not a district; what has a number or a road in it is none either.
DISTRICTS = re.compile(r"(?:[^\d路街道巷弄镇乡]{1,8}?(?:[省市县旗州]|(?<![小社])区))*")


def mask_address(address: str) -> str:
    """北京市朝阳区某路***: down to the road, street, town or township; else to the county; else nothing."""
    plain = re.sub(r"\s", "", address)
    districts = DISTRICTS.match(plain)
    shown = districts.end() if districts else 0
    road = ROAD.search(plain, shown + 1)
    if road and not re.search(r"\d", plain[: road.end()]):
        shown = road.end()
    return f"{plain[:shown]}***"


def mask_bank_account(number: str) -> str:
    """**** 1234: the last four digits."""
    plain = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"\d{8,}", plain, re.ASCII):
        return HIDDEN
    return f"**** {plain[-4:]}"


def _characters(text: str) -> list[str]:
    """The text character by character, a variation selector or combining mark with what it belongs to."""
    characters: list[str] = []
    for point in text:
        if characters and unicodedata.category(point) in ("Mn", "Mc", "Me", "Cf"):
            characters[-1] += point
        else:
            characters.append(point)
    return characters
