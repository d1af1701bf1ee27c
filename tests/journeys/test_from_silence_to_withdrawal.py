"""A complaint, fifteen days of silence, a judgement, a notice, a statement, a record, its repair, and nothing left of it in public.

Everything goes through the pages, each by whoever it is for; beside it a score is counted after each step.
"""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from fangxin.credit.actions import open_round
from fangxin.credit.models import Application, BadRecord, Score
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting, Role
from fangxin.redress.actions import find_late_feedback
from fangxin.redress.models import AgencyComplaint, Transfer
from tests.cast import member
from tests.fujian_cast import FujianCast
from tests.fujian_stage import paper
from tests.journeys import test_agency_complaint as complaints
from tests.journeys import test_evaluation_pages as pages
from tests.journeys.test_conduct_pages import answered, own
from tests.journeys.test_conduct_pages import step as record_step
from tests.journeys.test_evaluation_pages import counted, press, seat, words
from tests.journeys.test_publicity import outlets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_scheme")]
cast_of_module, cast, published_scheme = pages.cast_of_module, pages.cast, pages.published_scheme
SINCE = date(2025, 4, 1)
MATTER, LATE = "无正当理由不按期反馈投诉处理意见", "FJ-B4"


@pytest.fixture
def officials(cast: FujianCast) -> Acting:
    """The other official of 鼓楼区, and the province's, who looks a round through."""
    member("gaofeng", "高峰", Role.REVIEWER, Body.objects.get(code="district.350102.housing"))
    return member("luoyi", "罗艺", Role.REVIEWER, Body.objects.get(code="province.housing"))


def lines(cast: FujianCast, until: date) -> dict[str, str]:
    """The points of each line of the agency's score up to that day as the office's page of the score shows them, and the sum."""
    counted(open_round("fujian", "example", since=SINCE, until=until, by=cast.province), cast.province)
    found = Score.objects.filter(kind="agency", agency=cast.agency).latest("computed_at")
    page = words(seat("huangmin"), reverse("score", args=[found.pk]))
    given = re.findall(r"<small[^>]*>(FJ-\w+) ·.*?data-label=\"得分\">\s*([+−][\d.]+)", page, re.DOTALL)
    assert sum(float(points.replace("−", "-")) for _, points in given) + 60 == pytest.approx(
        float(found.points)
    )
    return {**dict(given), "": f"{float(found.points):g}"}


def naming(cast: FujianCast, record: BadRecord, *words_: str) -> list[str]:
    """The outlets that tell of the record, its scores among them."""
    shown = outlets(cast)
    scores = f"/api/v1/agencies/{cast.agency.code}/scores"
    shown[scores] = seat("linxiao").get(scores).content.decode()
    told = (str(record.pk), str(record.pk)[:8], MATTER, *words_)
    return [address for address, text in shown.items() if any(one in text for one in told)]


def test_from_fifteen_days_of_silence_to_a_withdrawal_that_leaves_nothing(cast, officials):
    with time_machine.travel("2026-03-03 09:00+08:00"):
        before = lines(cast, date(2026, 3, 2))
        assert before == {"FJ-O2": "+0.5", "": "60.5"}
        number, secret = complaints.receipt(complaints.complain())
        found = AgencyComplaint.objects.get(number=number)
        sorted_ = complaints.step(
            seat("huangmin"),
            found,
            "sort_complaint",
            way="transfer",
            agency=cast.agency.pk,
            digest="定金不退。",
        )
        assert sorted_.status_code == 200, sorted_.content.decode()
        transfer = Transfer.objects.get()
    with time_machine.travel("2026-03-19 09:00+08:00"):
        record = _judged(found, transfer)
        assert naming(cast, record) == []
        assert lines(cast, date(2026, 3, 18)) == before, "a draft counts nothing"
        _told(record)
        assert lines(cast, date(2026, 3, 18)) == before, "neither does a notice"
    with time_machine.travel("2026-03-23 09:00+08:00"):
        answer = own(record, "state_case", statement="经办人离职，未看到通知。", evidence=paper())
        assert answer.status_code == 302
        assert naming(cast, record) == []
    with time_machine.travel("2026-03-30 23:59+08:00"):
        early = record_step(record, "huangmin", "release_record", statement_answer="不予采纳。")
        assert early.status_code == 422
    with time_machine.travel("2026-03-31 09:00+08:00"):
        assert "经办人离职" in words(
            seat("huangmin"), reverse("bad_record_step", args=[record.pk, "release_record"])
        )
        assert record_step(record, "huangmin", "release_record").status_code == 422
        assert (
            record_step(
                record, "huangmin", "release_record", statement_answer="通知已送达，不予采纳。"
            ).status_code
            == 302
        )
        assert set(outlets(cast)) <= set(naming(cast, record))
    with time_machine.travel("2026-04-01 09:00+08:00"):
        shown = lines(cast, date(2026, 3, 31))
        assert shown == {LATE: "−3", "FJ-O2": "+0.5", "": "57.5"}
        published = _published_round(cast, officials)
    with time_machine.travel("2026-04-20 09:00+08:00"):
        for verb in ("finish_round", "publish_scores"):
            assert press(seat("yelan"), published, verb).status_code == 302
        assert f'href="#record-{record.pk}"' in outlets(cast)[f"/agencies/{cast.agency.code}/"]
        _rectified(record)
        assert "已建立投诉专人负责制" in outlets(cast)["/publicity/"]
        assert lines(cast, date(2026, 4, 19)) == shown, "what is mended is still on record"
    with time_machine.travel("2026-06-19 09:00+08:00"):
        assert own(record, "apply_for_withdrawal", text="已整改，公示期已满三个月。").status_code == 302
        assert naming(cast, record) != []
        asked = Application.objects.get(kind="withdrawal")
        assert answered(asked, "huangmin", "consent_to_withdrawal", opinion="同意。").status_code == 302
        assert naming(cast, record, "投诉专人负责制", "不按期反馈") == []
        _the_sum_still_stands(cast)
        assert lines(cast, date(2026, 6, 18)) == before, "withdrawn, it counts no more"
        assert MATTER in words(seat("huangmin"), reverse("bad_record", args=[record.pk]))
        assert "已撤销公示" in words(seat("linxiao"), reverse("own_bad_record", args=[record.pk]))
    record.refresh_from_db()
    assert (record.state, record.taken_down_on) == ("withdrawn", date(2026, 6, 19))
    assert "办理结果" in complaints.follow(number, secret)


def _judged(found: AgencyComplaint, transfer: Transfer) -> BadRecord:
    find_late_feedback()
    reviewer = seat("huangmin")
    assert transfer.number in words(reviewer, reverse("agency_complaints"), bin="late")
    judged = complaints.step(
        reviewer, found, "judge_lateness", verdict="unjustified", reason="催办无果，未说明理由。"
    )
    assert judged.status_code == 200, judged.content.decode()
    decided = complaints.step(
        reviewer, found, "decide_complaint", publish="no", publish_because="未核查", count="no",
        count_because="未核查属实", reply="企业逾期未反馈，已按规定处理。",
    )  # fmt: skip
    assert decided.status_code == 200, decided.content.decode()
    record = BadRecord.objects.get()
    assert (record.state, record.matter) == ("draft", MATTER)
    return record


def _told(record: BadRecord) -> None:
    """Another official than the one who judged enters it, and the unit is told."""
    assert record_step(record, "huangmin", "confirm_record").status_code == 422
    assert record_step(record, "gaofeng", "confirm_record").status_code == 302
    given = {"served_on": "2026-03-19", "served_how": "直接送达", "proof": paper()}
    assert record_step(record, "huangmin", "serve_notice", **given).status_code == 302
    assert "2026-03-31" in words(seat("linxiao"), reverse("own_bad_record", args=[record.pk]))


def _published_round(cast: FujianCast, second: Acting) -> Any:
    """A round counted while the record is public, looked through by another and announced."""
    found = open_round("fujian", "example", since=SINCE, until=date(2026, 3, 31), by=cast.province)
    counted(found, cast.province)
    assert press(seat("luoyi"), found, "review_round").status_code == 302
    assert press(seat("yelan"), found, "announce_round").status_code == 302
    return found


def _rectified(record: BadRecord) -> None:
    assert own(record, "ask_for_assessment", text="已整改。", evidence=paper()).status_code == 302
    asked = Application.objects.get(kind="assessment")
    given = {"assessed_on": "2026-04-20", "assessors": "黄敏、高峰"}
    assert answered(asked, "huangmin", "begin_assessment", **given).status_code == 302
    result = {"passed": "yes", "result": "已建立投诉专人负责制，抽查三件均按期反馈。"}
    assert answered(asked, "huangmin", "conclude_assessment", **result).status_code == 302


def _the_sum_still_stands(cast: FujianCast) -> None:
    """The round that was published is frozen: its points still add up, and say nothing of what is gone."""
    address = f"/api/v1/agencies/{cast.agency.code}/scores"
    [score] = [one for one in seat("linxiao").get(address).json()["scores"] if one["kind"] == "agency"]
    assert score["points"] == 57.5
    [gone] = [line for line in score["lines"] if line["points"] == -3]
    assert gone == {
        "item": "", "title": "已停止公示的记录", "part": "", "record": "", "on": "", "points": -3, "cut": 0, "basis": "",
    }  # fmt: skip
    assert "已停止公示的记录" in outlets(cast)[f"/agencies/{cast.agency.code}/"]
