"""Every cell of the template, wrong in each way its type allows, is told at that cell by its indicator's code."""

import io
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from math import isfinite

import openpyxl
import pytest

from benchmarks.province import ON, declarations
from fangxin.exchange.declarations.checking import check_declaration
from fangxin.exchange.declarations.layout import FIRST_ROW
from fangxin.exchange.declarations.reading import read_workbook
from fangxin.exchange.declarations.template import template
from fangxin.exchange.tests.declared_files import OWN, PROVINCE, checked, own, place, put
from fangxin.rules.crosschecks import Known, Registered
from fangxin.rules.tests.declared import ON as THEN
from fangxin.rules.tests.test_indicators import WRONG

NUMERIC = {"integer", "money_wan", "percent", "date"}
CHOSEN = {"code", "choice", "choices"}


def storable(raw):
    """Whether a cell can hold it at all."""
    if isinstance(raw, float):
        return isfinite(raw)
    if isinstance(raw, str):
        return len(raw) < 32_767
    return isinstance(raw, bool | int | date) and not (isinstance(raw, int) and abs(raw) > 1e300)


def ways(one):
    """Each wrong content of a field's cell, with what must be said; by its type, so a new field is tried by itself."""
    if one.required:
        yield None, "没有填写"
        yield "　 ", "没有填写"
    for kinds, cases in WRONG.items():
        if one.type in kinds.split():
            yield from ((raw, why) for raw, why in cases if storable(raw))
    if one.longest and one.type in ("text", "long_text", "reference"):
        yield "长" * (one.longest + 1), f"不得超过{one.longest}字，现有{one.longest + 1}字"
    if one.not_future:
        yield date(2026, 11, 23), "不得晚于今天"
    if one.type not in NUMERIC | CHOSEN:
        yield 1.5, "数字格式"
        yield 350102196001011234, "末尾几位可能已经丢失"
        yield date(2014, 1, 1), "日期"
        yield time(9, 30), "日期或时间"


CASES = [
    (sheet, column, one, raw, why)
    for sheet in PROVINCE.sheets
    for column, one in enumerate(sheet.columns, start=1)
    if one is not PROVINCE.key
    for raw, why in ways(one)
]


@cache
def spoilt():
    """One workbook in which each agency has one wrong cell, read; by the number of the case."""
    rows = list(declarations(len(CASES)))
    workbook = openpyxl.load_workbook(io.BytesIO(template(PROVINCE, on=ON, rows=rows)))
    places = []
    for at, (sheet, column, _, raw, _) in enumerate(CASES):
        row = FIRST_ROW + sum(
            1 if isinstance(one[sheet.code], dict) else len(one[sheet.code]) for one in rows[:at]
        )
        cell = workbook[sheet.title].cell(row, column)
        # A control character is written as Excel writes it.
        cell.number_format = "General" if isinstance(raw, int) else cell.number_format
        cell.value = raw.replace("\x00", "_x0000_") if isinstance(raw, str) else raw
        places.append((sheet.title, row, column))
    written = io.BytesIO()
    workbook.save(written)
    read = read_workbook("a.xlsx", written.getvalue())
    assert [fault.message for fault in read.faults] == []
    found = [check_declaration(raw, on=ON) for raw in read]
    return {at: (places[at], one) for at, one in enumerate(found)}


@pytest.mark.parametrize(
    "at", range(len(CASES)), ids=[f"{one.code}-{at}" for at, (_, _, one, _, _) in enumerate(CASES)]
)
def test_a_wrong_cell_is_told_at_its_place_by_code_and_way_on(at):
    _, _, one, _, why = CASES[at]
    (sheet, row, column), checked_one = spoilt()[at]
    here = [
        fault
        for fault in checked_one.faults
        if (fault.sheet, fault.row, fault.column) == (sheet, row, column)
    ]
    assert len(here) == 1
    assert here[0].blocks
    assert not checked_one.taken
    assert here[0].message.startswith(f"{one.code}：")
    assert here[0].message.endswith("。")
    assert why in here[0].message
    assert here[0].agency == checked_one.code


@pytest.mark.parametrize("code", ["J1-02"])
@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (None, "没有填写"),
        ("123", "填的是3位"),
        ("91350100M000100Y44", "第18位校验码应为3"),
        (9.1350100e17, "丢失"),
    ],
)
def test_a_wrong_code_in_an_agencys_own_workbook_is_told_at_its_place(code, raw, why):
    (found,) = checked(put(own(), OWN, J1_02=raw))
    fault = found.faults[0]
    assert (fault.sheet, fault.row, fault.column) == place(OWN, code)
    assert why in fault.message


def test_every_type_that_a_workbook_has_is_tried():
    assert {one.type for sheet in PROVINCE.sheets for one in sheet.columns} <= {
        kind for kinds in WRONG for kind in kinds.split()
    }


@pytest.mark.parametrize(
    ("cells", "code", "blocks", "words"),
    [
        ({"J1_20_01": 6}, "J1-20-01", True, "多于房地产经纪人总数5人"),
        ({"J1_23": 9}, "J1-23", False, "合计2人"),
        ({"J2_22": 70}, "J2-22", True, "合计110%"),
        ({"J2_03": "张三"}, "J2-03", True, "姓名不同"),
        ({"J1_16": "2009-01-01"}, "J1-16", True, "早于工商注册日期"),
        ({"J7_03": "2014-999"}, "J7-03", True, "不在项目表里"),
        ({"J7_05": None}, "J7-06", True, "成对填写"),
        ({"J2_08": "110105194912310021"}, "J2-08", True, "校验码"),
        ({"J5_04": None}, "J5-04", True, "自然人股东须填写性别"),
        ({"J1_a01": "思明区"}, "J1+01", True, "不在福州市"),
        ({"J1_12": "请致电13800138000"}, "J1-12", False, "不公示●"),
    ],
)
def test_what_does_not_agree_is_told_at_a_cell(cells, code, blocks, words):
    (found,) = checked(put(own(), OWN, **cells))
    told = [fault for fault in found.faults if words in fault.message]
    assert told
    column = place(OWN, code)[2] if code != "J7-06" else place(OWN, "J7-05")[2]
    assert (told[0].sheet, told[0].row, told[0].column) == (place(OWN, code)[0], FIRST_ROW, column)
    assert told[0].blocks is blocks
    assert found.taken is not any(fault.blocks for fault in found.faults)


def test_the_second_row_is_told_by_its_own_number():
    from fangxin.exchange.tests.declared_files import changed

    sheet, _, column = place(OWN, "J7-03")

    def spoil(workbook):
        workbook[sheet].cell(FIRST_ROW + 1, column).value = "2014-999"

    (found,) = checked(changed(own(), spoil))
    assert (sheet, FIRST_ROW + 1, column) in {
        (fault.sheet, fault.row, fault.column) for fault in found.faults
    }


def test_what_others_know_is_compared():
    from fangxin.exchange.tests.declared_files import read

    known = Known(registered={"35201000001": Registered("王五", "91350100M000100Y43")})
    (raw,) = read(own())
    told = [
        fault for fault in check_declaration(raw, on=THEN, known=known).faults if "另一人" in fault.message
    ]
    assert [(fault.sheet, fault.row, fault.column) for fault in told] == [place(OWN, "J2-17")]
    assert not told[0].blocks


def test_a_value_that_cannot_be_read_is_not_among_the_values_and_the_others_are():
    (found,) = checked(put(own(), OWN, J1_14="若干"))
    assert "registered_capital" not in found.values["J1"]
    assert found.values["J1"]["broker_count"] == 5
    assert "photograph" not in found.values["J2"]


def test_money_keeps_its_cents():
    (found,) = checked(put(own(), OWN, J1_14=123.450001, J2_21="1,234,500.50元"))
    assert found.values["J1"]["registered_capital"] == Decimal("123.450001")
    assert found.values["J2"]["invested"] == Decimal("123.45005")


def test_a_moment_in_a_days_cell_is_its_day():
    (found,) = checked(put(own(), OWN, J1_15=datetime(2010, 5, 6, 13, 30)))  # noqa: DTZ001 - a cell has no zone
    assert found.values["J1"]["registered_on"] == date(2010, 5, 6)


def provinces(*changes):
    """Three agencies of the province, the first ones changed, read and checked; by code."""
    rows = list(declarations(3))
    for row, change in zip(rows, changes, strict=False):
        change(row)
    read = read_workbook("a.xlsx", template(PROVINCE, on=ON, rows=rows))
    return [check_declaration(raw, on=ON) for raw in read]


def test_a_person_twice_in_a_project_is_told_at_the_second_cell():
    def twice(row):
        row["J7"].append(dict(row["J7"][0]))

    first, *others = provinces(twice)
    (fault,) = [one for one in first.faults if one.blocks]
    assert (fault.sheet[:2], fault.cell[0]) == ("J7", "D")
    assert "第1行已经填过，请删去一行" in fault.message
    assert not first.taken
    assert all(one.taken for one in others)


def test_the_same_shareholder_twice_is_pointed_out():
    def twice(row):
        row["J5"][1]["name"] = row["J5"][0]["name"]

    first, *_ = provinces(twice)
    assert first.taken
    assert any("与第1位股东同名" in one.message and one.cell for one in first.faults)


def test_two_agencies_with_the_same_persons_number_are_both_told_at_its_cells():
    def others(row):
        row["J7"][0]["broker_registration_no"] = "35299999999"

    first, second, third = provinces(others, others)
    for one, other in ((first, second), (second, first)):
        (fault,) = [found for found in one.faults if found.blocks]
        assert fault.sheet[:2] == "J7"
        assert fault.cell
        assert "35299999999" in fault.message
        assert other.code in fault.message
    assert third.taken


def test_the_identity_number_of_another_person_is_a_fault_and_the_head_of_two_agencies_a_remark():
    rows = list(declarations(2))
    number, name = rows[1]["J2"]["id_number"], rows[1]["J2"]["name"]

    def another(row):
        row["J2"]["id_number"] = number

    def same(row):
        row["J2"] |= {key: rows[1]["J2"][key] for key in ("id_number", "name", "born_on", "sex")}
        row["J1"]["legal_representative"] = name

    first, second, _ = provinces(another)
    assert not first.taken
    assert not second.taken
    first, second, _ = provinces(same)
    assert first.taken
    assert second.taken
    assert any("确是同一人的不用改" in one.message and one.cell for one in second.faults)
