"""What is written in a workbook comes out as it was; what nobody should have done to it is told with its place."""

import io
import re

import openpyxl
import pytest
from openpyxl.drawing.image import Image
from PIL import Image as Picture

from benchmarks.province import ON as END
from benchmarks.province import declarations
from fangxin.exchange.declarations.checking import check_declaration
from fangxin.exchange.declarations.layout import CODE_ROW, FIRST_ROW, GUIDE, LISTS
from fangxin.exchange.declarations.template import template
from fangxin.exchange.refusals import FileRefused
from fangxin.exchange.tests.declared_files import (
    OWN,
    PROVINCE,
    changed,
    checked,
    own,
    place,
    plain,
    put,
    read,
    typed_by_hand,
)
from fangxin.exchange.tests.files import repacked
from fangxin.rules.tests.declared import ON, declaration

J1, J2, J5, J6, J7, J8 = (sheet.title for sheet in OWN.sheets)
CODE = "91350100M000100Y43"
TODAY = END


def province(agencies: int = 4) -> bytes:
    return template(PROVINCE, on=ON, rows=declarations(agencies))


def faults(content: bytes) -> list[tuple[str, str, str]]:
    """Sheet, cell and message of everything told, the workbook's and the agencies'."""
    workbook = read(content)
    told = [*workbook.faults, *(fault for raw in workbook for fault in raw.faults)]
    return [(fault.sheet, fault.cell, fault.message) for fault in told]


class TestWhatComesOut:
    def test_an_agencys_own_declaration_comes_out_as_it_went_in(self):
        (found,) = checked(own())
        assert found.faults == ()
        assert found.code == CODE
        assert plain(found.values) == plain(declaration())

    def test_what_a_person_types_into_the_empty_template_comes_out_the_same(self):
        (found,) = checked(typed_by_hand())
        assert found.faults == ()
        assert plain(found.values) == plain(declaration())

    def test_a_province_comes_out_as_it_went_in_agency_by_agency(self):
        found = checked(province(), on=TODAY)
        assert [one.faults for one in found] == [()] * 4
        assert [plain(one.values) for one in found] == [plain(one.values) for one in checked_again(found)]
        wanted = list(declarations(4))
        assert [one.code for one in found] == [one["J1"]["legal_code"] for one in wanted]
        for one, other in zip(found, wanted, strict=True):
            assert one.values["J6"][0]["brokers"] == other["J6"][0]["brokers"]
            assert [row["contract_no"] for row in one.values["J7"]] == [
                row["contract_no"] for row in other["J7"]
            ]
            assert {row["agency_code"] for row in one.values["J7"]} == {one.code}
            assert one.values["J7"][0]["project_name"] == other["J6"][0]["project_name"]

    def test_rows_belong_to_their_agency_in_whatever_order_they_stand(self):
        def turn_over(workbook):
            for sheet in PROVINCE.sheets[1:]:
                page = workbook[sheet.title]
                rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=FIRST_ROW)]
                for number, row in enumerate(reversed(rows), start=FIRST_ROW):
                    for column, value in enumerate(row, start=1):
                        page.cell(number, column).value = value

        found = checked(changed(province(), turn_over), on=TODAY)
        assert [one.faults for one in found] == [()] * 4
        for one, other in zip(found, declarations(4), strict=True):
            assert {row["contract_no"] for row in one.values["J7"]} == {
                row["contract_no"] for row in other["J7"]
            }

    @pytest.mark.parametrize("text", ["𠮷野㛃", "欢迎😀👨‍👩‍👧光临", "甲\n乙\n\n丙", "A_x0041_B", "<b>&amp;"])
    def test_rare_characters_come_out_as_they_went_in(self, text):
        (found,) = checked(own(J1={"introduction": text}))
        assert found.values["J1"]["introduction"].replace("\u200d", "") == text.replace("\u200d", "")
        saved = changed(own(J1={"introduction": "甲"}), lambda book: None)
        (found,) = checked(put(saved, OWN, J1_25=text.replace("_x", "_x005F_x")))
        assert found.values["J1"]["introduction"].replace("\u200d", "") == text.replace("\u200d", "")

    def test_a_number_in_a_text_column_is_the_text_when_nothing_of_it_is_lost(self):
        (found,) = checked(put(own(), OWN, J2_10=13812345678, J1_06=350001, J6_02=20140001, J7_03=20140001))
        assert found.values["J2"]["telephone"] == "13812345678"
        assert found.values["J1"]["postcode"] == "350001"
        assert found.values["J6"][0]["contract_no"] == "20140001"

    def test_a_day_is_read_from_a_day_a_number_and_a_text(self):
        import datetime

        day = declaration()["J1"]["registered_on"]
        ways = (day, datetime.datetime(2010, 5, 6), 40304, "2010年5月6日", "2010/5/6", 20100506)  # noqa: DTZ001
        for way in ways:
            (found,) = checked(put(own(), OWN, J1_15=way))
            assert found.values["J1"]["registered_on"] == day

    def test_columns_may_be_moved_and_blank_rows_left_between(self):
        def move(workbook):
            page = workbook[J7]
            columns = [[cell.value for cell in column] for column in page.iter_cols()]
            for at, column in enumerate(reversed(columns), start=1):
                for row, value in enumerate(column, start=1):
                    page.cell(row, at).value = value
            page.insert_rows(FIRST_ROW + 1, 3)

        (found,) = checked(changed(own(), move))
        assert plain(found.values) == plain(declaration())
        assert len(found.values["J7"]) == 2

    def test_columns_the_platform_fills_may_stand_there_and_must_agree(self):
        def add(agency):
            def change(workbook):
                page = workbook[J2]
                at = page.max_column + 1
                page.cell(CODE_ROW, at).value, page.cell(FIRST_ROW, at).value = "J2-01", agency

            return change

        assert checked(changed(own(), add("福州诚信房地产经纪有限公司")))[0].faults == ()
        assert (
            checked(changed(own(), add(None)))[0].values["J2"]["agency_name"] == "福州诚信房地产经纪有限公司"
        )
        (fault,) = checked(changed(own(), add("另一家公司")))[0].faults
        assert (fault.sheet, fault.row, fault.blocks) == (J2, FIRST_ROW, True)
        assert fault.message.startswith("J2-01、J1-01：")

    def test_what_was_typed_is_kept_for_a_draft_word_for_word(self):
        content = put(own(), OWN, J1_20="好几个", J1_14="五百万")
        (raw,) = read(content)
        (row,) = raw.typed("J1")
        assert (row["broker_count"], row["registered_capital"]) == ("好几个", "五百万")
        assert "introduction" in row
        assert "changed_or_cancelled" not in row


def checked_again(found):
    """What has been read is written and read once more."""
    content = template(PROVINCE, on=ON, rows=[one.values for one in found])
    return checked(content, on=TODAY)


class TestAWorkbookThatIsNotOurTemplate:
    def refused(self, content, name="申报.xlsx"):
        with pytest.raises(FileRefused) as refused:
            read(content, name)
        assert str(refused.value).endswith("。")
        return str(refused.value)

    def test_another_version_is_named_beside_todays(self):
        def older(workbook):
            workbook[LISTS]["A2"], workbook[LISTS]["A4"] = "0123456789ab", "ba9876543210"

        words = self.refused(changed(own(), older))
        for said in ("0123456789ab", "ba9876543210", OWN.version, OWN.catalogue.version):
            assert said in words

    def test_somebody_elses_workbook_is_told_to_be_none(self):
        def without_lists(workbook):
            del workbook[LISTS]

        assert "不是本平台的申报模板" in self.refused(changed(own(), without_lists))
        blank = io.BytesIO()
        openpyxl.Workbook().save(blank)
        assert "不是本平台的申报模板" in self.refused(blank.getvalue())

    def test_an_empty_template_has_nothing_to_read(self):
        assert "没有填写内容" in self.refused(template(OWN, on=ON))
        assert "没有填写内容" in self.refused(template(PROVINCE, on=ON))

    @pytest.mark.parametrize(
        ("name", "part", "words"),
        [
            ("a.xlsm", None, "含宏"),
            ("a.xls", None, "旧版"),
            ("a.csv", None, "下载模板"),
            ("a.xlsx", "xl/vbaProject.bin", "含有宏"),
            ("a.xlsx", "xl/macrosheets/sheet1.xml", "含有宏"),
            ("a.xlsx", "xl/externalLinks/externalLink1.xml", "链接了其他文件"),
        ],
    )
    def test_macros_links_and_other_kinds_are_refused(self, name, part, words):
        content = repacked(own(), lambda _, octets: octets, {part: b"<a/>"} if part else {})
        assert words in self.refused(content, name)

    def test_a_bomb_and_a_far_corner_are_refused(self):
        assert "200 MB" in self.refused(
            repacked(own(), lambda _, octets: octets, {"xl/media/a.png": b" " * 210_000_000})
        )

        def far(workbook):
            workbook[J7]["XFD1048576"] = "x"

        assert "超过可以读取的范围" in self.refused(changed(own(), far))

    def test_days_counted_from_1904_are_refused(self):
        def from_1904(name, octets):
            return (
                octets.replace(b"<workbookPr", b'<workbookPr date1904="1"')
                if name == "xl/workbook.xml"
                else octets
            )

        assert "1904" in self.refused(repacked(own(), from_1904))

    def test_formulas_without_end_are_refused_at_once(self):
        def fill(workbook):
            for row in range(FIRST_ROW, FIRST_ROW + 600):
                workbook[J7].cell(row, 1).value = f"=A{row}"

        assert "500处以上的公式" in self.refused(changed(own(), fill))

    def test_the_sheet_of_the_agency_or_its_code_may_not_lack(self):
        def without_sheet(workbook):
            del workbook[J1]

        def without_code(workbook):
            sheet, _, column = place(OWN, "J1-02")
            workbook[sheet].delete_cols(column)

        assert "没有工作表" in self.refused(changed(own(), without_sheet))
        assert "没有J1-02" in self.refused(changed(own(), without_code))


class TestWhatIsToldWithItsPlace:
    def test_a_formula_is_named_by_its_cell(self):
        content = put(own(), OWN, J1_20="=2+3")
        (fault,) = faults(content)
        assert fault[:2] == (J1, f"{openpyxl.utils.get_column_letter(place(OWN, 'J1-20')[2])}{FIRST_ROW}")
        assert "公式" in fault[2]

    def test_a_formula_in_a_row_of_its_own_is_not_passed_over(self):
        def add(workbook):
            workbook[J6].cell(FIRST_ROW + 5, 3).value = "=1"

        assert [fault[:2] for fault in faults(changed(own(), add))] == [(J6, f"C{FIRST_ROW + 5}")]

    @pytest.mark.parametrize("saved_by", ["openpyxl", "a parser's way"])
    def test_a_formula_is_found_however_the_sheet_is_written(self, saved_by):
        content = put(own(), OWN, J1_20="=2+3")
        if saved_by != "openpyxl":
            content = repacked(content, lambda name, octets: re.sub(rb'r="([A-Z]+\d+)"', rb"r='\1'", octets) if "worksheets" in name else octets)  # fmt: skip
        assert "公式" in faults(content)[0][2]

    def test_merged_cells_are_told(self):
        told = faults(changed(own(), lambda workbook: workbook[J7].merge_cells("A5:B6")))
        assert sorted(cell for _, cell, _ in told) == ["A5", "A6"]
        assert all("A5:B6" in message for _, _, message in told)

    def test_a_hidden_sheet_is_not_read_in_silence(self):
        def hide(workbook):
            workbook[J7].sheet_state = "hidden"

        told = faults(changed(own(), hide))
        assert (J7, "", "工作表被隐藏，没有读取，请取消隐藏或删去。") in told

    def test_an_unknown_sheet_and_a_second_one_are_told(self):
        def add(workbook):
            workbook.create_sheet("我的备注")["A1"] = "x"
            workbook.copy_worksheet(workbook[J5]).title = "J5 其他股东 (2)"

        told = {sheet: message for sheet, _, message in faults(changed(own(), add))}
        assert "申报模板没有这张工作表" in told["我的备注"]
        assert "J5有两张工作表" in told["J5 其他股东 (2)"]

    def test_an_unknown_a_lacking_and_a_repeated_column_are_told(self):
        def spoil(workbook):
            page = workbook[J5]
            page.cell(CODE_ROW, 1).value = "姓名"
            page.cell(CODE_ROW, 3).value = "J5-04"

        told = [message for _, _, message in faults(changed(own(), spoil))]
        assert any("“姓名”不是这张表的指标编号" in words for words in told)
        assert any("J5-04有两栏" in words for words in told)
        assert any("缺少J5-03姓名这一栏" in words for words in told)

    def test_words_outside_the_columns_are_told(self):
        def write(workbook):
            workbook[J6].cell(FIRST_ROW, 40).value = "备注：加急"

        (fault,) = faults(changed(own(), write))
        assert fault[:2] == (J6, f"AN{FIRST_ROW}")
        assert "不在模板里" in fault[2]

    def test_a_picture_in_the_sheet_is_told_not_to_be_read(self):
        drawn = io.BytesIO()
        Picture.new("RGB", (8, 8)).save(drawn, "png")

        def paint(workbook):
            workbook[J1].add_image(Image(io.BytesIO(drawn.getvalue())), "B9")

        workbook = read(changed(own(), paint))
        assert [(fault.blocks, "图片没有读入" in fault.message) for fault in workbook.faults] == [
            (False, True)
        ]

    def test_a_lacking_table_blocks_unless_it_may_be_empty(self):
        def without(*titles):
            def change(workbook):
                for title in titles:
                    del workbook[title]

            return change

        workbook = read(changed(own(), without(J5, J8)))
        assert {(fault.message[5:8], fault.blocks) for fault in workbook.faults} == {
            ("“J5", False),
            ("“J8", True),
        }

    def test_two_agencies_in_the_template_of_one_are_told(self):
        def add(workbook):
            for column in range(1, 30):
                workbook[J1].cell(FIRST_ROW + 1, column).value = workbook[J1].cell(FIRST_ROW, column).value

        (fault,) = faults(changed(own(), add))
        assert fault[:2] == (J1, f"A{FIRST_ROW + 1}")
        assert "几家机构请用多家机构的模板" in fault[2]

    def test_a_million_blank_rows_cost_nothing_and_are_passed_over(self):
        def lie(name, octets):
            if "worksheets/sheet6" not in name:
                return octets
            octets = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', octets)
            rows = b"".join(b'<row r="%d"/>' % number for number in range(1000, 1_000_000))
            return octets.replace(b"</sheetData>", rows + b"</sheetData>")

        (found,) = checked(repacked(own(), lie))
        assert plain(found.values) == plain(declaration())

    def test_blank_rows_with_a_format_are_passed_over(self):
        def paint(workbook):
            for row in range(FIRST_ROW + 2, 40_000):
                workbook[J7].cell(row, 1).number_format = "@"

        (found,) = checked(changed(own(), paint))
        assert len(found.values["J7"]) == 2


class TestManyAgencies:
    def key(self, sheet):
        return next(one for one in PROVINCE.sheets if one.code == sheet)

    def change(self, table, row, column, value):
        title = self.key(table).title

        def write(workbook):
            workbook[title].cell(row, column).value = value

        return changed(province(), write)

    def test_an_agency_twice_is_told_at_the_second(self):
        first = next(declarations(1))["J1"]["legal_code"]
        workbook = read(self.change("J1", FIRST_ROW + 1, 1, first))
        raws = list(workbook)
        assert next(raw.code for raw in raws) == first
        (fault,) = raws[0].faults
        assert (fault.row, fault.column, fault.agency) == (FIRST_ROW + 1, 1, first)
        assert f"第{FIRST_ROW}行已经填过" in fault.message
        # The rows of the agency whose code was lost are nobody's now, and told so one by one.
        assert len(raws) == 3
        assert {fault.row for fault in workbook.faults} >= {FIRST_ROW + 1}

    @pytest.mark.parametrize("table", ["J2", "J5", "J6", "J7", "J8"])
    def test_a_row_of_an_agency_that_is_not_there_is_nobodys(self, table):
        workbook = read(self.change(table, FIRST_ROW, 1, "91350100M00090XX11"))
        (fault,) = workbook.faults
        assert (fault.sheet, fault.cell) == (self.key(table).title, f"A{FIRST_ROW}")
        assert "“91350100M00090XX11”不在工作表" in fault.message

    def test_a_row_without_a_code_is_nobodys(self):
        (fault,) = read(self.change("J7", FIRST_ROW, 1, None)).faults
        assert "没有填写法人代码" in fault.message

    def test_a_code_written_in_another_way_is_the_same(self):
        code = next(declarations(1))["J1"]["legal_code"]
        wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code.lower())
        found = checked(self.change("J7", FIRST_ROW, 1, f" {wide[:9]} {wide[9:]}"), on=TODAY)
        assert [one.faults for one in found] == [()] * 4

    def test_one_agencys_fault_leaves_the_others_alone(self):
        column = [one.code for one in self.key("J1").columns].index("J1-20") + 1
        found = checked(self.change("J1", FIRST_ROW, column, "若干"), on=TODAY)
        assert [one.taken for one in found] == [False, True, True, True]

    def test_an_agency_without_a_representative_is_told_where_it_stands(self):
        title = self.key("J2").title

        def clear(workbook):
            for column in range(1, 30):
                workbook[title].cell(FIRST_ROW + 1, column).value = None

        found = checked(changed(province(), clear), on=TODAY)
        lacking = found[1].faults[0]
        assert (lacking.sheet, lacking.row) == (self.key("J1").title, FIRST_ROW + 1)
        assert lacking.message == "J2：没有填写法定代表人基本情况。"


def test_an_agency_is_given_once_and_no_longer_held():
    workbook = read(province())
    assert len(workbook.codes) == 4
    first = next(iter(workbook))
    assert check_declaration(first, on=TODAY).taken
    assert len(workbook.codes) == 3
    assert GUIDE not in workbook.sheets
