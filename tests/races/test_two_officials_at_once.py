"""Two officials, or an official and the unit, on one record in the same second: exactly one act is done, and nothing twice."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine

from fangxin.credit import actions
from fangxin.credit.models import Application, BadRecord, Correction, PublishedRecord
from fangxin.credit.tests.test_bad_records import conduct, paper
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting, Role
from fangxin.redress import actions as redress
from fangxin.redress.models import AgencyComplaint, Transfer
from tests.cast import member
from tests.fujian_cast import FujianCast, fujian_cast
from tests.races.test_two_at_once import at_once, winners


@pytest.fixture
def cast(transactional_db) -> FujianCast:
    """Founded for this test alone, so that threads see it."""
    return fujian_cast()


@pytest.fixture
def officials(cast: FujianCast) -> tuple[Acting, Acting, Acting]:
    body = Body.objects.get(code="district.350102.housing")
    return (
        cast.reviewer,
        member("gaofeng", "高峰", Role.REVIEWER, body),
        member("tangning", "唐宁", Role.REVIEWER, body),
    )


@pytest.fixture
def told(cast: FujianCast, officials: tuple[Acting, Acting, Acting]) -> BadRecord:
    first, second, _ = officials
    with time_machine.travel("2026-03-02 09:00+08:00"):
        record = actions.draft_record(cast.agency.pk, conduct(), by=first)
        actions.confirm_record(record.pk, by=second)
        return actions.serve_notice(
            record.pk, served_on=date(2026, 3, 2), served_how="挂号信", proof=[paper()], by=first
        )


def journal(record: BadRecord) -> int:
    return Entry.objects.filter(subject_id=str(record.pk)).count()


def one_of(record: BadRecord, *acts: Callable[[], Any]) -> None:
    """Exactly one of the acts is done; each of the others is told so, and leaves nothing."""
    before = journal(record)
    found = at_once(*acts)
    assert len(winners(found, SomebodyWasFirst)) == 1, found
    assert journal(record) == before + 1
    was, record_ = record.turn, BadRecord.objects.get(pk=record.pk)
    assert record_.turn == was + 1


def test_of_two_who_enter_a_draft_and_one_who_drops_it_one_does(cast, officials):
    first, second, third = officials
    record = actions.draft_record(cast.agency.pk, conduct(), by=first)
    one_of(
        record,
        lambda: actions.confirm_record(record.pk, by=second, turn=record.turn),
        lambda: actions.confirm_record(record.pk, by=third, turn=record.turn),
        lambda: actions.drop_record(record.pk, reason="查无此事", by=second, turn=record.turn),
    )


def test_a_release_and_a_cancelled_notice_at_once_are_one_of_both(cast, officials, told):
    first, second, third = officials
    with time_machine.travel("2026-03-13 09:00+08:00"):
        one_of(
            told,
            lambda: actions.release_record(told.pk, by=first, turn=told.turn),
            lambda: actions.release_record(told.pk, by=second, turn=told.turn),
            lambda: actions.cancel_notice(told.pk, reason="补充调查", by=third, turn=told.turn),
        )
    record = BadRecord.objects.get(pk=told.pk)
    assert (record.state == "published") == PublishedRecord.objects.filter(pk=told.pk).exists()


def test_a_statement_in_the_second_of_the_release_is_read_before_it_or_comes_too_late(cast, officials, told):
    with time_machine.travel("2026-03-13 09:00+08:00"):
        one_of(
            told,
            lambda: actions.release_record(told.pk, by=officials[0], turn=told.turn),
            lambda: actions.state_case(told.pk, statement="均有委托书。", by=cast.filer, turn=told.turn),
        )
    record = BadRecord.objects.get(pk=told.pk)
    assert (record.state, bool(record.statement)) in {("published", False), ("notice_served", True)}


def test_two_consents_to_a_withdrawal_take_one_record_down_once(cast, officials, told):
    first, second, third = officials
    with time_machine.travel("2026-03-13 09:00+08:00"):
        actions.release_record(told.pk, by=first)
    with time_machine.travel("2026-06-15 09:00+08:00"):
        asked = actions.apply(told.pk, "withdrawal", text="已整改", by=cast.filer)
        found = at_once(
            lambda: actions.consent_to_withdrawal(asked.pk, by=first, turn=asked.turn),
            lambda: actions.consent_to_withdrawal(asked.pk, by=second, turn=asked.turn),
            lambda: actions.refuse_withdrawal(asked.pk, reason="未整改", by=third, turn=asked.turn),
        )
    assert len(winners(found, SomebodyWasFirst)) == 1, found
    asked.refresh_from_db()
    state = BadRecord.objects.get(pk=told.pk).state
    assert (asked.state, state) in {("consented", "withdrawn"), ("refused", "published")}
    assert PublishedRecord.objects.filter(pk=told.pk).exists() == (state == "published")
    assert Entry.objects.filter(kind="credit:withdraw").count() == (state == "withdrawn")


def test_a_withdrawal_and_a_correction_at_once_leave_nothing_public_that_is_down(cast, officials, told):
    first, second, third = officials
    with time_machine.travel("2026-03-13 09:00+08:00"):
        actions.release_record(told.pk, by=first)
    with time_machine.travel("2026-06-15 09:00+08:00"):
        asked = actions.apply(told.pk, "withdrawal", text="已整改", by=cast.filer)
        changed = {"result": "责令改正，罚款一千元"}
        actions.propose_correction(told.pk, kind="amended", reason="金额写错", values=changed, by=second)
        found = at_once(
            lambda: actions.consent_to_withdrawal(asked.pk, by=first),
            lambda: actions.confirm_correction(told.pk, by=third),
        )
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, ActRefused)], found
    record = BadRecord.objects.get(pk=told.pk)
    assert record.state == "withdrawn"
    assert not PublishedRecord.objects.exists()


def test_the_unit_asks_once_though_it_presses_twice(cast, officials, told):
    with time_machine.travel("2026-03-13 09:00+08:00"):
        actions.release_record(told.pk, by=officials[0])
    with time_machine.travel("2026-03-16 09:00+08:00"):
        ask = lambda: actions.apply(  # noqa: E731
            told.pk, "objection", text="主体有误", evidence=[paper()], by=cast.filer
        )
        found = at_once(ask, ask, ask)
    assert len(winners(found, ActRefused)) == 1, found
    assert Application.objects.count() == 1


def test_two_corrections_at_once_are_one(cast, officials, told):
    _, second, third = officials
    found = at_once(
        *[
            lambda by=by: actions.propose_correction(
                told.pk, kind="annulled", reason="处罚决定被撤销", by=by, turn=told.turn
            )
            for by in (second, third)
        ]
    )
    assert len(winners(found, SomebodyWasFirst)) == 1, found
    assert Correction.objects.count() == 1


def test_two_who_judge_one_lateness_draft_one_record(cast, officials):
    first, second, _ = officials
    given = {
        "name": "郑丽", "telephone": "13805910001", "respondent": "福州诚信房产经纪有限公司", "text": "不退定金。",
        "respondent_kind": "房地产经纪机构",
    }  # fmt: skip
    with time_machine.travel("2026-03-03 09:00+08:00"):
        receipt = redress.receive_agency_complaint(
            given, city="350100", county="350102", jurisdiction="fujian"
        )
        found = AgencyComplaint.objects.get(pk=receipt.complaint_id)
        redress.sort_complaint(
            found.pk, way="transfer", agency_id=cast.agency.pk, digest="不退定金。", by=first
        )
    with time_machine.travel("2026-03-19 09:00+08:00"):
        assert redress.find_late_feedback() == 1
        judged = at_once(
            *[
                lambda by=by, verdict=verdict: redress.judge_lateness(
                    found.pk, verdict=verdict, reason="理由", by=by, turn=0
                )
                for by, verdict in ((first, "unjustified"), (second, "unjustified"), (second, "justified"))
            ]
        )
    assert len(winners(judged, SomebodyWasFirst)) == 1, judged
    assert BadRecord.objects.count() == (winners(judged, SomebodyWasFirst)[0].state == "unjustified")


def test_an_answer_in_the_second_of_the_judgement_is_kept_either_way(cast, officials):
    first = officials[0]
    given = {
        "name": "郑丽", "telephone": "13805910001", "respondent": "福州诚信房产经纪有限公司", "text": "不退定金。",
        "respondent_kind": "房地产经纪机构",
    }  # fmt: skip
    with time_machine.travel("2026-03-03 09:00+08:00"):
        receipt = redress.receive_agency_complaint(
            given, city="350100", county="350102", jurisdiction="fujian"
        )
        found = AgencyComplaint.objects.get(pk=receipt.complaint_id)
        redress.sort_complaint(
            found.pk, way="transfer", agency_id=cast.agency.pk, digest="不退定金。", by=first
        )
    transfer = Transfer.objects.get()
    with time_machine.travel("2026-03-19 09:00+08:00"):
        redress.find_late_feedback()
        done = at_once(
            lambda: redress.judge_lateness(found.pk, verdict="unjustified", reason="理由", by=first),
            lambda: redress.give_feedback(transfer.pk, opinion="已退还。", by=cast.filer),
        )
    assert not [one for one in done if isinstance(one, Exception)], done
    found.refresh_from_db()
    transfer.refresh_from_db()
    assert (found.state, transfer.state, transfer.answered_late) == ("awaiting_decision", "answered", True)
