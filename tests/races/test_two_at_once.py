"""Two people, or a person and the clock, in the same second: real threads, real transactions, one winner."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connections, transaction

from fangxin.cases.actions import (
    approve_proposal,
    dispatch_case,
    receive_web_complaint,
    register_case,
    reject_proposal,
    reply_to_task,
)
from fangxin.cases.models import Case, CompanyTask, Hop, Proposal, Reply
from fangxin.complaints.actions import Grievance, identity_from
from fangxin.complaints.complainant import Identity
from fangxin.complaints.models import Complaint
from fangxin.deadlines.actions import run_clock
from fangxin.deadlines.models import Deadline
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.notices.actions import deliver_notices
from fangxin.notices.models import Notice
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from tests.stage import ZHANG_MIN

PATIENCE = 20  # seconds


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned or raised, all begun in the same moment, each on a connection of its own."""
    ready, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            ready.wait(PATIENCE)
            found[place] = act()
        except Exception as raised:  # the test looks at it
            found[place] = raised
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return found


class Held:
    """An act done in another thread and not committed until the test says so."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act, self.done, self.let_go = act, threading.Event(), threading.Event()
        self.raised: Exception | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            with transaction.atomic():
                self.act()
                self.done.set()
                self.let_go.wait(PATIENCE)
        except Exception as raised:
            self.raised = raised
            self.done.set()
        finally:
            connections.close_all()

    def __enter__(self) -> "Held":
        self.thread.start()
        assert self.done.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self.thread.join(PATIENCE)
        assert self.raised is None


def winners(found: list[Any], lost: type[Exception]) -> list[Any]:
    won = [one for one in found if not isinstance(one, Exception)]
    assert all(isinstance(one, lost) for one in found if isinstance(one, Exception)), found
    return won


def test_two_clerks_accept_at_once_and_the_second_reads_who_was_first(stage):
    case = stage.dispatched()
    found = at_once(*[lambda: stage.accepted(case, turn=case.turn)] * 2)
    assert len(winners(found, SomebodyWasFirst)) == 1
    (lost,) = (one for one in found if isinstance(one, Exception))
    assert "已由王芳（" in str(lost)
    assert "现为“调查处理”" in str(lost)
    assert CompanyTask.objects.filter(case_id=case.pk).count() == 1
    assert Deadline.objects.filter(rule_key="handling_opinion").count() == 1
    assert stage.case(case).turn == case.turn + 1


def test_without_a_version_the_table_itself_lets_only_one_through(stage):
    case = stage.registered()
    found = at_once(
        *[lambda: dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)] * 4
    )
    assert len(winners(found, ActRefused)) == 1
    assert Hop.objects.filter(case=case).count() == 1


def test_a_head_who_approves_and_a_head_who_rejects_do_not_both_decide(stage):
    case = stage.return_proposed()
    found = at_once(
        lambda: approve_proposal(case.pk, opinion="同意", by=stage.cast.head),
        lambda: reject_proposal(case.pk, opinion="不同意", by=stage.cast.head),
    )
    assert len(winners(found, ActRefused)) == 1
    assert Proposal.objects.get().approved is not None
    assert Entry.objects.filter(subject_id=str(case.pk), details__before="return_proposed").count() == 1


def test_one_key_is_one_act_whatever_the_act(stage):
    key, case = uuid4(), stage.registered()
    found = at_once(
        *[
            lambda: dispatch_case(
                case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher, turn=case.turn, act_key=key
            )
        ] * 3
    )  # fmt: skip
    assert len(winners(found, AlreadyDone)) == 1
    task, key = stage.task(stage.accepted(case)), uuid4()
    found = at_once(
        *[lambda: reply_to_task(task.pk, answers=["已退。"], by=stage.cast.company_user, act_key=key)] * 3
    )
    assert len(winners(found, AlreadyDone)) == 1
    assert Reply.objects.count() == 1


def test_one_key_is_one_complaint(stage):
    key, said = uuid4(), Grievance(title="定金", text="不退")
    found = at_once(
        *[
            lambda: receive_web_complaint(
                said, identity_from(ZHANG_MIN), jurisdiction="beijing", act_key=key
            )
        ] * 3
    )  # fmt: skip
    (receipt,) = winners(found, AlreadyDone)
    assert {one.subject_id for one in found if isinstance(one, AlreadyDone)} == {receipt.number}
    assert Case.objects.count() == Complaint.objects.count() == 1


def test_a_work_order_typed_by_two_clerks_at_once_is_one_case(stage):
    order = Grievance(title="热线", text="退定金", external_number="12345-001")
    found = at_once(
        *[
            lambda by=by: register_case(order, Identity(), source="hotline", by=by)
            for by in (stage.cast.emergency, stage.cast.dispatcher)
        ]
    )
    (receipt,) = winners(found, ActRefused)
    (lost,) = (one for one in found if isinstance(one, Exception))
    assert f"案件编号{receipt.number}" in str(lost)
    assert Complaint.objects.count() == 1


def test_two_people_of_one_company_answer_at_once_in_two_versions(stage):
    task = stage.task(stage.accepted())
    found = at_once(*[lambda: reply_to_task(task.pk, answers=["已退。"], by=stage.cast.company_user)] * 3)
    assert sorted(reply.version for reply in winners(found, ActRefused)) == [1, 2, 3]


def test_an_opinion_and_an_answer_at_once_leave_no_answer_unread(stage):
    for _ in range(5):
        case = stage.accepted()
        task = stage.task(case)
        decided, replied = at_once(
            lambda case=case: stage.decided(case=case, without_reply_because="逾期未复"),
            lambda task=task: reply_to_task(task.pk, answers=["已退。"], by=stage.cast.company_user),
        )
        assert not isinstance(decided, Exception), decided
        task.refresh_from_db()
        assert (task.state, task.replies.count()) == (
            ("accepted", 1) if isinstance(replied, Reply) else ("closed", 0)
        )


def test_a_return_and_an_answer_at_once_do_not_wait_for_each_other_for_ever(stage):
    for _ in range(5):
        case = stage.propose("return", stage.accepted())
        task = stage.task(case)
        returned, replied = at_once(
            lambda case=case: approve_proposal(case.pk, opinion="同意", by=stage.cast.head),
            lambda task=task: reply_to_task(task.pk, answers=["已退。"], by=stage.cast.company_user),
        )
        assert not isinstance(returned, Exception), returned
        assert isinstance(replied, Reply | ActRefused), replied
        task.refresh_from_db()
        assert task.state == ("accepted" if isinstance(replied, Reply) else "closed")


# The clock


@pytest.fixture
def overdue(stage):
    """A company's task on the morning after its last day."""
    task = stage.task(stage.accepted())
    Notice.objects.all().delete()
    stage.day = date(2026, 3, 6)
    return task


def reply_term():
    return Deadline.objects.get(rule_key="company_reply")


def test_while_the_company_answers_the_clock_passes_by(stage, overdue):
    with Held(lambda: reply_to_task(overdue.pk, answers=["已退。"], by=stage.cast.company_user)):
        assert run_clock() == 0
    assert (reply_term().state, reply_term().missed_on) == ("met_late", date(2026, 3, 6))
    assert run_clock() == 0
    assert not Notice.objects.filter(title__contains="已逾期").exists()


def test_while_the_clock_marks_it_the_company_waits_and_is_late(stage, overdue):
    replied: list[Any] = []
    with Held(run_clock):
        company = threading.Thread(
            target=lambda: replied.extend(
                at_once(lambda: reply_to_task(overdue.pk, answers=["已退。"], by=stage.cast.company_user))
            )
        )
        company.start()
        company.join(0.3)
        assert company.is_alive()
    company.join(PATIENCE)
    assert replied[0].late
    term = reply_term()
    assert (term.state, term.missed_on, term.next_look_on) == ("met_late", date(2026, 3, 6), None)
    assert Entry.objects.filter(kind="deadline:missed", subject_id=str(overdue.pk)).count() == 1


def test_in_the_same_second_it_is_late_once_and_nobody_is_told_twice(stage, overdue):
    found = at_once(
        run_clock,
        lambda: reply_to_task(overdue.pk, answers=["已退。"], by=stage.cast.company_user),
        run_clock,
    )
    assert not any(isinstance(one, Exception) for one in found), found
    assert (reply_term().state, reply_term().missed_on) == ("met_late", date(2026, 3, 6))
    assert Notice.objects.filter(title__contains="已逾期").count() <= 1


def test_two_clocks_tell_everybody_once(stage):
    for _ in range(4):
        stage.accepted()
    Notice.objects.all().delete()
    found = at_once(*[lambda: run_clock(date(2026, 6, 1))] * 3)
    assert sum(found) == 8
    assert Notice.objects.count() == 8
    assert run_clock(date(2026, 6, 1)) == 0


def test_two_postmen_carry_each_letter_once(stage):
    stage.accepted()
    Notice.objects.exclude(to_user=None).exclude(to_company=None)
    waiting = Notice.objects.filter(mail_state="waiting").count()
    found = at_once(*[lambda: deliver_notices(lambda complaint_id: "zhangmin@example.invalid")] * 3)
    assert [failed for _, failed in found] == [0, 0, 0]
    assert sum(sent for sent, _ in found) == waiting
    letters = [(letter.to[0], letter.subject) for letter in mail.outbox]
    assert len(letters) == len(set(letters))
    assert not Notice.objects.filter(mail_state="waiting").exists()
