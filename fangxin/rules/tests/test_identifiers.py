from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxin.rules.identifiers import (
    ID_CHECKS,
    ID_WEIGHTS,
    USCC_ALPHABET,
    CompanyCodeKind,
    IdentifierWrong,
    check_company_code,
    check_email,
    check_id_card,
    check_licence_no,
    check_mobile,
    check_org_code,
    check_postcode,
    check_telephone,
    check_uscc,
    org_code_of,
)

TODAY = date(2026, 2, 13)

USCCS = [
    "91110302562134916R",
    "911103027404017237",
    "91350100M000100Y43",
    "91110000710939135P",
    "11230500001755309F",
    "91350200MA00000235",
    "91350128MA000004X5",
]
ID_CARDS = ["11010519491231002X", "440524188001010014"]
LICENCES = ["110108000000016", "440301103097413", "440301103448669", "350100100000017"]
STRANGE = [
    "",
    " ",
    "\x00",
    "91110302562134916R\x00",
    "😀" * 18,
    "\ud800" * 18,
    "9" * 10_000,
    "ß" * 9,
    "𠮷" * 15,
]

digit = st.sampled_from("0123456789")


def id_card_checked(body: str) -> str:
    return body + ID_CHECKS[sum(int(d) * w for d, w in zip(body, ID_WEIGHTS, strict=True)) % 11]


@pytest.mark.parametrize("code", USCCS)
def test_a_right_social_credit_code_is_returned_as_it_is(code):
    assert check_uscc(code) == code


@pytest.mark.parametrize(
    "typed", ["  91110302 562134916r ", "91-110302-562134916-R", "９１１１０３０２５６２１３４９１６Ｒ"]
)
def test_a_social_credit_code_is_put_in_its_normal_form(typed):
    assert check_uscc(typed) == "91110302562134916R"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("91110302562134916A", "第18位校验码应为R，填的是A"),
        ("91110302MA222LU88A", "第17位（组织机构代码的校验码）应为"),
        ("91110302562134915R", "第17位（组织机构代码的校验码）应为6，填的是5"),
        ("9111030256213491", "应为18位，填的是16位"),
        ("9111030256213491OR", "第17位“O”可能是1、0、5、U或2"),
        ("911103O2562134916R", "不使用字母I、O、S、V、Z，第7位“O”"),
        ("91110A02562134916R", "第3至8位是行政区划数字，第6位填的是“A”"),
        ("B1110302562134916R", "第1位是登记管理部门代码，没有“B”"),
        ("91110302562134916!", "第18位不能是“!”"),
        ("统一社会信用代码", "含有不能使用的字符“统”"),
        ("", "没有填写"),
    ],
)
def test_a_wrong_social_credit_code_is_told_where(typed, says):
    with pytest.raises(IdentifierWrong, match=says) as wrong:
        check_uscc(typed)
    assert str(wrong.value).startswith("统一社会信用代码")


@given(
    code=st.sampled_from(USCCS),
    place=st.integers(min_value=0, max_value=17),
    other=st.sampled_from(USCC_ALPHABET),
)
def test_any_single_change_in_a_social_credit_code_is_caught(code, place, other):
    changed = code[:place] + other + code[place + 1 :]
    if changed != code:
        with pytest.raises(IdentifierWrong):
            check_uscc(changed)


def test_an_organisation_code_is_printed_with_its_hyphen():
    assert check_org_code("d2143569x") == "D2143569-X"
    assert check_org_code("56213491-6") == "56213491-6"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("D21435690", "第9位校验码应为X，填的是0"),
        ("D2143569", "应为9位，填的是8位"),
        ("D214356！X", "第8位不能是“!”"),
        ("ıııııııı0", "含有不能使用的字符“ı”"),
    ],
)
def test_a_wrong_organisation_code_is_told_where(typed, says):
    with pytest.raises(IdentifierWrong, match=says):
        check_org_code(typed)


@given(place=st.integers(min_value=0, max_value=8), other=digit)
def test_any_other_digit_in_an_organisation_code_is_caught(place, other):
    code = "562134916"
    if other != code[place]:
        with pytest.raises(IdentifierWrong):
            check_org_code(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize("code", USCCS)
def test_a_social_credit_code_contains_the_organisation_code(code):
    assert check_org_code(org_code_of(code)) == f"{code[8:16]}-{code[16]}"


@pytest.mark.parametrize("code", ID_CARDS)
def test_the_examples_of_the_identity_standard_are_right(code):
    assert check_id_card(code, on=TODAY) == code
    assert check_id_card(code.lower(), on=TODAY) == code


@pytest.mark.parametrize("division", ["110103", "350427", "352122", "810000", "910000"])
def test_a_division_that_ceased_does_not_make_an_identity_number_wrong(division):
    code = id_card_checked(division + "19800229" + "001")
    assert check_id_card(code, on=TODAY) == code


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("110105194912310021", "第18位校验码应为X，填的是1"),
        (id_card_checked("11010519810229002"), "第7至14位“19810229”不是存在的出生日期"),
        (id_card_checked("11010500000101002"), "不是存在的出生日期"),
        (id_card_checked("11010520260214002"), "出生日期2026-02-14在将来"),
        ("110105491231002", "15位旧号码，已停止使用"),
        ("11010519491231002", "应为18位，填的是17位"),
        ("1101051949123100XX", "第17位应为数字，填的是“X”"),
        ("11010519491231002Y", "第18位不能是“Y”"),
    ],
)
def test_a_wrong_identity_number_is_told_where(typed, says):
    with pytest.raises(IdentifierWrong, match=says):
        check_id_card(typed, on=TODAY)


def test_somebody_born_today_has_an_identity_number():
    assert check_id_card(id_card_checked("11010520260213002"), on=TODAY)


@given(
    code=st.sampled_from(ID_CARDS),
    place=st.integers(min_value=0, max_value=17),
    other=st.sampled_from("0123456789X"),
)
def test_any_single_change_in_an_identity_number_is_caught(code, place, other):
    if other != code[place]:
        with pytest.raises(IdentifierWrong):
            check_id_card(code[:place] + other + code[place + 1 :], on=TODAY)


@given(code=st.sampled_from(ID_CARDS), place=st.integers(min_value=0, max_value=16))
def test_two_neighbours_changed_round_in_an_identity_number_are_caught(code, place):
    turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if turned != code:
        with pytest.raises(IdentifierWrong):
            check_id_card(turned, on=TODAY)


@given(
    division=st.sampled_from(["110105", "350102", "110103", "352122"]),
    born_on=st.dates(min_value=date(1900, 1, 1), max_value=TODAY),
    sequence=st.integers(min_value=1, max_value=999),
)
def test_every_number_built_by_the_standard_is_accepted(division, born_on, sequence):
    code = id_card_checked(f"{division}{born_on:%Y%m%d}{sequence:03}")
    assert check_id_card(code, on=TODAY) == code


@pytest.mark.parametrize("code", LICENCES)
def test_a_right_licence_number_is_returned_as_it_is(code):
    assert check_licence_no(code) == code


def test_a_wrong_licence_number_is_told_where():
    with pytest.raises(IdentifierWrong, match=r"营业执照注册号第15位校验码应为\d，填的是9"):
        check_licence_no("350200100000019")
    with pytest.raises(IdentifierWrong, match="第3位应为数字，填的是“X”"):
        check_licence_no("11X108000000016")


@given(code=st.sampled_from(LICENCES), place=st.integers(min_value=0, max_value=14), other=digit)
def test_any_other_digit_in_a_licence_number_is_caught(code, place, other):
    if other != code[place]:
        with pytest.raises(IdentifierWrong):
            check_licence_no(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("91110302562134916r", CompanyCodeKind.USCC, "91110302562134916R"),
        ("D2143569-X", CompanyCodeKind.ORG_CODE, "D2143569-X"),
        ("110108 000000016", CompanyCodeKind.LICENCE_NO, "110108000000016"),
    ],
)
def test_a_company_code_is_told_by_its_length(typed, kind, text):
    found = check_company_code(typed)
    assert (found.kind, found.text) == (kind, text)


def test_a_company_code_of_another_length_is_told_the_three():
    with pytest.raises(IdentifierWrong, match=r"应为18位.*9位.*15位.*填的是4位"):
        check_company_code("1234")


@pytest.mark.parametrize(
    "typed", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "008613812345678", "8613812345678"]
)
def test_a_mobile_number_is_put_in_its_normal_form(typed):
    assert check_mobile(typed) == "13812345678"


@pytest.mark.parametrize(
    "typed", ["12812345678", "1381234567", "138123456789", "010-12345678", "1381234567O"]
)
def test_a_wrong_mobile_number_is_refused(typed):
    with pytest.raises(IdentifierWrong, match="手机号码"):
        check_mobile(typed)


@pytest.mark.parametrize(
    ("typed", "telephone"),
    [
        ("010-12345678", "010-12345678"),
        ("01012345678", "010-12345678"),
        ("（010）12345678", "010-12345678"),
        ("0591 8765432", "0591-8765432"),
        ("0592－12345678转801", "0592-12345678-801"),
        ("010-12345678 ext. 801", "010-12345678-801"),
        ("+86 10 12345678", "010-12345678"),
        ("12345678", "12345678"),
        ("13812345678", "13812345678"),
        ("400-123-4567", "400-123-4567"),
        ("4001234567", "4001234567"),
        ("12345", "12345"),
    ],
)
def test_a_telephone_number_of_any_kind_is_put_in_its_normal_form(typed, telephone):
    assert check_telephone(typed) == telephone


@pytest.mark.parametrize(
    "typed", ["010", "123", "110-12345678", "电话12345678", "010-123456789012", "1381234567"]
)
def test_a_wrong_telephone_number_is_refused(typed):
    with pytest.raises(IdentifierWrong, match="联系电话"):
        check_telephone(typed)


def test_a_postcode_has_six_digits():
    assert check_postcode("３５０００１") == "350001"
    for typed in ("35000", "3500011", "35000O"):
        with pytest.raises(IdentifierWrong, match="邮政编码"):
            check_postcode(typed)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" zhangmin@Example.CN ", "zhangmin@example.cn"),
        ("Zhang.Min+a@mail.example.com.cn", "Zhang.Min+a@mail.example.com.cn"),
        ("a＠example.cn", "a@example.cn"),
    ],
)
def test_an_ordinary_mail_address_is_accepted(typed, address):
    assert check_email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "zhangmin",
        "@example.cn",
        "a@",
        "a@b",
        "a b@example.cn",
        ".a@example.cn",
        "a..b@example.cn",
        "a@-x.cn",
        "a@example..cn",
        "a@example.cn\nBcc: x@y.cn",
        "张敏@example.cn",
        "a@例子.中国",
        "a" * 65 + "@example.cn",
    ],
)
def test_any_other_mail_address_is_refused(typed):
    with pytest.raises(IdentifierWrong, match="电子信箱"):
        check_email(typed)


CHECKS = [
    check_uscc,
    check_org_code,
    check_licence_no,
    check_company_code,
    check_mobile,
    check_telephone,
    check_postcode,
    check_email,
    org_code_of,
    lambda text: check_id_card(text, on=TODAY),
]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", STRANGE)
def test_strange_texts_are_refused_in_words_that_can_be_printed(check, text):
    with pytest.raises(IdentifierWrong) as wrong:
        check(text)
    message = str(wrong.value)
    assert len(message) < 200
    assert "\x00" not in message
    message.encode("utf-8")


@pytest.mark.parametrize("check", CHECKS)
@given(text=st.text(max_size=400))
def test_no_text_breaks_a_check(check, text):
    try:
        found = check(text)
    except IdentifierWrong as wrong:
        str(wrong).encode("utf-8")
    else:
        assert check(getattr(found, "text", found) if check is not org_code_of else text)
