"""A row becomes a work order, or says column by column what is wrong with it."""

from datetime import datetime

import pytest

from fangxin.deadlines.clock import SHANGHAI
from fangxin.exchange.columns import field_named, guessed, signature
from fangxin.exchange.orders import Reading
from fangxin.exchange.tables import Row
from fangxin.exchange.tests.files import HEADER, line

NOW = datetime(2026, 2, 13, 12, 0, tzinfo=SHANGHAI)


def read(header=HEADER, cells=None, **changes):
    reading = Reading("beijing", header, guessed(header), "hotline", NOW)
    return reading.order(Row(7, tuple(line(1, **changes) if cells is None else cells)), 0)


def said(remarks):
    return [(remark.column, remark.message) for remark in remarks]


def test_a_plain_row_is_a_work_order():
    order = read(原承办单位答复="已转物业公司。", 答复时间="2026/1/9 15:06:00")
    told = order.grievance
    assert order.wrong == ()
    assert (order.number, order.source, told.district) == ("HX00001", "hotline", "110105")
    assert told.received_at == datetime(2026, 1, 2, 9, 1, 4, tzinfo=SHANGHAI)
    assert told.earlier_answer == "已转物业公司。\n（答复时间 2026-01-09 15:06）"
    assert told.origin_document == "来电人代号 A000001"
    assert order.person == {}
    assert order.has_caller


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026/1/2 9:01:04", (2026, 1, 2, 9, 1, 4)), ("2026-01-02 09:01", (2026, 1, 2, 9, 1, 0)),
        ("2026年1月2日 9时1分", (2026, 1, 2, 9, 1, 0)), ("2026.1.2", (2026, 1, 2, 0, 0, 0)),
        ("20260102", (2026, 1, 2, 0, 0, 0)), ("2026-01-02T01:01:04Z", (2026, 1, 2, 9, 1, 4)),
        ("２０２６／１／２ ９：０１", (2026, 1, 2, 9, 1, 0)), ("2026-01-02T09:01:04.250", (2026, 1, 2, 9, 1, 4)),
    ],
)  # fmt: skip
def test_a_moment_is_read_in_the_ways_people_write_it(written, meant):
    assert read(创建时间=written).grievance.received_at == datetime(*meant, tzinfo=SHANGHAI)


def test_a_moment_that_excel_counts_as_a_number_is_read():
    cells = [*line(1)[:2], 46024.5, *line(1)[3:]]
    assert read(cells=cells).grievance.received_at == datetime(2026, 1, 2, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026/2/30 9:00", "没有这样的日期"), ("2025/2/29", "没有这样的日期"), ("2026/1/2 25:00", "没有这样的日期"),
        ("昨天上午", "不是日期时间"), ("2026/13/1", "没有这样的日期"), ("2027/1/1", "晚于现在"), ("1900/1/1", "早于 1990"),
    ],
)  # fmt: skip
def test_an_impossible_moment_is_refused_by_the_name_of_its_column(written, why):
    ((column, message),) = said(read(创建时间=written).wrong)
    assert column == "创建时间"
    assert why in message


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("朝阳区", "110105"), ("朝阳", "110105"), ("北京市朝阳区", "110105"), ("110105", "110105"), ("密云县", "110118"),
        ("经开区", "110302"), ("北京经济技术开发区", "110302"), ("", ""),
    ],
)  # fmt: skip
def test_a_district_is_known_by_its_names_and_its_code(written, code):
    order = read(被反映区=written)
    assert order.grievance.district == code
    assert order.notes == ()


def test_an_unknown_district_is_left_open_and_noted():
    order = read(被反映区="鼓楼区")
    assert order.wrong == ()
    assert order.grievance.district == ""
    assert said(order.notes) == [("被反映区", "不认识这个区县，案件未填区县，请在分件时选择。")]


def test_an_unknown_source_is_refused_with_the_list():
    ((column, message),) = said(read(来源="路人转告").wrong)
    assert column == "来源"
    assert "便民热线" in message


@pytest.mark.parametrize("name", ["便民热线", "12345", "12345热线", "hotline"])
def test_the_hotline_has_several_names(name):
    assert read(来源=name).source == "hotline"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"主要内容": "内容\0之后"}, "主要内容"), ({"标题": "半个\ud83d字"}, "标题"), ({"主要内容": "长" * 10_001}, "主要内容"),
        ({"标题": "长" * 201}, "标题"), ({"工单编号": "9" * 65}, "工单编号"), ({"主要内容": "残\udcff"}, "主要内容"),
        ({"被反映区": "朝" * 41}, "被反映区"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_kept_is_refused_by_its_column(changes, column):
    order = read(**changes)
    assert [remark.column for remark in order.wrong] == [column]


def test_rare_characters_and_pictures_are_kept():
    words = "业主𠮷先生、㛃女士😀：=1+1，<script>alert(1)</script>，'; drop table，{{ 7*7 }}"
    assert read(主要内容=words).grievance.text == words


def test_a_row_with_neither_title_nor_text_is_refused():
    ((column, message),) = said(read(标题="", 主要内容=" ").wrong)
    assert column == "主要内容"
    assert "都是空的" in message


def test_a_missing_title_is_the_beginning_of_the_text():
    order = read(标题="")
    assert order.grievance.title == order.grievance.text[:40]
    assert [remark.column for remark in order.notes] == ["标题"]


def test_a_number_kept_as_a_number_is_taken_if_nothing_of_it_was_lost():
    assert read(cells=[188119.0, *line(1)[1:]]).number == "188119"
    ((column, message),) = said(read(cells=[1.101051990010112e17, *line(1)[1:]]).wrong)
    assert column == "工单编号"
    assert "文本格式" in message


def test_a_report_never_shows_an_identity():
    header = (*HEADER, "来电人", "来电人电话")
    order = read(header, [*line(1, 被反映区="某区13800138000"), "张敏\0", "1" * 33])
    shown = " ".join(f"{remark.value}{remark.message}" for remark in (*order.wrong, *order.notes))
    assert len(order.wrong) == 2
    assert "张敏" not in shown
    assert "111" not in shown
    assert "13800138000" not in shown


def test_a_name_and_a_telephone_are_the_persons_and_nobody_elses():
    header = (*HEADER, "来电人", "来电人电话/账号")
    order = read(header, [*line(1), "张敏", "13800138000"])
    assert order.person == {"name": "张敏", "telephone": "13800138000"}


def test_without_name_telephone_and_code_nobody_is_told_of():
    assert not read(来电人代号="").has_caller


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("来电人电话/账号", "telephone"), ("小区点位/项目", "project_name"), ("标题（必填）", "title"), (" 诉求内容： ", "text"),
        ("办理结果", "earlier_answer"), ("满意度", ""), ("地址", ""), ("被反映区", "district"), ("来电人代号", "caller_code"),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_usual_names(name, field):
    assert field_named(name) == field


def test_what_was_chosen_goes_before_what_a_name_suggests():
    header = ("编号", "标题", "事情", "内容")
    assert guessed(header) == {"external_number": 0, "title": 1, "text": 3}
    assert guessed(header, {"事情": "text", "编号": ""}) == {"title": 1, "text": 2}


def test_of_two_columns_that_mean_the_same_the_first_is_taken():
    assert guessed(("标题", "主题", "内容")) == {"title": 0, "text": 2}


def test_a_table_is_remembered_by_its_column_names():
    assert signature(("标题 ", "内容")) == signature(("标题", "内容：")) != signature(("内容", "标题"))
