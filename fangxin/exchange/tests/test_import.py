"""Each row of a file is entered once, known already, or refused with its reason; nothing is lost silently."""

import csv
import io
import threading

import pytest
from django.db import connection, connections

from fangxin.cases.models import Case
from fangxin.complaints.models import Complainant, Complaint, Progress
from fangxin.exchange.actions import begin_run, remember_columns, take_rows, try_rows
from fangxin.exchange.models import ImportedRow, ImportRun
from fangxin.exchange.queries import importer, report_rows, report_text, understood
from fangxin.exchange.tables import open_table
from fangxin.exchange.tests.files import HEADER, as_csv, as_xlsx, line, lines
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.refusals import ActRefused
from tests.cast import beijing_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return beijing_cast()


def take(content: bytes, by, name: str = "工单.csv", source: str = "hotline") -> ImportRun:
    table = open_table(name, content)
    columns = understood(table.header, by)
    begun, _ = begin_run(name, content, table, columns, source=source, by=by)
    return take_rows(begun, table, by=by)


def attempt(content: bytes, by, name: str = "工单.csv"):
    table = open_table(name, content)
    return try_rows(table, understood(table.header, by), source="hotline", by=by)


def counts(run) -> tuple[int, int, int, int]:
    assert run.read == run.added + run.known + run.refused
    return run.read, run.added, run.known, run.refused


def result_of(run: ImportRun) -> dict[int, tuple[str, str]]:
    return {
        row.row: (row.result, "；".join(f"{one['column']}：{one['message']}" for one in row.remarks))
        for row in ImportedRow.objects.filter(run=run)
    }


def test_three_hundred_rows_come_in_and_each_is_a_case(cast):
    run = take(as_csv(lines(300)), cast.dispatcher)
    assert counts(run) == (300, 300, 0, 0)
    assert run.state == "done"
    assert Case.objects.filter(source="hotline", status="registered").count() == 300
    assert len(set(Case.objects.values_list("number", flat=True))) == 300
    cases = [str(pk) for pk in Case.objects.values_list("pk", flat=True)]
    entries = Entry.objects.filter(kind="case:register", subject_id__in=cases).order_by("id")
    assert [entry.details["row"] for entry in entries] == list(range(2, 302))
    assert Progress.objects.count() == 300
    complaint = Complaint.objects.get(external_number="HX00007")
    assert (complaint.title, complaint.district) == ("7号楼电梯经常停运", "110105")
    assert complaint.entered_by_id == cast.dispatcher.body_id


def test_an_imported_case_is_found_by_its_words_and_sorted_like_any_other(cast):
    from fangxin.cases.queries import Sieve, desk

    take(as_csv(lines(3)), cast.dispatcher)
    found = desk(cast.dispatcher, Sieve(bin="todo", words="HX00002"))
    assert [row["title"] for row in found["rows"]] == ["2号楼电梯经常停运"]
    assert Case.objects.first().holder_id == cast.dispatcher.body_id


def test_the_same_file_again_brings_nothing_new(cast):
    content = as_csv(lines(120))
    take(content, cast.dispatcher)
    again = take(content, cast.dispatcher)
    assert counts(again) == (120, 0, 120, 0)
    assert Case.objects.count() == 120
    assert result_of(again)[2] == ("known", "")
    assert again.noted == 0


def test_a_workbook_of_the_same_orders_brings_nothing_new_either(cast):
    take(as_csv(lines(60)), cast.dispatcher)
    assert counts(take(as_xlsx(lines(60)), cast.dispatcher, "工单.xlsx")) == (60, 0, 60, 0)


def test_a_changed_order_is_reported_and_not_overwritten(cast):
    take(as_csv(lines(5)), cast.dispatcher)
    changed = [*lines(4), line(5, 标题="5号楼电梯终于修好")]
    run = take(as_csv(changed), cast.dispatcher)
    assert counts(run) == (5, 0, 5, 0)
    assert run.differing == 1
    assert "已存在，内容不同（标题）" in result_of(run)[6][1]
    assert Complaint.objects.get(external_number="HX00005").title == "5号楼电梯经常停运"


def test_bad_rows_are_refused_by_column_and_the_good_ones_come_in(cast):
    rows = lines(130)
    rows[9] = line(10, 创建时间="2026/2/30 8:00")
    rows[59] = line(60, 主要内容="有\0空字符")
    rows[60] = line(61, 主要内容="太长" * 5_001)
    rows[61] = line(62, 来源="道听途说", 标题="半个\ud800")
    rows[99] = [*line(100), "错位", "的格"]
    run = take(as_csv(rows), cast.dispatcher)
    assert counts(run) == (130, 125, 0, 5)
    told = result_of(run)
    assert "创建时间：没有这样的日期" in told[11][1]
    assert "主要内容：含有无法识别的字符（U+0000）" in told[61][1]
    assert "主要内容：不得超过 10000 字，现有 10002 字" in told[62][1]
    assert "标题：" in told[63][1]
    assert "来源：没有这种来源" in told[63][1]
    assert "（整行）：这一行有 11 格" in told[101][1]
    assert Case.objects.count() == 125


def test_orders_twice_in_one_file_come_in_once(cast):
    rows = [*lines(60), line(3), line(58, 标题="另一种说法"), *lines(2)]
    run = take(as_csv(rows), cast.dispatcher)
    assert counts(run) == (64, 60, 4, 0)
    assert run.differing == 1
    both = take(as_csv([line(201), line(201), line(201, 标题="另一种说法")]), cast.dispatcher)
    assert counts(both) == (3, 1, 2, 0)
    assert "与第 2 行是同一件，内容不同（标题）" in result_of(both)[4][1]


def test_a_dry_run_writes_nothing_and_foresees_the_same_counts(cast):
    rows = [*lines(70), line(3), line(69), line(80, 创建时间="昨天"), line(81, 被反映区="鼓楼区")]
    before = [Entry.objects.count(), ImportRun.objects.count(), Complaint.objects.count()]
    foreseen = attempt(as_csv(rows), cast.dispatcher)
    assert [Entry.objects.count(), ImportRun.objects.count(), Complaint.objects.count()] == before
    assert counts(foreseen) == (74, 71, 2, 1)
    assert foreseen.noted == 1
    assert counts(take(as_csv(rows), cast.dispatcher)) == (74, 71, 2, 1)


def test_orders_without_a_number_come_in_once_too(cast):
    header, rows = HEADER[1:], [one[1:] for one in lines(60)]
    content = as_csv([*rows, rows[0]], header)
    assert counts(attempt(content, cast.dispatcher)) == (61, 60, 1, 0)
    assert counts(take(content, cast.dispatcher)) == (61, 60, 1, 0)
    assert counts(attempt(content, cast.dispatcher)) == (61, 0, 61, 0)
    assert counts(take(content, cast.dispatcher)) == (61, 0, 61, 0)
    assert Case.objects.count() == 60


def test_the_same_words_of_two_people_are_two_orders(cast):
    header = (*HEADER[1:], "来电人电话")
    rows = [[*line(1)[1:], "13800138000"], [*line(1)[1:], "13900139000"]]
    assert counts(take(as_csv(rows, header), cast.dispatcher)) == (2, 2, 0, 0)


def test_names_and_telephones_are_sealed_and_in_no_report(cast):
    header = (*HEADER, "来电人", "来电人电话")
    rows = [[*line(n), "张敏明", "13800138000"] for n in (1, 2)] + [
        [*line(3, 创建时间="?"), "张敏明", "13800138000"]
    ]
    run = take(as_csv(rows, header), cast.dispatcher)
    assert counts(run) == (3, 2, 0, 1)
    assert Complainant.objects.count() == 2
    with connection.cursor() as cursor:
        for table in (
            "complaints_complaint",
            "cases_case",
            "exchange_importrun",
            "exchange_importedrow",
            "journal_entry",
        ):
            cursor.execute(f"select count(*) from {table} as t where t::text ~ '张敏明|13800138000'")
            assert cursor.fetchone() == (0,), table
    assert "张敏明" not in report_text(report_rows(run.pk, 1))


def test_a_code_alone_is_a_complainant_of_whom_nothing_is_sealed(cast):
    take(as_csv([line(1)]), cast.dispatcher)
    complaint = Complaint.objects.get()
    assert complaint.has_complainant
    assert complaint.origin_document == "来电人代号 A000001"
    assert not Complainant.objects.exists()


def test_without_any_caller_the_source_says_whether_anybody_complained(cast):
    take(as_csv([line(1, 来电人代号=""), line(2, 来电人代号="", 来源="舆情监测")]), cast.dispatcher)
    assert dict(Complaint.objects.values_list("source", "has_complainant")) == {
        "hotline": True,
        "media": False,
    }


def test_a_source_the_body_may_not_enter_is_refused_row_by_row(cast):
    run = take(as_csv([line(1), line(2, 来源="舆情监测"), line(3, 来源="网上投诉")]), cast.emergency)
    assert counts(run) == (3, 1, 0, 2)
    assert "不由贵部门录入" in result_of(run)[3][1]
    assert "自动转入" in result_of(run)[4][1]


def test_a_person_who_enters_no_cases_imports_none(cast):
    with pytest.raises(ActRefused, match="不录入案件"):
        take(as_csv(lines(2)), cast.head)
    assert not ImportRun.objects.exists()


def test_without_title_and_text_the_file_is_refused(cast):
    with pytest.raises(ActRefused, match="没有认出“标题”或“主要内容”列"):
        take(as_csv([["1", "x"]], ("工单编号", "备注")), cast.dispatcher)


def test_a_report_has_every_row_and_no_formula(cast):
    rows = [line(1), line(2, 工单编号="=1+1", 创建时间="@SUM(A1)"), line(3, 被反映区="-2+3")]
    run = take(as_csv(rows), cast.dispatcher)
    text = report_text(report_rows(run.pk, run.attempt))
    assert text.startswith("\ufeff行号,结果,工单编号,案件编号,列,内容,说明")
    told = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]
    assert [row[:2] for row in told] == [["2", "新增"], ["3", "拒绝"], ["4", "新增"]]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in told for cell in row)
    assert told[1][2] == "'=1+1"


def test_what_the_columns_mean_is_remembered(cast):
    header = ("单号", "事", "经过", "内容")
    given = {"事": "title", "经过": "text"}
    first = understood(header, cast.dispatcher, given)
    assert first == {"external_number": 0, "title": 1, "text": 2}
    remember_columns(header, first, source="hotline", by=cast.dispatcher)
    assert understood(header, cast.dispatcher) == first
    assert understood(header, cast.emergency) == {"external_number": 0, "text": 3}


def test_an_interrupted_import_goes_on_where_it_stopped(cast):
    content = as_csv(lines(180))
    table = open_table("工单.csv", content)
    columns = understood(table.header, cast.dispatcher)
    begun, _ = begin_run("工单.csv", content, table, columns, source="hotline", by=cast.dispatcher)

    class Stop(Exception):
        pass

    def stop(reached: int) -> None:
        if reached >= 100:
            raise Stop

    with pytest.raises(Stop):
        take_rows(begun, table, by=cast.dispatcher, progress=stop)
    assert Case.objects.count() == 100
    again, resumed = begin_run("工单.csv", content, table, columns, source="hotline", by=cast.dispatcher)
    assert resumed
    assert again.read == 100
    assert counts(take_rows(again, table, by=cast.dispatcher)) == (180, 180, 0, 0)
    assert Case.objects.count() == 180
    assert sorted(result_of(again)) == list(range(2, 182))


def test_the_sorting_body_is_told_once_of_the_whole_file(cast):
    take(as_csv(lines(60)), cast.emergency)
    notices = Notice.objects.filter(title="导入工单 60 件，待分件")
    assert [notice.to_body_id for notice in notices] == [cast.dispatcher.body_id]


def test_the_journal_keeps_beginning_and_end_without_the_name_of_the_file(cast):
    run = take(as_csv([*lines(3), line(4, 创建时间="?")]), cast.dispatcher, "张敏投诉.csv")
    begun, ended = Entry.objects.filter(kind="exchange:import", subject_id=str(run.pk)).order_by("id")
    assert begun.details["rows"] == 4
    assert (ended.details["accepted"], ended.details["refused"]) == (3, 1)
    assert "张敏" not in str(begun.details) + str(ended.details) + begun.summary + ended.summary


def test_the_clerk_of_the_first_body_named_imports_by_default(cast):
    assert importer("beijing").body_code == "city.research_centre"
    assert importer("beijing", "wulei").body_code == "city.emergency"
    with pytest.raises(ActRefused, match="不由贵部门录入"):
        importer("beijing", "wangfang")
    with pytest.raises(ActRefused, match="没有账号"):
        importer("beijing", "nobody")


@pytest.mark.django_db(transaction=True)
def test_two_clerks_importing_the_same_orders_at_once_enter_each_once():
    cast = beijing_cast()
    files = {cast.dispatcher: as_csv(lines(160)), cast.emergency: as_csv([*lines(160)[::-1]])}
    ended: list[ImportRun] = []

    def work(by, content: bytes) -> None:
        try:
            ended.append(take(content, by))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=one) for one in files.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.state for run in ended] == ["done", "done"]
    assert all(run.read == 160 == run.added + run.known + run.refused for run in ended)
    assert sum(run.added for run in ended) == 160
    assert Complaint.objects.count() == Case.objects.count() == 160
