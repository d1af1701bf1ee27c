"""The identity papers of a person: what the number of each must look like, and what it tells."""

import re
from collections.abc import Mapping
from datetime import date

from fangxin.rules.identifiers import IdentifierWrong, check_id_card

ID_CARD = "居民身份证"
# Papers whose number is made as that of the resident's card.
LIKE_AN_ID_CARD: Mapping[str, str] = {
    "港澳台居民居住证": "8[123]0000",
    "外国人永久居留身份证": "9",
}
FORMS: Mapping[str, tuple[str, str]] = {
    "护照": (r"[A-Z0-9]{5,17}", "由数字、字母组成，5至17位"),
    "港澳居民来往内地通行证": (r"[HM]\d{8}(\d{2})?", "以H或M开头，后接8位或10位数字"),
    "台湾居民来往大陆通行证": (r"\d{8}(\d{2})?", "为8位数字"),
}


def check_person_id(kind: str, number: str, *, on: date) -> str:
    """The number in its normal form. A paper we know no form of is taken as it is. Raises `IdentifierWrong`."""
    if kind == ID_CARD:
        return check_id_card(number, on=on)
    if kind in LIKE_AN_ID_CARD and re.match(LIKE_AN_ID_CARD[kind], number) and len(number) == 18:
        return check_id_card(number, on=on)
    if kind == "港澳台居民居住证":
        raise IdentifierWrong(f"{kind}号码为18位，以810000、820000或830000开头，请照证件填写")
    if kind in FORMS:
        form, said = FORMS[kind]
        if not re.fullmatch(form, number, re.ASCII):
            raise IdentifierWrong(f"{kind}号码{said}，请照证件填写")
    return number


def born_on(kind: str, number: str) -> date | None:
    """The day of birth a number tells; None when it tells none, or is not sound."""
    if kind != ID_CARD and kind not in LIKE_AN_ID_CARD:
        return None
    try:
        sound = check_id_card(number, on=date.max)
    except IdentifierWrong:
        return None
    return date(int(sound[6:10]), int(sound[10:12]), int(sound[12:14]))


def sex_of(kind: str, number: str) -> str:
    """The sex a number tells, as GB/T 2261.1 codes it: "1" male, "2" female; "" when it tells none."""
    if born_on(kind, number) is None:
        return ""
    return "1" if int(number[16]) % 2 else "2"
