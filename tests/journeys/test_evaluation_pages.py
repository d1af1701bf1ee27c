"""信用评价 from page to table: a scheme tried, a round opened, counted, looked through, announced, objected to, published."""

import csv
import io
from datetime import date
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from fangxin.credit.actions import compute_round, count_batch, open_round
from fangxin.credit.models import BadRecord, PublishedScore, Round, Score, ScoreObjection
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.models import Body, User
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.schemes import read_scheme
from tests import fujian_stage
from tests.cast import member
from tests.fujian_cast import FujianCast, published_agency

pytestmark = pytest.mark.django_db
cast_of_module = fujian_stage.cast
SINCE, UNTIL = date(2024, 1, 1), date(2025, 12, 31)


@pytest.fixture
def cast(cast_of_module: FujianCast) -> FujianCast:
    """An agency with a record, a broker and a blemish, and another without any."""
    with time_machine.travel("2024-02-01 09:00+08:00"):
        published_agency(cast_of_module)
    for agency in (cast_of_module.agency, cast_of_module.other_agency):
        type(agency).objects.filter(pk=agency.pk).update(entered_on=date(2023, 1, 1))
    return cast_of_module


@pytest.fixture
def second(cast: FujianCast) -> Acting:
    return member("luoyi", "罗艺", Role.REVIEWER, Body.objects.get(code="province.housing"))


@pytest.fixture
def published_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example as it would be once the province has published it."""
    text = book("fujian").scheme_texts["example"].replace("status: 示例", "status: 公布")
    monkeypatch.setitem(book("fujian").scheme_texts, "example", text)
    monkeypatch.setitem(book("fujian").schemes, "example", read_scheme(text))


def seat(username: str) -> Client:
    client = Client()
    user = User.objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words(client: Client, address: str, **asked: Any) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def blemish(cast: FujianCast, record_class: str = "general", on: date = date(2025, 5, 6)) -> BadRecord:
    return BadRecord.objects.create(
        agency=cast.agency, company=cast.agency.company, jurisdiction="fujian", state="published",
        source="inspection", record_class=record_class, body=cast.agency.reviewing_body, entered_on=on,
        served_on=on, releasable_on=on, published_on=on, decided_on=on, matter="未经书面同意发布房源信息",
    )  # fmt: skip


def counted(found: Round, by: Acting) -> Round:
    """As the worker counts, in the office's own database role."""
    compute_round(found.pk, by=by)
    with speaking_as(Speaker(Audience.OFFICE)):
        while count_batch(found.pk, by=by):
            pass
    found.refresh_from_db()
    return found


def opened(cast: FujianCast) -> Round:
    return open_round("fujian", "example", since=SINCE, until=UNTIL, by=cast.province)


def press(client: Client, found: Round, verb: str, **given: Any) -> Any:
    found.refresh_from_db()
    form = {"act_key": uuid4(), "turn": found.turn, **given}
    return client.post(reverse("round_step", args=[found.pk, verb]), form)


def test_the_schemes_are_shown_as_law_beside_what_they_count(cast):
    page = words(seat("yelan"), reverse("evaluation"))
    assert page.count("（示例）") >= 3
    text = words(seat("yelan"), reverse("evaluation_scheme", args=["fujian", "example"]))
    for said in ("量化评分", "部级荣誉", "不良行为：类别为严重", "AAA", "没有找到", "不高于B", "示例"):
        assert said in text, said
    assert "经纪人数不少于3" in words(
        seat("yelan"), reverse("evaluation_scheme", args=["fujian", "suzhou_like"])
    )
    assert seat("yelan").get(reverse("evaluation_scheme", args=["fujian", "nothing"])).status_code == 404
    assert seat("zhenghua").get(reverse("evaluation")).status_code == 404
    assert seat("linxiao").get(reverse("evaluation")).status_code == 404


def test_the_province_opens_a_round_and_a_county_only_reads(cast):
    form = {"act_key": uuid4(), "scheme": "fujian/example", "since": SINCE, "until": UNTIL}
    assert seat("huangmin").get(reverse("open_round")).status_code == 409
    assert seat("huangmin").post(reverse("open_round"), form).status_code == 422
    assert Round.objects.count() == 0
    assert seat("yelan").get(reverse("open_round")).status_code == 200
    wrong = seat("yelan").post(reverse("open_round"), {**form, "since": "2026-01-01"})
    assert wrong.status_code == 422
    assert "早于评价期起" in wrong.content.decode()
    early = seat("yelan").post(reverse("open_round"), {**form, "until": "2999-01-01"})
    assert "到期之后才能评价" in early.content.decode()
    assert seat("yelan").post(reverse("open_round"), form).status_code == 302
    assert seat("yelan").post(reverse("open_round"), form).status_code == 302
    found = Round.objects.get()
    page = words(seat("huangmin"), reverse("round", args=[found.pk]))
    assert "您现在没有需要办理的步骤" in page
    assert press(seat("huangmin"), found, "compute_round").status_code == 422


def test_the_worker_counts_and_goes_on_where_it_was_stopped(cast, monkeypatch):
    monkeypatch.setattr("fangxin.credit.actions.counting.TOGETHER", 1)
    found = opened(cast)
    assert press(seat("yelan"), found, "compute_round").status_code == 302
    found.refresh_from_db()
    assert (found.state, found.expected) == ("computing", 2)
    with speaking_as(Speaker(Audience.OFFICE)):
        count_batch(found.pk, by=cast.province)
    page = words(seat("yelan"), reverse("round", args=[found.pk]))
    assert "已算 1 家机构，共 2 家" in page
    assert "继续计算" in page
    assert press(seat("yelan"), found, "review_round").status_code == 422
    assert press(seat("yelan"), found, "resume_computing").status_code == 302
    with speaking_as(Speaker(Audience.OFFICE)):
        while count_batch(found.pk, by=cast.province):
            pass
    found.refresh_from_db()
    assert (found.state, Score.objects.filter(kind="agency").count()) == ("computed", 2)
    kinds = Entry.objects.filter(kind__startswith="round:").order_by("pk").values_list("kind", flat=True)
    assert [kind.removeprefix("round:") for kind in kinds] == [
        "open_round", "compute_round", "resume_computing", "complete_computing",
    ]  # fmt: skip


def test_a_score_leads_from_each_line_to_the_record(cast):
    record = blemish(cast)
    found = counted(opened(cast), cast.province)
    page = words(seat("yelan"), reverse("round", args=[found.pk]))
    assert "只是试算" in page
    assert cast.agency.company.name in page
    only = words(seat("yelan"), reverse("round", args=[found.pk]), kind="broker")
    assert "张伟" in only
    assert cast.agency.code not in only
    score = Score.objects.get(kind="agency", agency=cast.agency)
    text = words(seat("huangmin"), reverse("score", args=[score.pk]))
    for said in (
        reverse("bad_record", args=[record.pk]),
        "FJ-B2",
        "−5",
        "+0.5",
        "55.5",
        "平台自定",
        "C 不合格",
    ):
        assert said in text, said


def test_counted_again_the_score_before_is_there_and_says_so(cast):
    found = counted(opened(cast), cast.province)
    before = Score.objects.get(kind="agency", agency=cast.agency)
    blemish(cast)
    counted(found, cast.province)
    page = words(seat("yelan"), reverse("score", args=[before.pk]))
    assert "被替代" in page
    assert "各次评分" in page


def test_an_example_goes_no_further(cast, second):
    found = counted(opened(cast), cast.province)
    own = press(seat("yelan"), found, "review_round")
    assert own.status_code == 422
    assert "两个人" in own.content.decode()
    assert press(seat("luoyi"), found, "review_round").status_code == 302
    refused = press(seat("yelan"), found, "announce_round")
    assert refused.status_code == 422
    assert "只能试算" in refused.content.decode()


def test_a_form_made_before_somebody_was_first_is_told(cast):
    found = opened(cast)
    turn = found.turn
    counted(found, cast.province)
    late = press(seat("yelan"), found, "compute_round", turn=turn)
    assert late.status_code == 422
    assert "刚刚有了变化" in late.content.decode()


def numbers(**changed: Any) -> dict[str, Any]:
    """The what-if form of the example, with some numbers changed."""
    scheme = book("fujian").schemes["example"]
    given: dict[str, Any] = {"scheme": "fujian/example", "since": SINCE, "until": UNTIL, "base": scheme.base}
    given |= {f"points_{one.code}": one.points for one in scheme.items}
    given |= {f"cap_{one.code}": "" if one.cap is None else one.cap for one in scheme.items}
    given |= {f"from_{at}": band.begins for at, band in enumerate(scheme.bands)}
    return {**given, **changed}


def test_a_changed_scheme_is_tried_on_everybody_and_nothing_is_kept(cast):
    blemish(cast)
    before = Entry.objects.count()
    asked = numbers(**{"points_FJ-B2": "-0.5"})
    answer = seat("yelan").post(reverse("what_if"), asked)
    page = answer.content.decode()
    assert answer.status_code == 200, page[:3000]
    assert "一般不良行为 -5→-0.5" in page
    assert "<svg" in page
    assert "1个等级变化" in page
    assert Score.objects.count() == Round.objects.count() == 0
    entry = Entry.objects.get(kind=Kind.ROUND_TRY_SCHEME)
    assert Entry.objects.count() == before + 1
    assert entry.details["moved"] == 1
    assert "福州" not in str(entry.details)


def test_what_is_tried_is_what_a_round_by_that_scheme_gives(cast, monkeypatch):
    from fangxin.credit.actions import try_scheme

    blemish(cast)
    text = (
        book("fujian")
        .scheme_texts["example"]
        .replace("points: -5,", "points: -0.5,")
        .replace("from: 60", "from: 58")
    )
    found = try_scheme(
        "fujian", book("fujian").schemes["example"], text, since=SINCE, until=UNTIL, by=cast.province
    )
    by_old = counted(opened(cast), cast.province)
    monkeypatch.setitem(book("fujian").scheme_texts, "example", text)
    monkeypatch.setitem(book("fujian").schemes, "example", read_scheme(text))
    by_new = counted(opened(cast), cast.province)
    old, new = (
        {(one.kind, one.subject): (one.points, one.grade) for one in Score.objects.filter(round=round_)}
        for round_ in (by_old, by_new)
    )
    moved = {key: (*old[key], *new[key]) for key in old if old[key][1] != new[key][1]}
    assert moved
    assert {
        (one.kind, one.subject): (one.points, one.grade, one.points_after, one.grade_after)
        for one in found.movers
    } == moved
    for kind in ("agency", "broker"):
        for at, scores in enumerate((old, new)):
            grades = [grade for (of, _), (_, grade) in scores.items() if of == kind]
            assert found.totals(kind)[at] == {grade: grades.count(grade) for grade in set(grades)}


def test_the_list_is_exported_without_formulas(cast):
    cast.agency.company.name = "=福州诚信房产经纪有限公司"
    cast.agency.company.save()
    blemish(cast)
    asked = numbers(**{"points_FJ-B2": "-0.5"})
    answer = seat("yelan").post(reverse("what_if"), {**asked, "as": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[2] for row in rows] == ["名称", "'=福州诚信房产经纪有限公司"]
    answer = seat("yelan").post(reverse("what_if"), {**asked, "as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["名单"]
    assert sheet["C2"].value == "=福州诚信房产经纪有限公司"
    assert sheet["C2"].data_type == "s"
    forms = Entry.objects.filter(kind=Kind.ROUND_TRY_SCHEME).order_by("pk")
    assert [one.details["form"] for one in forms] == ["csv", "xlsx"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key: x\nkey: y\n", "键“key”重复"),
        ("[]", "应当是“键: 值”的形式"),
        ("a: &a [1]\nb: *a\n", "不能用引用"),
        ("a: " + "[" * 40 + "]" * 40, "层次不得超过"),
        ("a: [", "不是合法的 YAML"),
        ("base: " + "9" * 5000, "无法识别"),
        ("unknown: 1\n", "不认识的键“unknown”"),
    ],
)
def test_a_scheme_that_cannot_be_read_is_refused_by_line_in_chinese(cast, text, said):
    answer = seat("yelan").post(reverse("what_if"), numbers(text=text))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert "第" in page


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points: -5,", "points: 很多,", "应当是数"),
        ("of: quarterly_update", "of: rumour", "没有“rumour”"),
        ("record_class: minor", "colour: minor", "没有“colour”"),
        ("amount_of: full_time_brokers", "amount_of: late", "不是可以计数的"),
        ("counted_states: [published]", "counted_states: [draft]", "counted_states 只能写"),
        ("objection_days: 5个工作日", "objection_days: 五天", "看不懂"),
        ("from: 0,", "from: 10,", "最低的界限"),
        ("newcomer: {grade: A,", "newcomer: {grade: Z,", "newcomer 的等级"),
        ("points: 10,", "points: 99999999,", "±9999"),
        ("cap: 5,", "cap: -5,", "cap 应当大于0"),
    ],
)
def test_a_scheme_that_would_count_nonsense_is_refused(cast, old, new, said):
    text = book("fujian").scheme_texts["example"]
    assert old in text
    answer = seat("yelan").post(reverse("what_if"), numbers(text=text.replace(old, new)))
    page = answer.content.decode()
    assert (answer.status_code, said in page) == (422, True), page[:200]
    # What was pasted is still there.
    assert "FJ-G1" in page


def test_only_the_body_that_publishes_the_scheme_tries_one(cast):
    assert seat("huangmin").get(reverse("what_if")).status_code == 409
    assert seat("huangmin").post(reverse("what_if"), numbers()).status_code == 409
    wrong = seat("yelan").post(reverse("what_if"), numbers(base="多", since=""))
    assert wrong.status_code == 422
    assert "请填写评价期起" in wrong.content.decode()


def announced(cast: FujianCast, second: Acting) -> Round:
    """Counted, looked through by the other person, and told to everybody on 12 January 2026."""
    found = counted(opened(cast), cast.province)
    assert press(seat("luoyi"), found, "review_round").status_code == 302
    with time_machine.travel("2026-01-12 09:00+08:00"):
        assert press(seat("yelan"), found, "announce_round").status_code == 302
    found.refresh_from_db()
    return found


@pytest.mark.usefixtures("published_scheme")
def test_an_agency_reads_its_scores_and_objects_in_time(cast, second):
    blemish(cast)
    found = counted(opened(cast), cast.province)
    own = reverse("enterprise_evaluation")
    # Before it is announced there is nothing to read.
    assert "FJ-B2" not in words(seat("linxiao"), own)
    assert press(seat("luoyi"), found, "review_round").status_code == 302
    with time_machine.travel("2026-01-12 09:00+08:00"):
        press(seat("yelan"), found, "announce_round")
        page = words(seat("linxiao"), own)
        for said in ("FJ-B2", "经纪人员 张伟", "55.5", "提出异议"):
            assert said in page, said
        assert "FJ-B2" not in words(seat("chenyu"), own)
        score = Score.objects.get(kind="agency", agency=cast.agency)
        address = reverse("enterprise_objection", args=[score.pk])
        form = {"act_key": uuid4(), "text": "该记录已经更正"}
        assert seat("chenyu").post(address, form).status_code == 404
        empty = seat("linxiao").post(address, {"act_key": uuid4(), "text": ""})
        assert empty.status_code == 422
        assert "请填写异议" in empty.content.decode()
        for _ in "ab":
            assert seat("linxiao").post(address, form).status_code == 302
        assert ScoreObjection.objects.count() == 1
        again = seat("linxiao").post(address, {"act_key": uuid4(), "text": "再说一次"})
        assert again.status_code == 422
        broker = Score.objects.get(kind="broker")
    with time_machine.travel("2026-01-20 09:00+08:00"):
        late = seat("linxiao").post(
            reverse("enterprise_objection", args=[broker.pk]), {"act_key": uuid4(), "text": "迟了"}
        )
        assert late.status_code == 422
        assert "届满" in late.content.decode()


@pytest.mark.usefixtures("published_scheme")
def test_the_public_reads_scores_when_they_are_published_and_not_before(cast, second):
    record = blemish(cast)
    profile = reverse("agency", args=[cast.agency.code])
    scores = f"/api/v1/agencies/{cast.agency.code}/scores"
    found = counted(opened(cast), cast.province)
    visitor = Client()
    assert str(found.pk) not in words(visitor, reverse("evaluations"))
    assert visitor.get(reverse("evaluation_round", args=[found.pk])).status_code == 404
    assert visitor.get("/api/v1/evaluations").json() == {"rounds": []}
    press(seat("luoyi"), found, "review_round")
    with time_machine.travel("2026-01-12 09:00+08:00"):
        press(seat("yelan"), found, "announce_round")
        assert "评分还没有公布" in words(visitor, reverse("evaluation_round", args=[found.pk]))
        score = Score.objects.get(kind="agency", agency=cast.agency)
        seat("linxiao").post(
            reverse("enterprise_objection", args=[score.pk]), {"act_key": uuid4(), "text": "已更正"}
        )
        objection = ScoreObjection.objects.get()
        assert "待答复" in words(seat("yelan"), reverse("round", args=[found.pk]))
    with time_machine.travel("2026-01-20 09:00+08:00"):
        assert "没有答复" in press(seat("yelan"), found, "finish_round").content.decode()
        address = reverse("score_objection", args=[objection.pk])
        assert "已更正" in words(seat("yelan"), address)
        given = {"act_key": uuid4(), "answer": "已更正撤下，重算。", "recount": "yes"}
        assert seat("huangmin").post(address, given).status_code == 422
        assert seat("yelan").post(address, {**given, "recount": ""}).status_code == 422
        BadRecord.objects.filter(pk=record.pk).update(state="annulled")
        assert seat("yelan").post(address, given).status_code == 302
        assert "已更正撤下，重算。" in words(seat("linxiao"), reverse("enterprise_evaluation"))
        assert press(seat("yelan"), found, "finish_round").status_code == 302
        assert "FJ-O2" not in words(visitor, profile)
        assert visitor.get(scores).json() == {"scores": []}
        assert press(seat("yelan"), found, "publish_scores").status_code == 302
        assert "公布评分" not in words(seat("yelan"), reverse("round", args=[found.pk]))
        page = words(visitor, profile)
        for said in ("FJ-O2", "60.5", "B 基本合格", "经纪人员 张伟"):
            assert said in page, said
        assert "FJ-B2" not in page
        whole = words(visitor, reverse("evaluation_round", args=[found.pk]))
        for said in ("评价项目", "等级分布", "<svg"):
            assert said in whole, said
        shown = visitor.get(scores).json()["scores"]
        assert [(one["kind"], one["points"]) for one in shown] == [("agency", 60.5), ("broker", 60.0)]
        (line,) = shown[0]["lines"]
        assert (line["item"], line["points"]) == ("FJ-O2", 0.5)
        rounds = visitor.get("/api/v1/evaluations").json()["rounds"]
        text = visitor.get(f"/api/v1/evaluations/{rounds[0]['id']}").json()["scheme_text"]
        assert read_scheme(text).key == "example"


@pytest.mark.usefixtures("published_scheme")
def test_the_scheme_of_a_round_stays_as_it_was_when_the_rulebook_changes(cast, second, monkeypatch):
    found = announced(cast, second)
    text = book("fujian").scheme_texts["example"].replace("base: 60", "base: 70")
    monkeypatch.setitem(book("fujian").scheme_texts, "example", text)
    monkeypatch.setitem(book("fujian").schemes, "example", read_scheme(text))
    assert "起评分</dt><dd>60分" in words(seat("yelan"), reverse("round", args=[found.pk]))
    assert "起评分</dt><dd>60分" in words(Client(), reverse("evaluation_round", args=[found.pk]))


@pytest.mark.usefixtures("published_scheme")
def test_nobody_outside_the_province_takes_a_round_further(cast, second):
    found = counted(opened(cast), cast.province)
    for verb in (
        "review_round",
        "compute_round",
        "resume_computing",
        "announce_round",
        "finish_round",
        "publish_scores",
    ):
        assert press(seat("huangmin"), found, verb).status_code == 422, verb
        assert press(seat("linxiao"), found, verb).status_code == 404, verb
    found.refresh_from_db()
    assert found.state == "computed"
    assert PublishedScore.objects.count() == 0
