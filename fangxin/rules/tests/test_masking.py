import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxin.rules.masking import (
    mask_address,
    mask_bank_account,
    mask_email,
    mask_id_card,
    mask_mobile,
    mask_name,
    mask_passport,
    mask_telephone,
)


@pytest.mark.parametrize(
    ("name", "masked", "as_complainant"),
    [
        ("张敏", "张*", "张*"),
        ("张小三", "张*三", "张**"),
        ("欧阳娜娜", "欧**娜", "欧***"),
        ("𠮷野家", "𠮷*家", "𠮷**"),
        ("李㛃", "李*", "李*"),
        ("王㛃𠮷", "王*𠮷", "王**"),
        ("葛\U000e0100小明", "葛\U000e0100*明", "葛\U000e0100**"),
        ("买买提·艾力", "买****力", "买*****"),
        (" 张敏 ", "张*", "张*"),
        ("张", "*", "*"),
        ("", "", ""),
    ],
)
def test_a_name_keeps_its_first_character_and_a_long_one_its_last(name, masked, as_complainant):
    assert mask_name(name) == masked
    assert mask_name(name, complainant=True) == as_complainant


def test_a_mobile_number_keeps_three_and_four():
    assert mask_mobile("13812341234") == "138****1234"
    assert mask_mobile("1381234123") == "****"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("010-12345612", "010-******12"),
        ("01012345612", "010-******12"),
        ("0591-8765432", "0591-*****32"),
        ("010-12345612-801", "010-******12"),
        ("87654321", "******21"),
        ("400-1234567", "400-*****67"),
        ("13812341234", "138****1234"),
        ("12345", "12345"),
        ("住宅电话", "****"),
        ("", "****"),
    ],
)
def test_a_telephone_number_keeps_its_area_code_and_two_digits(number, masked):
    assert mask_telephone(number) == masked


def test_an_identity_number_keeps_six_and_four_and_in_public_one_and_one():
    assert mask_id_card("11010519491231002x") == "110105********002X"
    assert mask_id_card("11010519491231002X", public=True) == "1****************X"
    assert mask_id_card("110105491231002") == "****"


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("E12345645", "E******45"),
        ("g12345678", "G******78"),
        ("H1234567801", "H********01"),
        ("E1234", "****"),
    ],
)
def test_a_passport_keeps_one_and_two(number, masked):
    assert mask_passport(number) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("zhang@qq.com", "z***@qq.com"),
        ("z@qq.com", "z***@qq.com"),
        ("𠮷野@qq.com", "𠮷***@qq.com"),
        ("zhang", "****"),
        ("@qq.com", "****"),
        ("zhang@", "****"),
    ],
)
def test_a_mail_address_keeps_one_character_and_the_host(address, masked):
    assert mask_email(address) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("北京市朝阳区某路88号3单元", "北京市朝阳区某路***"),
        ("福建省福州市鼓楼区五四路100号", "福建省福州市鼓楼区五四路***"),
        ("北京市海淀区中关村街道东路12号", "北京市海淀区中关村街道***"),
        ("福建省福州市闽侯县上街镇溪源村12号", "福建省福州市闽侯县上街***"),
        ("平潭县潭城镇某村12号", "平潭县潭城镇***"),
        ("建国路88号某市场2层", "建国路***"),
        ("北京市东城区幸福小区3号楼", "北京市东城区***"),
        ("幸福小区3号楼", "***"),
        ("北京市 通州区 市民路 9号", "北京市通州区市民路***"),
        ("路12号", "***"),
        ("北京市朝阳区88号院建国路", "北京市朝阳区***"),
        ("", "***"),
    ],
)
def test_an_address_ends_at_the_road(address, masked):
    assert mask_address(address) == masked


def test_a_bank_account_keeps_four():
    assert mask_bank_account("6222 0212 3456 1234") == "**** 1234"
    assert mask_bank_account("1234") == "****"


MASKS = [
    mask_mobile,
    mask_telephone,
    mask_id_card,
    mask_passport,
    mask_email,
    mask_address,
    mask_bank_account,
]


@pytest.mark.parametrize("mask", [mask_name, *MASKS])
@given(text=st.text(max_size=60))
def test_any_text_can_be_masked(mask, text):
    mask(text).encode("utf-8", "surrogatepass")


@given(number=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_of_a_mobile_number_four_digits_are_always_hidden(number):
    assert mask_telephone(number) == mask_mobile(number)
    assert mask_mobile(number).count("*") == 4


@given(name=st.text(alphabet="张王李赵𠮷㛃欧阳娜", min_size=1, max_size=8))
def test_a_masked_name_is_as_long_as_the_name_and_shows_two_characters_at_most(name):
    masked = mask_name(name)
    assert len(masked) == len(name)
    assert len(masked.replace("*", "")) <= 2
    assert len(mask_name(name, complainant=True).replace("*", "")) <= 1


@given(house=st.integers(min_value=1, max_value=9999))
def test_no_house_number_is_ever_shown(house):
    for before in ("北京市朝阳区建国路", "幸福小区", "北京市东城区", "大柳树村", "某某镇"):
        assert str(house) not in mask_address(f"{before}{house}号")
