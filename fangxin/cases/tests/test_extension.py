"""EX-01 · 延期 (二(六), SM-16): asked with reason and day, decided by the head, the old day kept, lateness never erased."""

from datetime import date

import pytest

from fangxin.cases.actions import ask_extension, decide_extension, explain_delay
from fangxin.cases.models import Extension
from fangxin.cases.queries import beside_case, my_turn
from fangxin.complaints.models import Progress
from fangxin.deadlines.actions import recount_provisional, run_clock
from fangxin.deadlines.models import Deadline, DueDayChange
from fangxin.investigations.models import Opinion
from fangxin.organisations.models import Membership
from fangxin.organisations.queries import acting
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 3, 31)


@pytest.fixture
def case(stage):
    return stage.answered()


def asked(stage, case, **changes):
    ask_extension(
        case.pk, **{"until": UNTIL, "reason": "涉及多个项目。", "by": stage.cast.officer, **changes}
    )
    return stage.case(case)


def decided(stage, case, approved=True, **changes):
    return decide_extension(
        case.pk, **{"approved": approved, "opinion": "请抓紧。", "by": stage.cast.head, **changes}
    )


def term():
    return Deadline.objects.get(rule_key="handling_opinion")


def test_ex_01_the_head_agrees_and_the_old_day_is_kept(stage, case):
    old = case.due_on
    waiting = asked(stage, case)
    assert (waiting.due_on, waiting.extension_asked_by_id) == (old, stage.cast.officer.user_id)
    assert type(case).objects.filter(my_turn(stage.cast.head), pk=case.pk).exists()
    moved = decided(stage, case)
    assert (moved.due_on, moved.extension_asked_by_id, moved.status) == (UNTIL, None, "investigating")
    assert (term().due_on, term().first_due_on, term().provisional) == (UNTIL, old, False)
    assert "延至 2026-03-31" in term().explanation[-1]
    assert DueDayChange.objects.get().old_due_on == old
    assert Progress.objects.get(complaint=case.complaint, title="延长办理时限").due_on == UNTIL
    shown = beside_case(case.pk)["extensions"][0]
    assert (shown["old_due_on"], shown["approved"], shown["decided_by__full_name"]) == (old, True, "赵刚")
    assert recount_provisional() == []


def test_several_extensions_are_all_kept(stage, case):
    for until in (UNTIL, date(2026, 4, 30)):
        decided(stage, asked(stage, case, until=until))
    assert term().due_on == date(2026, 4, 30)
    assert DueDayChange.objects.count() == Extension.objects.filter(approved=True).count() == 2


def test_what_is_refused_moves_nothing_and_may_be_asked_again(stage, case):
    stands = decided(stage, asked(stage, case), approved=False)
    assert (stands.due_on, term().due_on) == (case.due_on, case.due_on)
    asked(stage, case)


def test_nobody_decides_what_they_asked_for(stage, case):
    Membership.objects.create(
        user_id=stage.cast.officer.user_id, body_id=stage.cast.officer.body_id, role=Role.DEPARTMENT_HEAD.value,
        starts_on=date(2020, 1, 1),
    )  # fmt: skip
    as_head = Membership.objects.latest("pk")
    asked(stage, case)
    with refused("批准人不得是提出人本人"):
        decided(stage, case, by=acting(as_head.pk, stage.cast.officer.user_id))


def test_an_opinion_that_was_overdue_stays_late(stage, case):
    stage.day = date(2026, 3, 17)
    run_clock()
    explain_delay(case.pk, reason="企业材料未齐", by=stage.cast.officer)
    decided(stage, asked(stage, case))
    assert (term().missed_on, term().state) == (date(2026, 3, 17), "running")
    stage.decided(case=stage.case(case))
    assert (term().state, Opinion.objects.get().late) == ("met_late", True)


def test_the_same_without_the_clock_having_run(stage, case):
    asked(stage, case)
    stage.day = date(2026, 3, 18)
    decided(stage, case)
    assert term().missed_on == date(2026, 3, 17)


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"until": date(2026, 3, 16)}, "应在原截止日2026-03-16和今天之后", "until"),
        ({"reason": " "}, "不能为空", "reason"),
    ],
)
def test_what_is_missing_is_named(stage, case, changes, said, field):
    with refused(said, field):
        asked(stage, case, **changes)


def test_a_day_that_came_meanwhile_is_not_given(stage, case):
    asked(stage, case, until=date(2026, 3, 17))
    stage.day = date(2026, 3, 17)
    with refused("已经到了", "approved"):
        decided(stage, case)
    decided(stage, case, approved=False)


def test_strangers_and_the_wrong_time(stage, case):
    for by in ("clerk", "head", "other_clerk"):
        with refused("须由"):
            asked(stage, case, by=getattr(stage.cast, by))
    with refused("没有等待审批的延期申请"):
        decided(stage, case)
    asked(stage, case)
    with refused("已有一份延期申请"):
        asked(stage, case)
    for by in ("officer", "clerk", "other_clerk"):
        with refused("须由"):
            decided(stage, case, by=getattr(stage.cast, by))
    gone = stage.decided(case=stage.case(case))
    assert Extension.objects.get().lapsed
    with refused("只有“调查处理”时才可以"):
        decided(stage, gone)
