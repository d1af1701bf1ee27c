"""The catalogue is the annexes, row by row, and every field refuses what its type does not allow."""

import re
import shutil
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import jsonschema_rs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fangxin.rules import Rulebook, RulebookBroken, RuleUnknown, book
from fangxin.rules.divisions import divisions
from fangxin.rules.indicator_fields import Disclosure, FilledBy
from fangxin.rules.indicator_values import KINDS
from fangxin.rules.indicators import IndicatorWrong, catalogue
from fangxin.rules.reader import rulebook_folder
from fangxin.rules.sources import sources, squeezed

CATALOGUE = catalogue()
TEXT = sources()["fujian-plan"].text
FIELDS = [field for table in CATALOGUE.tables for field in table.all_fields]
TODAY = date(2026, 11, 22)


def printed_rows():
    """The rows of the annexes' tables: code → (name, content, mark, remark), read from the document itself."""
    cells = [cell.strip() for cell in TEXT[TEXT.index("一、记录内容") :].split("\t")]
    return {
        code: tuple(squeezed(cell) for cell in cells[at + 1 : at + 5])
        for at, code in enumerate(cells)
        if re.fullmatch(r"[JT]\d-\d\d(-\d\d)?", code)
    }


def printed_notes(heading, until):
    """The numbered notes of an annex."""
    _, _, rest = TEXT.partition(heading)
    return [squeezed(line) for line in rest.partition(until)[0].splitlines() if re.match(r"\s*\d+．", line)]


ROWS = printed_rows()


class TestItIsTheDocument:
    def test_118_indicators_and_no_other_in_the_order_of_the_document(self):
        assert len(ROWS) == 118
        assert [field.code for field in CATALOGUE.fields] == list(ROWS)
        assert {table.code: len(table.fields) for table in CATALOGUE.tables} == {
            "J1": 28, "J2": 23, "J3": 7, "J4": 7, "J5": 10, "J6": 13, "J7": 8, "J8": 4, "T1": 14, "T2": 4,
        }  # fmt: skip

    @pytest.mark.parametrize("field", CATALOGUE.fields, ids=lambda field: field.code)
    def test_a_name_is_the_printed_one_letter_by_letter(self, field):
        assert squeezed(field.as_printed) == ROWS[field.code][0]

    def test_only_the_slip_of_j7_06_is_called_otherwise_than_printed(self):
        assert {field.code: field.title for field in CATALOGUE.fields if field.printed} == {
            "J7-06": "房地产经纪机构经纪人注册号"
        }

    def test_32_marks_exactly_where_the_document_has_them(self):
        marked = {code for code, (_, _, mark, _) in ROWS.items() if mark == "●"}
        assert len(marked) == 32
        assert marked == {field.code for field in CATALOGUE.secret_fields()}
        assert {mark for _, _, mark, _ in ROWS.values()} == {"●", ""}
        # Every ● of the annexes is that of a row or of one of the ten headings.
        assert TEXT.count("●") == 32 + len(CATALOGUE.tables)

    def test_every_mark_is_shown_as_the_document_shows_it(self):
        assert {field.code: field.mark for field in CATALOGUE.fields} == {
            code: mark for code, (_, _, mark, _) in ROWS.items()
        }

    def test_the_titles_of_the_tables_and_how_often_they_repeat(self):
        for table in CATALOGUE.tables:
            repeats = f"（{table.repeats}）" if table.repeats else ""
            assert squeezed(f"{table.code}{table.title}{repeats}") == squeezed(table.quote)
            assert squeezed(table.quote) in squeezed(TEXT)
        assert {table.code for table in CATALOGUE.tables if not table.many} == {"J1", "J2", "J8"}

    def test_the_18_notes_of_annex_1_and_the_4_of_annex_2_are_quoted_whole(self):
        first = printed_notes("二、指标说明", "附件2")
        second = printed_notes("二、说明", "- 2 -")
        assert (len(first), len(second)) == (18, 4)
        passages = [*CATALOGUE.fields, *(note for table in CATALOGUE.tables for note in table.notes)]
        quoted = {squeezed(passage.quote): passage.clause for passage in passages if passage.quote}
        assert quoted == {note: f"附件1 说明{n}" for n, note in enumerate(first, 1)} | {
            note: f"附件2 说明{n}" for n, note in enumerate(second, 1)
        }

    def test_a_note_stands_with_the_field_it_names(self):
        slips = {"J1-11": "T1-11", "J1-14": "T1-14"}
        for field in CATALOGUE.fields:
            if named := re.match(r"\d+．([JT]\d-\d\d(-\d\d)?)", field.quote):
                said = slips[named[1]] if "附件2" in field.clause else named[1]
                assert said == field.code

    def test_the_remark_under_j1_25_is_kept(self):
        assert CATALOGUE.field("J1-25").remark in TEXT

    def test_the_only_cell_with_content_gives_the_list_of_t1_11(self):
        assert {code for code, (_, content, _, _) in ROWS.items() if content} == {"T1-11"}
        assert ROWS["T1-11"][1] == "".join(f"·{title}" for title in CATALOGUE.field("T1-11").options)

    @pytest.mark.parametrize(("code", "note"), [("J1-24", 7), ("J6-04", 18), ("J2-20", 14)])
    def test_a_list_that_a_note_gives_is_that_list(self, code, note):
        said = next(line for line in printed_notes("二、指标说明", "附件2") if line.startswith(f"{note}．"))
        assert all(title in said for title in CATALOGUE.field(code).options)


class TestItIsSound:
    def test_every_indicator_has_one_column_of_its_own(self):
        for table in CATALOGUE.tables:
            columns = [field.column for field in table.all_fields]
            assert len(columns) == len(set(columns))
            assert [table.by_column[column] for column in columns] == list(table.all_fields)

    def test_the_classes_follow_the_marks(self):
        for field in CATALOGUE.fields:
            secret = Disclosure.AUTHORISED if field.code.startswith("J") else Disclosure.CONFIDENTIAL
            assert field.class_ is (Disclosure.PUBLIC if field.public else secret)
        assert len(CATALOGUE.grantable_fields()) == 25
        assert {field.code[0] for field in CATALOGUE.grantable_fields()} == {"J"}

    def test_what_is_added_says_why_and_is_not_counted(self):
        added = [field for table in CATALOGUE.tables for field in table.additions]
        assert added
        assert all(field.ours and "+" in field.code for field in added)
        assert not set(added) & set(CATALOGUE.fields)

    def test_every_type_of_the_catalogue_is_used(self):
        assert {field.type for field in FIELDS} == set(KINDS)

    def test_nobody_but_the_authority_fills_in_a_bad_record_or_the_opinion_on_a_filing(self):
        assert {field.code for field in CATALOGUE.fields if field.filled_by is FilledBy.AUTHORITY} == {
            "J4-03", "J4-04", "J4-05", "J4-06", "J4-07", "J8-04",
        }  # fmt: skip

    def test_the_names_of_the_agency_are_carried_over_not_typed(self):
        for table in ("J2", "J3", "J4", "J5", "J7", "J8"):
            for field in CATALOGUE.table(table).fields[:2]:
                assert field.filled_by is FilledBy.PLATFORM
                assert field.column in ("agency_name", "agency_code")
        assert "机构名称" not in {field.title for field in CATALOGUE.table("J6").fields}

    def test_the_cities_are_those_of_the_divisions_and_the_organisations_and_pingtan(self):
        (fujian,) = (one for one in divisions().provinces if one.code == "350000")
        offered = CATALOGUE.field("J1-03").options
        assert offered == {city.code: city.name for city in fujian.cities} | {"350128": "平潭综合实验区"}
        assert offered == {city.key: city.title for city in book("fujian").cities}

    def test_the_counties_leave_out_what_is_not_offered(self):
        counties = CATALOGUE.field("J1+01").options
        assert len(counties) == 83
        assert "350527" not in counties

    def test_every_list_is_used_and_says_where_it_comes_from(self):
        lists = book("fujian").code_lists
        assert set(lists) == {field.list_ for field in FIELDS if field.list_}
        assert all(one.quote or len(one.ours) > 10 for one in lists.values())

    def test_an_unknown_table_or_field_is_told(self):
        with pytest.raises(RuleUnknown, match="没有表“J9”；现有：J1、"):
            CATALOGUE.table("J9")
        with pytest.raises(RuleUnknown, match="没有“J1-99”"):
            CATALOGUE.field("J1-99")

    def test_a_book_without_indicators_has_none(self):
        assert catalogue("beijing").tables == ()

    def test_it_is_read_once_and_bears_the_version_of_its_book(self):
        assert catalogue() is CATALOGUE
        assert CATALOGUE.version == book("fujian").version


class TestWhatThePublicSees:
    def test_it_is_what_has_no_mark_and_is_not_held_back(self):
        shown = {field.code for table in CATALOGUE.tables for field in CATALOGUE.public_fields(table.code)}
        held_back = {field.code for field in CATALOGUE.held_back_fields()}
        assert held_back == {"J6-02", "J6-08", "J6-09", "J7-03", "T1-06", "T1-07", "T1-12"}
        assert len(shown & set(ROWS)) == 118 - 32 - len(held_back)
        assert not shown & {field.code for field in CATALOGUE.secret_fields()}

    def test_what_is_held_back_has_no_mark_and_says_why(self):
        for field in CATALOGUE.held_back_fields():
            assert field.public
            assert len(field.held_back) > 10
            assert field.settled_in

    def test_no_way_round_a_mark_is_open(self):
        joins = book("fujian").joins
        assert {join.key for join in joins} == {"by_contract_number", "by_broker", "by_assistant"}
        for join in joins:
            assert not CATALOGUE.field(join.secret).public
            assert CATALOGUE.field(join.open_name).shown
            assert not all(CATALOGUE.field(code).shown for code in join.through), join.title

    def test_projects_and_their_people_share_nothing_the_public_sees(self):
        projects = {field.type for field in CATALOGUE.public_fields("J6")}
        people = {field.column for field in CATALOGUE.public_fields("J7")}
        assert people & {field.column for field in CATALOGUE.public_fields("J6")} == set()
        assert not projects & {"person", "people", "registration_no"}
        assert CATALOGUE.table("J7").distinct

    def test_a_grant_never_reaches_a_complainant_nor_by_consent_a_client(self):
        grantable = {field.code for field in CATALOGUE.grantable_fields()}
        clients = set(book("fujian").value("disclosure.client_fields", on=TODAY).value)
        assert clients <= grantable
        assert {CATALOGUE.field(code).title[:3] for code in clients} == {"委托人"}
        readers = {reader.key: reader for reader in book("fujian").readers}
        assert all(not reader.may_see(Disclosure.CONFIDENTIAL) for reader in readers.values())
        assert readers["public"].sees == readers["other_agency"].sees == (Disclosure.PUBLIC,)
        assert readers["operator"].sees == ()
        assert {key for key, reader in readers.items() if reader.granted} == {"grantee"}


def of_type(*kinds):
    return [field for field in FIELDS if field.type in kinds]


def by_type(cases):
    """Each wrong input for each field of its type."""
    return [
        pytest.param(field, raw, why, id=f"{field.code}-{at}")
        for kinds, wrong in cases.items()
        for field in of_type(*kinds.split())
        for at, (raw, why) in enumerate(wrong)
    ]


CONTROL = ("甲\x00乙", "不能使用的字符（U+0000）")
WRONG = {
    "text long_text reference": [CONTROL, (True, "应当是文字"), (b"x", "应当是文字"), ({}, "应当是文字")],
    "code choice": [
        ("没有这一项", "“没有这一项”不在可选的范围内；可填："),
        ("无" * 300, "不在可选的范围内"),
        (99, "“99”不在可选的范围内"),
        (True, "应当是文字"),
    ],
    "choices": [("会员、盟主", "“盟主”不在可选的范围内"), ("会员、理事、秘书长、会长", "最多填3项，现有4项")],
    "integer": [
        ("若干", "应当是整数，填的是“若干”"),
        ("1.5", "应当是整数"),
        (2.5, "应当是整数"),
        ("-1", "不得小于0人"),
        (-1, "不得小于0人，填的是-1"),
        (10**7, "请核对"),
        (10**5000, "请核对"),
        (float("nan"), "应当是整数"),
        (True, "应当是文字或数字"),
    ],
    "money_wan": [
        ("若干", "应当是数，填的是“若干”"),
        ("100美元", "应当是数，填的是“100美”"),
        ("-1", "不得小于0万元"),
        ("5000000", "请确认没有把元当成万元"),
        ("1.0000001", "最多6位小数"),
        ("0.005元", "最多6位小数，填的是0.0000005万元"),
        (float("inf"), "应当是数"),
        ("1,00", "应当是数"),
        (True, "应当是文字或数字"),
    ],
    "percent": [
        ("六成", "应当是数"),
        ("101", "不得大于100%，填的是101"),
        (-0.5, "不得小于0%"),
        ("33.33333", "最多4位小数"),
        ("60分", "应当是数"),
    ],
    "date": [
        ("2014年11月", "写到日，填的是“2014年11月”；请按“2014-11-22”"),
        ("2015-02-29", "没有“2015-02-29”这一天"),
        ("20150230", "没有“20150230”这一天"),
        ("14-11-22", "应当是日期"),
        ("22/11/2014", "应当是日期"),
        ("1899-12-31", "应在1900-01-01至2199-12-31之间"),
        ("2201-01-01", "应在1900-01-01至2199-12-31之间"),
        (date.max.replace(year=9998), "之间"),
        (2014, "应当是日期"),
        (True, "应当是文字或数字"),
    ],
    "period": [
        ("2014-11-22", "应当写明起止日期"),
        ("六个月", "应当写明起止日期"),
        ("2015-05-21至2014-11-22", "止期2014-11-22早于起期2015-05-21"),
        ("2014-02-30至2014-11-22", "没有“2014-02-30”这一天"),
        ("2014-11-22和2015-05-21", "应当写明起止日期"),
        ("1800-11-22至2015-05-21", "应在1900-01-01"),
    ],
    "moment": [
        ("昨天", "应当是时间，填的是“昨天”"),
        ("2015-02-29 09:30", "应当是时间"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "请核对"),
    ],
    "phone": [
        ("12", "不是认得的号码"),
        ("电话见名片", "含有不能使用的字符“电”"),
        ("0591-8765432112", "不是认得的号码"),
        ("1" * 400, "太长"),
    ],
    "email": [
        ("zhangmin", "不是“名称@域名”的样式"),
        ("a@b", "不是“名称@域名”的样式"),
        ("张敏@example.cn", "不是"),
    ],
    "postcode": [("35000", "应为6位，填的是5位"), ("35000X", "第6位应为数字"), (1234567, "填的是7位")],
    "company_code": [
        ("123", "填的是3位"),
        ("91350100M000100Y44", "第18位校验码应为3，填的是4"),
        ("9" * 400, "太长"),
    ],
    "person_id": [("1234", "不少于5位"), ("身份证号", "应当由数字、字母组成"), ("9" * 31, "应当由")],
    "registration_no": [("12", "至少4位"), ("3520@0001", "应当由数字、字母组成"), ("1" * 41, "不得超过40字，现有41字")],
    "person": [
        ("张三1", "应当是姓名，填的是“张三1”"),
        ("张", "应当是姓名"),
        ("张三，李四", "应当是姓名"),
        ("·张三", "应当是姓名"),
    ],
    "people": [("张三、李四2", "填的是“李四2”"), ("、".join(f"张{chr(0x4E00 + n)}" for n in range(51)), "最多填50项，现有51项")],
    "url": [
        ("网址", "应当是网址"),
        ("javascript://example.cn/%0aalert(1)", "应当是网址"),
        ("ftp://example.cn", "应当是网址"),
        ("http://user:word@example.cn", "应当是网址"),
        ('http://example.cn/"><script>', "应当是网址"),
        ("http://example.cn:99999", "应当是网址"),
        ("www.example.cn/" + "a" * 300, "不得超过200字，现有315字"),
    ],
    "image": [(["a", "b"], "不得超过1张，现有2张"), ("x" * 101, "不是平台里的图片")],
}  # fmt: skip


def test_every_type_is_tried_with_something_wrong():
    assert {kind for kinds in WRONG for kind in kinds.split()} == set(KINDS)


@pytest.mark.parametrize(("field", "raw", "why"), by_type(WRONG))
def test_what_the_type_does_not_allow_is_refused_by_code_and_way_on(field, raw, why):
    with pytest.raises(IndicatorWrong) as wrong:
        field.check(raw)
    assert wrong.value.code == field.code
    assert wrong.value.message.startswith(f"{field.code}：")
    assert wrong.value.message.endswith("。")
    assert why in wrong.value.message
    assert len(wrong.value.message) < 200


@pytest.mark.parametrize("field", [field for field in FIELDS if field.longest], ids=lambda field: field.code)
def test_the_longest_text_is_taken_and_one_character_more_is_refused(field):
    longest = (
        "1" * field.longest
        if field.type in ("reference", "registration_no", "person_id")
        else "房" * field.longest
    )
    if field.type == "url":
        longest = ("http://example.cn/" + "a" * 200)[:200]
    assert field.check(longest) in (longest, (longest,))
    with pytest.raises(
        IndicatorWrong, match=rf"不得超过{field.longest}字，现有{field.longest + 1}字|应当由数字"
    ):
        field.check(f"{longest}{longest[-1]}")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.code)
@pytest.mark.parametrize("nothing", [None, "", "  ", "　\t", "\ufeff", "\u200b \n"])
def test_an_empty_field_is_refused_only_where_something_is_required(field, nothing):
    assert field.read(nothing) is None
    if field.required:
        with pytest.raises(
            IndicatorWrong, match=f"^{re.escape(field.code)}：{re.escape(field.title)}没有填写。$"
        ):
            field.check(nothing)
    else:
        assert field.check(nothing) is None


class TestTheIntroduction:
    field = CATALOGUE.field("J1-25")

    def test_800_characters_are_taken_and_801_are_not(self):
        assert self.field.check("介" * 800) == "介" * 800
        with pytest.raises(IndicatorWrong) as wrong:
            self.field.check("介" * 801)
        assert wrong.value.message == "J1-25：机构介绍不得超过800字，现有801字。"

    def test_blanks_at_the_ends_are_not_counted_and_line_breaks_are(self):
        assert self.field.check(f"\r\n{'介' * 800}  \n") == "介" * 800
        with pytest.raises(IndicatorWrong, match="现有801字"):
            self.field.check("介" * 400 + "\r\n" + "绍" * 400)

    def test_a_character_of_two_code_units_counts_once(self):
        assert self.field.check("𠮷" * 800) == "𠮷" * 800
        with pytest.raises(IndicatorWrong, match="现有801字"):
            self.field.check("𠮷" * 801)

    def test_two_pictures_are_taken_and_three_are_not(self):
        self.field.check_pictures(2)
        with pytest.raises(IndicatorWrong) as wrong:
            self.field.check_pictures(3)
        assert wrong.value.message == "J1-25：机构介绍的图片不得超过2张，现有3张。"

    def test_what_is_asked_for_is_said_beside_it(self):
        assert self.field.hint == "不超过800字；图片不超过2张"
        assert self.field.help.endswith("照片宜为1500×1050像素以上")


@pytest.mark.parametrize(
    ("code", "raw", "value", "shown"),
    [
        ("J1-01", "  福州\u200b诚信　房产 ", "福州诚信 房产", "福州诚信 房产"),
        ("J1-02", "９１３５０１００ｍ０００１００ｙ４３", "91350100M000100Y43", "91350100M000100Y43"),
        ("J1-02", "d2143569x", "D2143569-X", "D2143569-X"),
        ("J1-03", "福州市", "350100", "福州市"),
        ("J1-03", 350128, "350128", "平潭综合实验区"),
        ("J1-06", 350001.0, "350001", "350001"),
        ("J1-07", "0591 87654321／13800138000", "0591-87654321；13800138000", "0591-87654321；13800138000"),
        ("J1-09", "Zhang@Example.CN；zhang@example.cn", "Zhang@example.cn；zhang@example.cn", "Zhang@example.cn；zhang@example.cn"),
        ("J1-10", "WWW.Example.cn/关于", "http://www.example.cn/关于", "http://www.example.cn/关于"),
        ("J1-11", "173 私营有限责任公司", "173", "私营有限责任公司"),
        ("J1-11", 173, "173", "私营有限责任公司"),
        ("J1-12", "经纪服务\r\n\r\n\r\n\r\n信息咨询  \r\n", "经纪服务\n\n信息咨询", "经纪服务\n\n信息咨询"),
        ("J1-13", "350100100000017", "350100100000017", "350100100000017"),
        ("J1-14", "人民币５００万元整", Decimal(500), "500万元"),
        ("J1-14", "￥1,234,500.50元", Decimal("123.45005"), "123.45005万元"),
        ("J1-14", "1.5亿元", Decimal(15000), "15000万元"),
        ("J1-14", 0.1 + 0.2, Decimal("0.3"), "0.3万元"),
        ("J1-14", Decimal("500.00"), Decimal(500), "500万元"),
        ("J1-15", "２０１０年５月６日", date(2010, 5, 6), "2010-05-06"),
        ("J1-15", "2010/5/6", date(2010, 5, 6), "2010-05-06"),
        ("J1-15", "2010．5．6", date(2010, 5, 6), "2010-05-06"),
        ("J1-15", "20100506", date(2010, 5, 6), "2010-05-06"),
        ("J1-15", 20100506, date(2010, 5, 6), "2010-05-06"),
        ("J1-15", 40304.0, date(2010, 5, 6), "2010-05-06"),
        ("J1-15", datetime(2010, 5, 6, 0, 0), date(2010, 5, 6), "2010-05-06"),  # noqa: DTZ001 - as workbooks give it
        ("J1-15", datetime(2010, 5, 5, 16, 0, tzinfo=UTC), date(2010, 5, 6), "2010-05-06"),
        ("J1-15", "2010-05-06 00:00:00", date(2010, 5, 6), "2010-05-06"),
        ("J1-16", "长期有效", date.max, "长期"),
        ("J1-16", "9999-12-31", date.max, "长期"),
        ("J1-17", "欧阳　娜", "欧阳娜", "欧阳娜"),
        ("J1-17", "阿卜杜•热合曼", "阿卜杜·热合曼", "阿卜杜·热合曼"),
        ("J1-17", "J. K. O'Neil-Smith", "J. K. O'Neil-Smith", "J. K. O'Neil-Smith"),
        ("J1-20", "１２ 人", 12, "12人"),
        ("J1-20", 12.0, 12, "12人"),
        ("J1-20", "1,234", 1234, "1234人"),
        ("J1-24", "常务理事", "常务理事", "常务理事"),
        ("J2-04", "男", "1", "男"),
        ("J2-05", "中华人民共和国", "CHN", "中国"),
        ("J2-07", "身份证", "居民身份证", "居民身份证"),
        ("J2-08", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X", "11010519491231002X"),
        ("J2-14", "本科", "20", "大学本科"),
        ("J2-17", "闽 3520（2010）0001", "闽3520(2010)0001", "闽3520(2010)0001"),
        ("J2-20", "副会长，理事", ("副会长", "理事"), "副会长、理事"),
        ("J2-22", "６０％", Decimal(60), "60%"),
        ("J6-02", "〔2014〕 第０１号", "〔2014〕第01号", "〔2014〕第01号"),
        ("J6-06", "自2014年11月22日起至2015年5月21日止", "2014-11-22/2015-05-21", "2014-11-22至2015-05-21"),
        ("J6-06", "20141122—20150521", "2014-11-22/2015-05-21", "2014-11-22至2015-05-21"),
        ("J6-06", [date(2014, 11, 22), date(2015, 5, 21)], "2014-11-22/2015-05-21", "2014-11-22至2015-05-21"),
        ("J6-08", "张敏，李强；张敏", ("张敏", "李强"), "张敏、李强"),
        ("J2-06", "photo-1", ("photo-1",), "1张"),
        ("T1-11", "其它", "其他", "其他"),
    ],
)  # fmt: skip
def test_the_usual_ways_of_writing_become_one(code, raw, value, shown):
    field = CATALOGUE.field(code)
    assert field.check(raw) == value
    assert field.display(value) == shown


def test_a_moment_is_one_of_asia_shanghai():
    field = CATALOGUE.field("T1-13")
    moment = field.check("2014-11-22 09:30")
    assert moment == datetime(2014, 11, 22, 1, 30, tzinfo=UTC) == field.check(moment.astimezone(UTC))
    assert field.display(moment) == "2014-11-22 09:30"
    assert field.plain(moment) == "2014-11-22T09:30:00+08:00"


def test_a_day_to_come_is_refused_where_only_a_past_one_makes_sense():
    registered, expires = CATALOGUE.field("J1-15"), CATALOGUE.field("J1-16")
    assert registered.check("2026-11-22", on=TODAY) == TODAY
    with pytest.raises(
        IndicatorWrong, match=r"^J1-15：工商注册日期不得晚于今天，填的是2026-11-23，请核对。$"
    ):
        registered.check("2026-11-23", on=TODAY)
    assert registered.check("2026-11-23") == date(2026, 11, 23)
    assert expires.check("2036-11-22", on=TODAY) == date(2036, 11, 22)


def test_a_word_for_no_end_is_refused_where_there_must_be_one():
    with pytest.raises(IndicatorWrong, match="J1-15：工商注册日期应当是日期"):
        CATALOGUE.field("J1-15").check("长期")


def test_an_empty_value_is_shown_as_nothing():
    assert {field.display(None) for field in FIELDS} == {""}
    assert {field.plain(None) for field in FIELDS} == {None}


def test_a_row_is_checked_whole_and_nothing_sound_is_lost():
    row = CATALOGUE.check_row(
        "J5", {"name": "陈晨", "sex": "不详", "invested": "二百", "invested_percent": "40", "unknown": 1}
    )
    assert [error.code for error in row.wrong] == ["J5-01", "J5-02", "J5-04", "J5-08", "J5+01"]
    assert row.values["name"] == "陈晨"
    assert row.values["invested_percent"] == 40
    assert row.values["personnel_file_at"] is None
    assert "unknown" not in row.values
    draft = CATALOGUE.check_row("J5", {"name": "陈晨", "invested": "二百"}, complete=False)
    assert [error.code for error in draft.wrong] == ["J5-08"]


LIKELY = st.one_of(
    st.text(max_size=60),
    st.text(
        alphabet="0123456789０１２-—/年月日.,，、；; 　%％万亿元人民币￥至到自起止Xx@.cn()（）男女张李·",
        max_size=40,
    ),
    st.from_regex(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?", fullmatch=True),
    st.integers(),
    st.integers(0, 400_000),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.none(),
    st.binary(max_size=5),
    st.dates(),
    st.datetimes(),
    st.lists(st.text(max_size=8), max_size=4),
    st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
)
SCHEMAS = {field.code: jsonschema_rs.validator_for(field.json_schema()) for field in FIELDS}


@settings(max_examples=1500, deadline=None)
@given(field=st.sampled_from(FIELDS), raw=LIKELY)
@example(CATALOGUE.field("J1-14"), Decimal("sNaN"))
@example(CATALOGUE.field("J1-20"), Decimal("1E+999999"))
@example(CATALOGUE.field("J1-14"), 1e308)
@example(CATALOGUE.field("J1-15"), datetime.max.replace(tzinfo=UTC))
@example(CATALOGUE.field("T1-13"), datetime.min.replace(tzinfo=UTC))
@example(CATALOGUE.field("J1-01"), "\ud800")
@example(CATALOGUE.field("J1-20"), "²")
@example(CATALOGUE.field("J1-10"), "http://[::1")
@example(CATALOGUE.field("J6-08"), [["张敏"]])
def test_whatever_comes_is_read_or_refused_and_what_was_read_is_read_again(field, raw):
    try:
        value = field.check(raw)
    except IndicatorWrong as wrong:
        assert wrong.message.startswith(f"{field.code}：")  # noqa: PT017
        assert wrong.message.endswith("。")  # noqa: PT017
        return
    assert field.check(value) == value
    assert field.check(field.plain(value)) == value
    assert SCHEMAS[field.code].is_valid(field.plain(value))
    assert isinstance(field.display(value), str)
    if field.type not in ("image", "moment"):
        assert field.check(field.display(value)) == value


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=900))
def test_what_is_kept_of_a_text_can_be_stored_shown_and_counted(text):
    field = CATALOGUE.field("J1-25")
    try:
        kept = field.check(text)
    except IndicatorWrong:
        return
    if kept is not None:
        assert len(kept) <= 800
        assert kept == kept.strip()
        assert "\x00" not in kept
        assert "\r" not in kept
        kept.encode()


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.code)
def test_the_schema_names_the_indicator_and_refuses_what_is_not_its_value(field):
    schema = field.json_schema()
    assert schema["title"] == f"{field.code} {field.title}"
    assert schema["x-class"] == field.class_
    assert SCHEMAS[field.code].is_valid(None) is not field.required
    assert not SCHEMAS[field.code].is_valid({"nothing": "of the kind"})


def test_ten_thousand_agencies_are_read_in_seconds():
    import time

    row = {
        "name": "福州诚信房地产经纪有限公司", "legal_code": "91350100M000100Y43", "city": "福州市", "county": "鼓楼区",
        "office_address": "福州市鼓楼区五四路1号", "postcode": "350001", "telephone": "0591-87654321",
        "email": "a@example.cn", "registration_type": "173", "business_scope": "房地产经纪服务；房地产信息咨询。",
        "licence_no": "350100100000017", "registered_capital": "500", "registered_on": "2010-05-06",
        "licence_expires_on": "长期", "legal_representative": "刘洋", "broker_count": "12",
        "full_time_broker_count": 5, "assistant_count": 3, "staff_count": 8, "mid_title_count": 2,
        "senior_title_count": 1, "shareholder_count": 2, "introduction": "成立于2010年。" * 40,
    }  # fmt: skip
    assert CATALOGUE.check_row("J1", row).wrong == ()
    times = 300
    begun = time.process_time()
    for _ in range(times):
        CATALOGUE.check_row("J1", row)
    each = (time.process_time() - begun) / times / len(CATALOGUE.table("J1").all_fields)
    # A million cells in twenty seconds on the slowest machine; three on an ordinary one.
    assert each < 20e-6 or sys.gettrace() is not None


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("J1", "code: J1\n", "code: J9\n", "J1-01 不属于 J9"),
        ("J1", "{code: J1-05,", "{code: J1-04,", "code 重复：J1-04"),
        ("J1", "column: mailing_address", "column: office_address", "column 重复：office_address"),
        ("J1", "column: mailing_address", "column: MailingAddress", "J1-05：column“MailingAddress”应当是小写英文"),
        ("J1", "list: cities", "list: towns", "J1-03：代码表里没有“towns”；现有：sex、"),
        ("J1", "type: phone, several", "type: telephone, several", "J1-07：没有“telephone”这种类型"),
        ("J1", "public: false, class: A, type: postcode", "public: true, class: A, type: postcode", "public 与 class 不一致"),
        ("J1", "public: false, class: A, type: postcode", "public: false, class: K, type: postcode", "J1-06 的 class 应当是 A"),
        ("J1", "longest: 800", "longest: 0", "J1-25：long_text、"),
        ("J1", "ours: 二（二）由市", "note: 二（二）由市", "用 ours 写明理由"),
        ("T1", "public: false, class: K, type: postcode", "public: false, class: A, type: postcode", "T1-09 的 class 应当是 K"),
        ("T2", "code: T2\n", "code: T2\nfolded: true\n", "不认识的键“folded”"),
    ],
)  # fmt: skip
def test_a_catalogue_that_contradicts_itself_is_not_read(tmp_path, file, old, new, why):
    copy = shutil.copytree(rulebook_folder() / "fujian", tmp_path / "fujian")
    path = copy / "indicators" / f"{file}.yaml"
    path.chmod(0o644)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookBroken, match=re.escape(why)):
        Rulebook("fujian", copy)


def test_a_table_lies_in_the_file_of_its_name(tmp_path):
    copy = shutil.copytree(rulebook_folder() / "fujian", tmp_path / "fujian")
    (copy / "indicators" / "T2.yaml").rename(copy / "indicators" / "T3.yaml")
    with pytest.raises(RulebookBroken, match=r"T3\.yaml .*这张表的 code 是“T2”，与文件名不符"):
        Rulebook("fujian", copy)


def test_a_word_changed_in_a_table_is_another_version(tmp_path):
    copy = shutil.copytree(rulebook_folder() / "fujian", tmp_path / "fujian")
    path = copy / "indicators" / "T2.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# 一个注释\n", encoding="utf-8")
    assert Rulebook("fujian", copy).version != CATALOGUE.version
