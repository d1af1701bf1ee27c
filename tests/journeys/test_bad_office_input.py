"""What officers and companies type wrongly: 4xx in Chinese naming the field, nothing written, nothing typed lost."""

import html
import re
from uuid import uuid4

import pytest
from django.urls import reverse

from fangxin.cases.models import Case, CompanyTask, IdentityOpening, Reply, SavedFilter
from fangxin.complaints.models import Complaint
from fangxin.investigations.models import RectificationReport
from tests.journeys.test_seven_people import Seat
from tests.stage import COUNTED

pytestmark = pytest.mark.django_db

RARE = "𠮷野家，李㛃，😀👨‍👩‍👧"
SNIPPETS = "'; drop table cases_case; -- {{ 7|add:7 }} {% load x %} <script>alert(1)</script> ${7*7}"


class Form:
    """One form of the office or of a company: where it lies, who fills it in, and what would be right."""

    def __init__(self, seat, address, good, lengths, choices=()):
        self.seat, self.address, self.good = seat, address, good
        self.lengths, self.choices = lengths, choices
        self.hidden = seat.hidden(seat.client.get(address).content.decode())

    def sent(self, **changes):
        given = {**self.hidden, **self.good, **changes}
        return self.seat.client.post(self.address, {k: v for k, v in given.items() if v is not None})


def step(stage, who, case, verb, good, lengths, choices=()):
    return Form(Seat(stage.cast, who), reverse("case_step", args=[case.number, verb]), good, lengths, choices)


def dispatch_case(stage):
    return step(
        stage, "liqiang", stage.registered(), "dispatch_case",
        {"link": "brokerage", "district": "110105", "reason": ""},
        {"reason": ("分件说明", 500, False)}, {"link": "环节", "district": "区县"},
    )  # fmt: skip


def accept_case(stage):
    good = {
        "officer": stage.cast.officer.user_id, "summary": "摘要", "points": "为何？", "project_name": "",
        "companies": [stage.cast.company.pk], "other_names": "", "checked": "on",
    }  # fmt: skip
    return step(
        stage, "wangfang", stage.dispatched(), "accept_case", good,
        {
            "summary": ("转办摘要", 4000, True), "points": ("须企业答复的问题", 4000, True),
            "project_name": ("项目名称", 200, False), "other_names": ("登记册中没有的企业", 600, False),
        },
        {"officer": "经办人", "companies": "被投诉企业"},
    )  # fmt: skip


def reassign_officer(stage):
    good = {"officer": stage.cast.officer.user_id, "reason": "轮换"}
    return step(
        stage, "zhaogang", stage.accepted(), "reassign_officer", good, {"reason": ("原因", 500, True)},
        {"officer": "改由谁经办"},
    )  # fmt: skip


def propose_return(stage):
    return step(
        stage, "wangfang", stage.dispatched(), "propose_return", {"reason_code": "out_of_scope", "reason": "无关"},
        {"reason": ("说明", 1000, True)}, {"reason_code": "理由"},
    )  # fmt: skip


def propose_refusal(stage):
    return step(
        stage, "chentao", stage.accepted(), "propose_refusal", {"reason_code": "no_facts", "reason": "无事实"},
        {"reason": ("说明", 1000, True)}, {"reason_code": "理由"},
    )  # fmt: skip


def approve_return(stage):
    return step(
        stage, "zhaogang", stage.return_proposed(), "approve_return", {"opinion": "同意"},
        {"opinion": ("领导意见", 1000, True)},
    )  # fmt: skip


def reject_proposal(stage):
    return step(
        stage, "zhaogang", stage.refusal_proposed(), "reject_proposal", {"opinion": "继续"},
        {"opinion": ("领导意见", 1000, True)},
    )  # fmt: skip


def reopen_refused(stage):
    return step(
        stage,
        "liqiang",
        stage.refused(),
        "reopen_refused",
        {"reason": "有新材料"},
        {"reason": ("理由", 500, True)},
    )


def submit_opinion(stage):
    good = {
        "outcome": "violation", "affirmed": ["verified"], "findings": "已查", "violations": ["BR-07"],
        "legal_basis": "办法第二十五条", "text": "责令整改", "without_reply_because": "",
    }  # fmt: skip
    return step(
        stage, "chentao", stage.answered(), "submit_opinion", good,
        {
            "findings": ("调查了解的情况", 8000, True), "text": ("处理意见", 8000, True),
            "legal_basis": ("法律依据", 4000, False), "without_reply_because": ("不待企业回复的理由", 500, False),
        },
        {"outcome": "处理结论", "violations": "违法违规行为"},
    )  # fmt: skip


def order_rectification(stage):
    case = stage.awaiting_order()
    good = {
        "companies": [str(stage.task(case).pk)],
        "requirements": "退款",
        "served_on": stage.day.isoformat(),
    }
    return step(
        stage, "zhaogang", case, "order_rectification", good, {"requirements": ("整改要求", 4000, True)},
        {"companies": "责令整改的企业"},
    )  # fmt: skip


def check_rectification(stage):
    case = stage.handed_in()
    good = {"order": str(stage.order(case).pk), "accepted": "yes", "opinion": "到位"}
    return step(
        stage, "chentao", case, "check_rectification", good, {"opinion": ("验收意见", 4000, True)},
        {"order": "整改企业", "accepted": "验收结论"},
    )  # fmt: skip


def tell_complainant(stage):
    return step(
        stage, "chentao", stage.decided(), "tell_complainant", {"told_how": "directly", "text": "已退", "reason": ""},
        {"text": ("回复投诉人的内容", 4000, True), "reason": ("不告知的理由", 500, False)}, {"told_how": "告知方式"},
    )  # fmt: skip


def record_callback(stage):
    good = {"contacted": "yes", "solved": "solved", "satisfaction": "basically_satisfied", "comment": ""}
    return step(
        stage, "sunli", stage.handled(), "record_callback", good, {"comment": ("记录", 1000, False)},
        {"contacted": "是否联系上", "solved": "诉求是否解决", "satisfaction": "是否满意"},
    )  # fmt: skip


def reopen_case(stage):
    return step(
        stage,
        "sunli",
        stage.closed("dissatisfied"),
        "reopen_case",
        {"reason": "未退"},
        {"reason": ("理由", 500, True)},
    )


def intake(stage):
    good = {
        "source": "hotline", "title": "热线", "text": "退定金", "respondent_name": "", "respondent_person": "",
        "project_name": "", "project_address": "", "district": "", "external_number": "", "origin_document": "",
        "name": "张敏", "telephone": "", "email": "", "address": "",
    }  # fmt: skip
    lengths = {
        "title": ("标题", 200, True), "text": ("投诉内容", 10000, True), "respondent_name": ("被投诉单位", 200, False),
        "respondent_person": ("被投诉人员", 64, False), "project_name": ("项目名称", 200, False),
        "project_address": ("项目地址", 300, False), "external_number": ("外部工单编号", 64, False),
        "origin_document": ("来文编号", 120, False), "name": ("投诉人姓名", 64, False),
        "telephone": ("联系电话", 32, False), "email": ("电子信箱", 120, False), "address": ("通讯地址", 300, False),
    }  # fmt: skip
    return Form(
        Seat(stage.cast, "wulei"),
        reverse("intake"),
        good,
        lengths,
        {"source": "来源", "district": "所在区县"},
    )


def reply(stage):
    task = stage.task(stage.accepted(points=["为何？", "何时？"]))
    good = {"answer_1": "合同", "answer_2": "三日", "plan": "", "contact": ""}
    lengths = {
        "answer_1": ("问题1：为何？", 4000, True), "answer_2": ("问题2：何时？", 4000, True),
        "plan": ("整改意见", 4000, False), "contact": ("联系电话", 32, False),
    }  # fmt: skip
    return Form(Seat(stage.cast, "liuyang"), reverse("enterprise_task", args=[task.pk]), good, lengths)


def rectification(stage):
    order = stage.order(stage.rectifying())
    return Form(
        Seat(stage.cast, "liuyang"), reverse("enterprise_order", args=[order.pk]), {"kind": "plan", "text": "三日内退"},
        {"text": ("整改方案", 8000, True)},
    )  # fmt: skip


FORMS = {
    one.__name__: one
    for one in (
        dispatch_case, accept_case, reassign_officer, propose_return, propose_refusal, approve_return,
        reject_proposal, reopen_refused, submit_opinion, order_rectification, check_rectification,
        tell_complainant, record_callback, reopen_case, intake, reply, rectification,
    )
}  # fmt: skip


def written():
    """How much there is, and where each case stands; a company's look at its task is no answer."""
    counted = [model.objects.exclude(kind="case:company_opens").count() if model.__name__ == "Entry"
               else model.objects.count() for model in COUNTED]  # fmt: skip
    return counted, list(Case.objects.order_by("pk").values_list("status", "turn"))


def shown(answer):
    return html.unescape(answer.content.decode())


def problems(page):
    """What the summary at the top says, line by line."""
    box = re.search(r'<div class="problems".*?</div>', page, re.DOTALL)
    assert box, re.sub(r"\s+", " ", page)[:3000]
    return [
        re.sub(r"<[^>]+>", "", line).strip() for line in re.findall(r"<li>(.*?)</li>", box.group(), re.DOTALL)
    ]


def is_refused(form, said, typed=(), **changes):
    """Sent with these changes the form comes back: 422, in these words, with what was typed, and nothing written."""
    before = written()
    answer = form.sent(**changes)
    page = shown(answer)
    assert answer.status_code == 422, (answer.status_code, page[:1500])
    lines = problems(page)
    assert any(re.search(said, line) for line in lines), lines
    assert not any(re.search(r"[A-Za-z]{4,}", re.sub(r"U\+\w+|“.*?”", "", line)) for line in lines), lines
    assert written() == before
    for text in typed:
        assert text in page
    return page


@pytest.fixture(params=FORMS)
def form(request, stage):
    return FORMS[request.param](stage)


def test_filled_in_rightly_it_is_taken_and_sent_twice_it_is_taken_once(form):
    before = written()
    first = form.sent()
    assert first.status_code == 302, problems(shown(first))
    once = written()
    assert once != before
    second = form.sent()
    assert second.status_code == 302
    assert written() == once


def test_empty_fields_are_named(form):
    required = {name: label for name, (label, _, must) in form.lengths.items() if must}
    for name, label in required.items():
        for nothing in (None, "", " 　\r\n\t"):
            typed = [v for k, v in form.good.items() if k in form.lengths and k != name and len(str(v)) > 1]
            is_refused(form, re.escape(label), typed, **{name: nothing})


def test_one_character_too_many_is_counted_and_kept(form):
    for name, (label, longest, _) in form.lengths.items():
        text = "长" * (longest + 1)
        is_refused(
            form, f"{re.escape(label)}.*不得超过{longest}字，现有{longest + 1}字", [text], **{name: text}
        )


def test_ten_thousand_characters_and_a_million_are_refused(form):
    for name, (label, longest, _) in form.lengths.items():
        text = "长" * max(20_000, longest + 1)
        is_refused(form, re.escape(label), [text[:longest]], **{name: text})
    name = next(iter(form.lengths))
    before = written()
    answer = form.sent(**{name: "长" * 1_000_000})
    assert answer.status_code == 413
    assert "超过" in shown(answer)
    assert written() == before


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\u0085", "\ufffd"])
def test_what_cannot_be_stored_or_seen_is_named_by_its_code(form, character):
    name, (label, _, _) = next(iter(form.lengths.items()))
    said = f"{re.escape(label)}：含有无法识别的字符（U\\+{ord(character):04X}）"
    is_refused(form, said, **{name: f"定金{character}不退"})


def test_an_unpaired_surrogate_and_broken_bytes_are_refused(form):
    name, (label, _, _) = next(iter(form.lengths.items()))
    before = written()
    for octets in (b"%ED%A0%80", b"%FF%FE", b"%C0%80"):
        fields = "&".join(f"{key}={value}" for key, value in form.hidden.items())
        answer = form.seat.client.post(
            form.address,
            f"{fields}&{name}=".encode() + octets,
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == 422
        assert any(label in line and "无法识别的字符" in line for line in problems(shown(answer)))
    assert written() == before


def test_a_choice_that_was_not_offered_is_refused(form):
    for name, label in dict(form.choices).items():
        for wrong in ("nonsense", "0", "999999999999999999999", "' or 1=1 --", "\x00", RARE):
            if (name, wrong) == ("district", ""):
                continue
            typed = [v for k, v in form.good.items() if k in form.lengths and len(str(v)) > 1]
            is_refused(form, f"{re.escape(label)}|企业", typed, **{name: wrong})


def test_a_form_without_its_key_is_sent_back(form):
    for key in (None, "", "not-a-key", "0" * 40):
        is_refused(form, "表单不完整，请刷新页面后重试", act_key=key)


def test_a_version_that_is_no_number_is_refused(form):
    if "turn" not in form.hidden:
        return
    for turn in ("x", "1.5", "９９９x"):
        before = written()
        assert form.sent(turn=turn).status_code == 422
        assert written() == before
    assert form.sent(turn="99999").status_code == 422


def test_snippets_come_back_as_text_and_rare_characters_intact(form):
    name = next(iter(form.lengths))
    broken = next((n for n in form.lengths if n != name), None)
    longest = form.lengths[broken][1] if broken else 0
    text = (SNIPPETS + RARE)[: form.lengths[name][1]]
    if broken:
        page = form.sent(**{name: text, broken: "长" * (longest + 1)}).content.decode()
        assert html.escape(text) in page
        assert "<script>alert(1)" not in page
    assert form.sent(**{name: text}).status_code == 302


# Kept as typed


def test_emoji_and_rare_ideographs_reach_the_table_as_they_were_typed(stage):
    form = intake(stage)
    assert form.sent(title=RARE, text=RARE * 9, respondent_name="𠮷野家房产").status_code == 302
    kept = Complaint.objects.get()
    assert (kept.title, kept.text, kept.respondent_name) == (RARE, RARE * 9, "𠮷野家房产")
    form = reply(stage)
    assert form.sent(answer_1=RARE).status_code == 302
    assert Reply.objects.get().answers[0]["answer"] == RARE


def test_lines_are_kept_as_lines_and_counted_as_typed(stage):
    form = tell_complainant(stage)
    text = "一" * 1999 + "\r\n" + "二" * 2000
    assert form.sent(text=text).status_code == 302


# Days


@pytest.mark.parametrize(
    "day",
    [
        "",
        "2026-02-30",
        "2026-13-01",
        "2025-02-29",
        "0000-00-00",
        "昨天",
        "2026-03-02x",
        "99999-01-01",
        "\x00",
        "1/0",
    ],
)
def test_a_day_that_never_was_is_refused(stage, day):
    is_refused(order_rectification(stage), "送达日期", ["退款"], served_on=day)


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-03", "0001-01-01", "9999-12-31"])
def test_a_day_before_the_opinion_or_after_today_is_refused(stage, day):
    is_refused(order_rectification(stage), "送达日期应在处理意见之后", ["退款"], served_on=day)


# What only the act can know


def test_each_refusal_of_an_act_stands_beside_its_field(stage):
    accept = accept_case(stage)
    is_refused(accept, "第2个问题不得超过300字", points="为何？\n" + "问" * 301)
    is_refused(accept, "最多20个，现有21个", points="\n".join(f"第{n}问" for n in range(21)))
    is_refused(accept, "企业名称", other_names="某" * 201)
    is_refused(accept, "至少列出一家", companies=None)
    is_refused(accept, "请核对转办摘要并勾选确认", ["摘要"], checked=None)
    opinion = submit_opinion(stage)
    is_refused(opinion, "须确认", ["已查"], affirmed=None)
    is_refused(opinion, "违法违规行为目录", ["已查"], violations=None)
    is_refused(opinion, "法律依据", ["已查"], legal_basis="")
    told = tell_complainant(stage)
    is_refused(told, "只有民事纠纷可以不告知", ["已退"], told_how="not_told")
    is_refused(told, "本案有投诉人", ["已退"], told_how="not_applicable")
    called = record_callback(stage)
    is_refused(called, "请选择满意", satisfaction="")
    is_refused(called, "请选择诉求是否解决", solved="")
    is_refused(reply(stage), "请一并填写整改意见", ["合同"], admits_violation="on")
    is_refused(dispatch_case(stage), "请选择所在区县", district="")


def test_an_address_that_is_none_is_refused_where_the_clerk_can_still_ask(stage):
    form = intake(stage)
    for wrong in ("没有", "zhangmin", "zhang min@example.cn", "a@b", "张敏@example.cn"):
        is_refused(form, "电子信箱", [wrong, "退定金"], email=wrong)


def test_a_work_order_entered_before_is_named_with_its_case(stage):
    assert intake(stage).sent(external_number="12345-1").status_code == 302
    number = Case.objects.get().number
    is_refused(intake(stage), f"“12345-1”已经录入，案件编号{number}", ["退定金"], external_number="12345-1")


# Two at once, on the screen


def test_the_second_of_two_clerks_keeps_what_was_typed_and_reads_who_was_first(stage):
    case = stage.dispatched()
    good = {
        "officer": stage.cast.officer.user_id, "points": "为何？", "companies": [stage.cast.company.pk],
        "other_names": "", "project_name": "", "checked": "on",
    }  # fmt: skip
    first, second = (
        step(stage, "wangfang", case, "accept_case", {**good, "summary": words}, {})
        for words in ("先到的摘要", "后到的摘要，写了半小时")
    )
    assert first.sent().status_code == 302
    before = written()
    answer = second.sent()
    page = shown(answer)
    assert answer.status_code in {409, 422}
    assert "王芳" in page
    assert "后到的摘要，写了半小时" in page
    assert written() == before
    assert CompanyTask.objects.get(case_id=case.pk).summary == "先到的摘要"


def test_whoever_was_overtaken_by_another_kind_of_step_keeps_the_words_too(stage):
    case = stage.answered()
    opinion = step(
        stage, "chentao", case, "submit_opinion",
        {"outcome": "answered", "affirmed": ["no_violation_found"], "findings": "调查了三天", "text": "意见", "legal_basis": "", "without_reply_because": ""}, {},
    )  # fmt: skip
    stage.propose("return", case)
    answer = opinion.sent()
    assert answer.status_code in {409, 422}
    assert "调查了三天" in shown(answer)
    assert "拟回退" in shown(answer)


# Beside the forms of steps


def identity_asked(stage, reason):
    case = stage.accepted()
    seat = Seat(stage.cast, "chentao")
    return seat, case, seat.client.post(reverse("ask_for_identity", args=[case.number]), {"reason": reason})


@pytest.mark.parametrize("reason", ["", "看看", "因" * 501, "想核实\x00退款账户", " " * 9])
def test_a_reason_to_look_that_is_none_opens_nothing(stage, reason):
    seat, case, answer = identity_asked(stage, reason)
    assert answer.status_code in {302, 422}
    assert not IdentityOpening.objects.exists()
    page = seat.reads("case", case.number)
    assert "理由" in page


def test_a_filters_name_and_words_that_cannot_be_kept_are_refused(stage):
    seat = Seat(stage.cast, "liqiang")
    for fields in (
        {"name": "", "query": "link=trading"}, {"name": "名" * 41, "query": ""}, {"name": "名\x00", "query": ""},
        {"name": "长", "query": "q=" + "中" * 400}, {"name": "长", "query": "q=" + "x" * 5000},
    ):  # fmt: skip
        answer = seat.client.post(reverse("keep_filter"), fields)
        assert answer.status_code < 500
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", "q=%ED%A0%80", "q=" + "x" * 101, "link=nonsense", "status=nonsense", "district=1%27", "source=%3Cscript%3E",
        "page=0", "page=-1", "page=x", "page=99999999999", "page=%EF%BC%91", "bin=nonsense", "bin=%07", "q=%27%26%7C%21%3A%2A",
    ],
)  # fmt: skip
def test_a_desk_asked_nonsense_answers_in_chinese_and_never_breaks(stage, query):
    stage.registered()
    answer = Seat(stage.cast, "liqiang").client.get(f"{reverse('case_list')}?{query}")
    assert answer.status_code in {200, 400, 422}
    assert "<script>" not in shown(answer).replace("<script src", "").replace("<script defer", "")


def test_a_bulk_dispatch_of_nothing_of_nonsense_and_of_what_does_not_go_says_so(stage):
    seat = Seat(stage.cast, "liqiang")
    good, vacant = stage.registered(), stage.registered(district="110101")
    key = uuid4()
    for cases in ([], ["\x00"], ["BJ-0000-000000"], ["' or 1=1"], ["x" * 5000]):
        answer = seat.client.post(
            reverse("dispatch_chosen"), {"case": cases, "link": "brokerage", "act_key": key}
        )
        assert answer.status_code < 500
    answer = seat.client.post(
        reverse("dispatch_chosen"),
        {"case": [good.number, vacant.number], "link": "brokerage", "district": "", "act_key": uuid4()},
    )
    assert answer.status_code < 500
    assert (stage.case(good).status, stage.case(vacant).status) == ("dispatched", "registered")
    assert "尚未指定部门专人" in seat.reads("desk")


def test_numbers_and_steps_that_are_none_are_not_there(stage):
    case, seat = stage.registered(), Seat(stage.cast, "liqiang")
    for path in (
        "/office/cases/BJ-0000-000000/", "/office/cases/%27/", f"/office/cases/{case.number}/burn/",
        f"/office/cases/{case.number}/identity/{uuid4()}/consent/", "/office/cases/%F0%A0%AE%B7/",
    ):  # fmt: skip
        assert seat.client.get(path).status_code in {404, 405}
    assert seat.client.get(f"/office/cases/{case.number}%00/").status_code == 400
    company = Seat(stage.cast, "liuyang")
    for name in ("enterprise_task", "enterprise_order"):
        assert company.client.get(reverse(name, args=[uuid4()])).status_code == 404
        assert company.client.post(reverse(name, args=[uuid4()]), {"text": "x"}).status_code == 404


def test_a_company_is_refused_a_result_before_its_plan_and_an_answer_after_the_opinion(stage):
    form = reply(stage)
    case = Case.objects.get()
    stage.decided(case=case, without_reply_because="逾期未复")
    is_refused(form, "已由经办部门处理，不能再提交", ["合同"])
    assert not Reply.objects.exists()
    assert not RectificationReport.objects.exists()


def test_what_was_refused_is_taken_once_it_is_put_right_with_the_same_form(form):
    name, (_, longest, _) = next(iter(form.lengths.items()))
    assert form.sent(**{name: "长" * (longest + 1)}).status_code == 422
    assert form.sent().status_code == 302
