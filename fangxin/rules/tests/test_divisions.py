import pytest

from fangxin.rules.divisions import DivisionUnknown, divisions


def test_beijing_has_sixteen_standard_districts_and_the_development_area():
    counties = divisions().counties("110000")
    assert len([county for county in counties if county.standard]) == 16
    (own,) = [county for county in counties if not county.standard]
    assert (own.code, own.name) == ("110302", "北京经济技术开发区")


def test_fujian_has_nine_cities_and_eighty_four_counties():
    (fujian,) = [province for province in divisions().provinces if province.code == "350000"]
    assert [len(city.counties) for city in fujian.cities] == [13, 6, 5, 11, 12, 11, 10, 7, 9]
    assert len(divisions().counties("350000")) == 84


def test_jinmen_is_known_but_not_offered():
    assert divisions().name("350527") == "金门县"
    assert "350527" not in [county.code for county in divisions().choices("350000")]
    assert len(divisions().choices("350500")) == 11


def test_pingtan_says_that_it_counts_as_a_city():
    (pingtan,) = [county for county in divisions().counties("350100") if county.code == "350128"]
    assert "综合实验区" in pingtan.note


@pytest.mark.parametrize(
    ("code", "full_name"),
    [
        ("110105", "北京市朝阳区"),
        ("350102", "福建省福州市鼓楼区"),
        ("350200", "福建省厦门市"),
        ("110000", "北京市"),
    ],
)
def test_a_full_name_begins_with_the_province(code, full_name):
    assert divisions().full_name(code) == full_name


def test_a_county_is_found_by_its_name():
    assert divisions().code("朝阳区", within="110000") == "110105"
    with pytest.raises(DivisionUnknown, match="北京市没有名为“崇文区”的区县"):
        divisions().code("崇文区", within="110000")


@pytest.mark.parametrize(
    ("code", "today"),
    [
        ("110228", ("110118",)),
        ("110103", ("110101",)),
        ("350427", ("350405",)),
        ("352122", ("350703",)),
        ("350105", ("350105",)),
        ("350321", ("350302", "350303", "350304", "350305")),
    ],
)
def test_a_former_code_leads_to_the_code_of_today(code, today):
    assert divisions().today(code) == today


def test_a_code_may_have_had_another_name():
    assert divisions().name_in("110228", 2014) == "密云县"
    assert divisions().name_in("350111", 1990) == "郊区"
    assert divisions().name_in("350111", 2026) == "晋安区"
    assert divisions().name_in("352100", 1985) == "建阳地区"
    assert divisions().name_in("352100", 1990) == "南平地区"


@pytest.mark.parametrize("code", ["", "999999", "110228", "北京市", "1101050"])
def test_an_unknown_code_is_refused_by_name(code):
    with pytest.raises(DivisionUnknown, match=f"“{code}”"):
        divisions().full_name(code)


def test_every_former_code_leads_to_codes_in_use():
    for former in divisions().former:
        assert former.now
        for code in former.now:
            assert divisions().name(code)


def test_no_code_is_listed_twice():
    codes = [
        county.code for province in divisions().provinces for county in divisions().counties(province.code)
    ]
    assert len(codes) == len(set(codes)) == 16 + 1 + 84
    assert all(len(code) == 6 and code.isdecimal() for code in codes)


def test_a_city_or_code_that_never_was_is_refused():
    with pytest.raises(DivisionUnknown, match="没有代码为“990000”的省级或市级行政区划"):
        divisions().counties("990000")
    with pytest.raises(DivisionUnknown, match="没有代码为“999999”的行政区划"):
        divisions().today("999999")
