"""When a year's holidays are published, what was counted without them is counted afresh, everywhere it is shown."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from fangxin.config.commands.recount import command
from fangxin.deadlines.actions import recount_provisional, run_clock
from fangxin.deadlines.models import Deadline, DueDayChange
from fangxin.investigations.actions import recount_due_days
from fangxin.investigations.models import RectificationOrder
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.rules.reader import rulebook_folder

pytestmark = pytest.mark.django_db
PUBLISHED = """\
year: 2027
status: published
notice: 国务院办公厅关于2027年部分节假日安排的通知（测试用）
issued_on: 2026-11-10
source: 测试
checked_on: 2026-11-22
"off":
  - {from: 2027-01-01, to: 2027-01-03, name: 元旦}
  - {from: 2027-02-05, to: 2027-02-11, name: 春节}
work: [2027-02-14]
"""


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """The notice of 2027 is out, with these words."""

    def out(text: str = PUBLISHED) -> None:
        law = rulebook_folder()
        for folder in law.iterdir():
            if folder.name != "calendar":
                (tmp_path / folder.name).symlink_to(folder)
        (tmp_path / "calendar").mkdir()
        for year in (law / "calendar").glob("*.yaml"):
            (tmp_path / "calendar" / year.name).symlink_to(year)
        changed: Path = tmp_path / "calendar" / "2027.yaml"
        changed.unlink()
        changed.write_text(text, encoding="utf-8")
        monkeypatch.setenv("FANGXIN_RULEBOOK", str(tmp_path))

    return out


@pytest.fixture
def case(stage):
    """Accepted on Monday 25 January 2027; without the notice its ten working days end on Wednesday 10 February."""
    stage.day = date(2027, 1, 25)
    case = stage.accepted()
    assert case.due_on == date(2027, 2, 10)
    return case


def test_before_the_notice_nothing_moves_and_everything_stays_provisional(case):
    assert recount_provisional() == []
    assert set(Deadline.objects.values_list("provisional", flat=True)) == {True}


def test_a_dry_run_lists_and_writes_nothing(case, publish):
    publish()
    listed = recount_due_days(dry_run=True)
    assert [(row["title"], row["old"], row["new"]) for row in listed] == [
        ("提出处理意见", "2027-02-10", "2027-02-14")
    ]
    assert not DueDayChange.objects.exists()
    case.refresh_from_db()
    assert case.due_on == date(2027, 2, 10)


def test_the_new_day_is_everywhere_and_the_old_one_is_kept(stage, case, publish):
    publish()
    assert len(recount_due_days()) == 1
    case.refresh_from_db()
    assert case.due_on == date(2027, 2, 14)
    term = Deadline.objects.get(rule_key="handling_opinion")
    assert (term.due_on, term.first_due_on, term.provisional) == (date(2027, 2, 14), date(2027, 2, 10), False)
    assert term.next_look_on == date(2027, 2, 12)
    assert "2027-02-14 星期日 调休上班，计第10个工作日" in term.explanation
    change = DueDayChange.objects.get()
    assert (change.deadline_id, change.old_due_on, change.new_due_on) == (
        term.pk,
        date(2027, 2, 10),
        date(2027, 2, 14),
    )
    entry = Entry.objects.get(kind="deadline:recount", subject_id=str(case.pk))
    assert (entry.details["old"], entry.details["new"]) == ("2027-02-10", "2027-02-14")
    # A term that did not move is provisional no longer.
    assert not Deadline.objects.get(rule_key="company_reply").provisional
    assert recount_due_days() == []


def test_a_companys_task_and_order_show_the_new_day_and_lateness_follows_it(stage, publish):
    stage.day = date(2027, 2, 3)
    case = stage.accepted()
    assert stage.task(case).due_on == date(2027, 2, 10)
    stage.day = date(2027, 1, 22)
    ordered = stage.rectifying()  # 15日, on Saturday 6 February: to the first working day after it
    assert stage.order(ordered).due_on == date(2027, 2, 9)
    publish()
    stage.day = date(2027, 2, 4)
    recount_due_days()
    assert stage.task(case).due_on == date(2027, 2, 14)
    assert RectificationOrder.objects.get().due_on == date(2027, 2, 12)
    ordered.refresh_from_db()
    assert ordered.due_on == date(2027, 2, 12)
    stage.day = date(2027, 2, 14)
    stage.answered(case)
    assert not stage.task(case).replied_late
    assert Deadline.objects.get(subject_id=stage.task(case).pk).state == "met"


def test_what_was_missed_by_the_old_day_is_not_missed_by_the_new_one(stage, case, publish):
    run_clock(date(2027, 2, 11))
    assert Deadline.objects.get(rule_key="handling_opinion").missed_on == date(2027, 2, 11)
    publish()
    stage.day = date(2027, 2, 11)
    recount_due_days()
    assert Deadline.objects.get(rule_key="handling_opinion").missed_on is None


def test_what_is_missed_by_both_stays_missed(stage, case, publish):
    run_clock(date(2027, 2, 11))
    publish()
    stage.day = date(2027, 2, 20)
    recount_due_days()
    assert Deadline.objects.get(rule_key="handling_opinion").missed_on == date(2027, 2, 11)


def test_nobody_is_reminded_twice_because_a_day_was_confirmed(stage, case, publish):
    due = Deadline.objects.get(rule_key="company_reply").due_on
    run_clock(due - timedelta(days=1))
    before = Notice.objects.count()
    publish()
    recount_due_days()
    run_clock(due - timedelta(days=1))
    assert Notice.objects.count() == before


def test_terms_that_have_ended_are_left_alone(stage, case, publish):
    stage.decided(case=case, without_reply_because="未复")
    publish()
    assert recount_due_days() == []


@pytest.mark.parametrize(
    ("options", "said"), [([], "已有 1 个截止日变化"), (["--dry-run"], "将有 1 个截止日变化")]
)
def test_the_command_says_what_moved(case, publish, options, said):
    publish()
    answer = CliRunner().invoke(command, options)
    assert answer.exit_code == 0, answer.output
    assert said in answer.output
    assert "提出处理意见：2027-02-10 → 2027-02-14" in answer.output
