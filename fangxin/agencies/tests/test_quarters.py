"""What is owed after each quarter: opened, met, late, missing (四（二）, SM-13)."""

import time
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    confirm_no_change,
    correct_declaration,
    enter_agency,
    open_quarter,
    recall_declaration,
    recount_duties,
    return_declaration,
    run_quarters,
    save_table,
    submit_declaration,
)
from fangxin.agencies.duties import quarters_of_company
from fangxin.agencies.models import Agency, Declaration, QuarterDuty
from fangxin.agencies.quarters import DUTY_STEPS, DutyState, Quarter, due_day
from fangxin.agencies.values import declared_tables
from fangxin.journal.models import Entry
from fangxin.notices.actions import deliver_notices
from fangxin.notices.models import Notice
from fangxin.organisations.many_rows import insert_many, next_keys
from fangxin.organisations.models import Company, Membership
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import BY, FujianCast, fujian_cast, typed_values

pytestmark = pytest.mark.django_db
ALL = [table.code for table in declared_tables("fujian")]


@pytest.fixture
def cast():
    with time_machine.travel("2026-01-20 10:00+08:00"):
        yield fujian_cast()


def on(day: str):
    return time_machine.travel(f"{day} 10:00+08:00")


def submitted(cast: FujianCast) -> Declaration:
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in typed_values(cast.agency).items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    return submit_declaration(declaration.pk, truth=True, by=cast.filer)


def approved(cast: FujianCast) -> Declaration:
    return approve_declaration(submitted(cast).pk, opinion="属实", by=cast.reviewer)


def duty_of(cast: FujianCast, quarter: int = 1, year: int = 2026) -> QuarterDuty:
    return QuarterDuty.objects.get(agency=cast.agency, year=year, quarter=quarter)


@pytest.mark.parametrize(
    ("quarter", "due_on"),
    [
        (Quarter(2015, 1), date(2015, 4, 15)),
        (Quarter(2015, 3), date(2015, 10, 15)),
        (Quarter(2014, 4), date(2015, 1, 15)),
        (Quarter(2016, 4), date(2017, 1, 16)),
    ],
)
def test_the_due_day_is_the_fifteenth_and_rolls_over_a_day_of_rest(quarter, due_on):
    """TVX-10."""
    due = due_day("fujian", quarter)
    assert due.due_on == due_on
    assert due.explanation()[0].startswith(str(quarter.last_day))


def test_a_quarter_before_and_after():
    assert Quarter.of(date(2026, 12, 31)) == Quarter(2026, 4)
    assert Quarter(2026, 4).after == Quarter(2027, 1)
    assert Quarter(2026, 1).before == Quarter(2025, 4)
    assert Quarter(2026, 2).last_day == date(2026, 6, 30)


def test_it_opens_the_day_after_the_quarter_once(cast):
    with on("2026-03-31"), pytest.raises(ActRefused, match="还没有结束"):
        open_quarter("fujian", 2026, 1)
    with on("2026-04-01"):
        assert open_quarter("fujian", 2026, 1) == 2
        assert open_quarter("fujian", 2026, 1) == 0
    duty = duty_of(cast)
    assert (duty.state, duty.opens_on, duty.due_on) == ("open", date(2026, 4, 1), date(2026, 4, 15))
    assert Entry.objects.filter(kind="quarter:open").count() == 1


def test_who_was_entered_after_the_quarter_or_is_out_of_business_owes_nothing(cast):
    with on("2026-04-01"):
        later = enter_agency(
            jurisdiction="fujian", code=other_code(7), name="泉州新店房产经纪有限公司", city="350500",
            county="350502", by=BY,
        )  # fmt: skip
        Agency.objects.filter(pk=cast.other_agency.pk).update(standing="cancelled")
        assert open_quarter("fujian", 2026, 1) == 1
    assert not later.duties.exists()
    assert not cast.other_agency.duties.exists()


def test_a_submission_after_the_quarter_meets_it(cast):
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
    with on("2026-04-15"):
        declaration = approved(cast)
    duty = duty_of(cast)
    assert (duty.state, duty.was_late, duty.submitted_on) == ("updated", False, date(2026, 4, 15))
    assert (duty.declaration_id, duty.reviewed_on) == (declaration.pk, date(2026, 4, 15))


def test_after_the_fifteenth_it_is_late_for_ever(cast):
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
    with on("2026-04-16"):
        run_quarters()
        assert duty_of(cast).state == "late"
        submitted(cast)
    duty = duty_of(cast)
    assert (duty.state, duty.was_late) == ("updated", True)


def test_an_update_inside_the_quarter_is_shown_apart_and_does_not_meet_it(cast):
    with on("2026-02-10"):
        approved(cast)
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
        own = quarters_of_company(cast.agency.company_id)
    duty = duty_of(cast)
    assert (duty.state, duty.updated_within) == ("open", True)
    assert not QuarterDuty.objects.get(agency=cast.other_agency).updated_within
    assert own["current"]["updated_within"]
    assert own["current"]["owed"]
    assert own["updated_on"] is None


def test_handing_in_for_the_last_quarter_is_an_update_in_this_one(cast):
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
    with on("2026-04-10"):
        approved(cast)
        assert quarters_of_company(cast.agency.company_id)["updated_on"] == date(2026, 4, 10)
    with on("2026-07-01"):
        open_quarter("fujian", 2026, 2)
    assert duty_of(cast, 2).updated_within


def test_taken_back_and_handed_in_again_it_was_handed_in_on_the_first_day(cast):
    """AMB-39."""
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
    with on("2026-04-14"):
        declaration = submitted(cast)
    with on("2026-04-20"):
        recall_declaration(declaration.pk, by=cast.filer)
        submit_declaration(declaration.pk, truth=True, by=cast.filer)
    duty = duty_of(cast)
    assert (duty.submitted_on, duty.was_late) == (date(2026, 4, 14), False)
    assert Declaration.objects.get(pk=declaration.pk).first_submitted_on == date(2026, 4, 14)


def test_what_is_unmet_when_the_next_quarter_opens_is_missing(cast):
    with on("2026-04-01"):
        run_quarters()
    with on("2026-07-01"):
        run_quarters()
    assert duty_of(cast).state == "missing"
    with on("2026-07-02"):
        submitted(cast)
    assert duty_of(cast).state == "missing"
    assert duty_of(cast, 2).state == "updated"


def test_a_quarter_opened_too_late_counts_what_was_handed_in_meanwhile(cast):
    with on("2026-04-03"):
        submitted(cast)
    with on("2026-04-20"):
        run_quarters()
    duty = duty_of(cast)
    assert (duty.state, duty.submitted_on, duty.was_late) == ("updated", date(2026, 4, 3), False)


def test_a_clock_that_stood_still_opens_every_quarter_it_missed(cast):
    with on("2026-04-01"):
        run_quarters()
    with on("2026-11-28"):
        run_quarters()
    states = (
        QuarterDuty.objects.filter(agency=cast.agency).order_by("quarter").values_list("quarter", "state")
    )
    assert list(states) == [(1, "missing"), (2, "missing"), (3, "late")]


def test_the_agency_is_reminded_before_and_after_and_the_department_has_its_list(cast):
    days = ["2026-04-01", *(f"2026-04-{day}" for day in range(10, 31))]
    told: dict[str, list[str]] = {}
    for day in days:
        with on(day):
            before = set(Notice.objects.values_list("pk", flat=True))
            run_quarters()
            run_quarters()
            told[day] = list(
                Notice.objects.exclude(pk__in=before)
                .exclude(to_company=cast.other_agency.company_id)
                .exclude(to_body=cast.other_agency.reviewing_body_id)
                .values_list("title", flat=True)
            )
    said = {day: len(titles) for day, titles in told.items() if titles}
    # 15日 a Wednesday: three working days before, then the first, third and fifth after.
    assert said == {"2026-04-10": 1, "2026-04-16": 1, "2026-04-20": 2, "2026-04-22": 2}
    assert "还剩3个工作日" in told["2026-04-10"][0]
    assert any("1家机构逾期未提交" in title for title in told["2026-04-20"])


def test_the_reminder_is_mailed_to_the_mailbox_of_an_agency_without_an_account(cast, mailoutbox):
    with on("2026-03-01"):
        approved(cast)
    Membership.objects.filter(company=cast.agency.company).update(ends_on=date(2026, 3, 2))
    with on("2026-04-10"):
        run_quarters()
        Notice.objects.exclude(to_company=cast.agency.company).delete()
        run_quarters()
    from fangxin.agencies.queries import mailbox_of_company

    with on("2026-04-11"):
        run_quarters()
        deliver_notices(lambda of: "", mailbox_of_company)
    assert {tuple(mail.to) for mail in mailoutbox} == {("office@chengxin.example",)}
    assert any("2026年第1季度" in mail.subject for mail in mailoutbox)


def test_no_change_is_confirmed_table_by_table_and_counts(cast):
    """AMB-22."""
    with on("2026-02-10"):
        approved(cast)
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
        duty = duty_of(cast)
        with pytest.raises(ActRefused, match="J8"):
            confirm_no_change(duty.pk, tables=ALL[:-1], truth=True, by=cast.filer)
        with pytest.raises(ActRefused, match="准确性、合法性"):
            confirm_no_change(duty.pk, tables=ALL, truth=False, by=cast.filer)
        for stranger in (cast.other_filer, cast.reviewer, cast.prechecker):
            with pytest.raises(ActRefused, match="无权"):
                confirm_no_change(duty.pk, tables=ALL, truth=True, by=stranger)
        confirm_no_change(duty.pk, tables=ALL, truth=True, by=cast.filer, act_key=uuid4())
        with pytest.raises(ActRefused, match="已提交"):
            confirm_no_change(duty.pk, tables=ALL, truth=True, by=cast.filer)
    duty = duty_of(cast)
    assert (duty.state, duty.no_change_by_id) == ("updated", cast.filer.user_id)
    assert duty.unchanged_tables == sorted(ALL)
    assert "准确、合法" in duty.truth_statement


def test_nothing_is_confirmed_that_was_never_declared_or_waits_to_be_mended(cast):
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
        duty = duty_of(cast)
        with pytest.raises(ActRefused, match="还没有填报过"):
            confirm_no_change(duty.pk, tables=ALL, truth=True, by=cast.filer)
    QuarterDuty.objects.all().delete()
    with on("2026-03-30"):
        declaration = submitted(cast)
        return_declaration(declaration.pk, reasons={"J1-01": "核对"}, by=cast.reviewer)
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
        for mend in (lambda: None, lambda: correct_declaration(declaration.pk, by=cast.filer)):
            mend()
            with pytest.raises(ActRefused, match="补正"):
                confirm_no_change(duty_of(cast).pk, tables=ALL, truth=True, by=cast.filer)


def test_published_holidays_move_the_due_day_and_the_agency_is_told(cast, monkeypatch):
    with on("2026-04-01"):
        open_quarter("fujian", 2026, 1)
    QuarterDuty.objects.update(provisional=True, due_on=date(2026, 4, 14), state="late")
    with on("2026-04-15"):
        assert recount_duties(dry_run=True) == [
            {"title": "2026年第1季度更新数据", "old": "2026-04-14", "new": "2026-04-15"}
        ]
        assert duty_of(cast).due_on == date(2026, 4, 14)
        recount_duties()
        assert recount_duties() == []
    duty = duty_of(cast)
    assert (duty.state, duty.due_on, duty.provisional) == ("open", date(2026, 4, 15), False)
    assert (
        Notice.objects.filter(to_company=cast.agency.company, title__contains="改为2026-04-15").count() == 1
    )


def other_code(number: int) -> str:
    from fangxin.config.demonstration import invented_uscc

    return invented_uscc("350502", number)


def test_ten_thousand_agencies_are_opened_reminded_and_marked_in_seconds(cast):
    with on("2026-01-21"):
        companies = [
            Company(
                pk=key, name=f"经纪机构{number}（演示）", kinds=["brokerage"], uscc=other_code(number),
                jurisdictions=["fujian"],
            )
            for number, key in enumerate(next_keys(Company, 10_000), start=100)
        ]  # fmt: skip
        insert_many(companies)
        insert_many(
            Agency(
                pk=key, company=company, jurisdiction="fujian", code=company.uscc, city="350500", county="350502",
                reviewing_body=cast.agency.reviewing_body, entered_on=date(2026, 1, 21),
            )
            for key, company in zip(next_keys(Agency, 10_000), companies, strict=True)
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("analyze")
    taken = {}
    for day in ("2026-04-01", "2026-04-10", "2026-04-16"):
        with on(day):
            begun = time.process_time()
            assert run_quarters() == 10_002
            taken[day] = time.process_time() - begun
    assert QuarterDuty.objects.filter(state="late").count() == 10_002
    # Of our own processor: the machine may have other things to do.
    assert max(taken.values()) < 5, taken


DAYS = st.integers(min_value=0, max_value=12)
ACTS = st.lists(
    st.tuples(DAYS, st.sampled_from(("clock", "submit", "recall", "no_change", "approve", "return"))),
    max_size=8,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_is_done_a_duty_moves_only_as_the_table_says(cast, acts):
    ways = {(before.value, step.after.value) for step in DUTY_STEPS for before in step.before}
    with transaction.atomic():
        day = date(2026, 3, 20)
        stood: dict[int, str] = {}
        for after, act in acts:
            day = date.fromordinal(day.toordinal() + after)
            with on(day.isoformat()):
                try:
                    with transaction.atomic():
                        _do(act, cast)
                except ActRefused:
                    pass
            for duty in QuarterDuty.objects.filter(agency=cast.agency):
                key = duty.year * 4 + duty.quarter
                before = stood.get(key, DutyState.NONE.value)
                first = (
                    {("none", "updated"), ("none", "late"), ("none", "missing")}
                    if key not in stood
                    else set()
                )
                assert before == duty.state or (before, duty.state) in ways | first
                assert (duty.state == "updated") == (duty.submitted_on is not None)
                assert not duty.was_late or duty.submitted_on > duty.due_on
                stood[key] = duty.state
        transaction.set_rollback(True)


def _do(act: str, cast: FujianCast) -> None:
    declaration = Declaration.objects.filter(agency=cast.agency).order_by("-saved_at").first()
    match act:
        case "clock":
            run_quarters()
        case "submit":
            submitted(cast)
        case "no_change":
            duty = QuarterDuty.objects.filter(agency=cast.agency).order_by("-year", "-quarter").first()
            if duty:
                confirm_no_change(duty.pk, tables=ALL, truth=True, by=cast.filer)
        case "recall" if declaration:
            recall_declaration(declaration.pk, by=cast.filer)
        case "approve" if declaration:
            approve_declaration(declaration.pk, opinion="", by=cast.reviewer)
        case "return" if declaration:
            return_declaration(declaration.pk, reasons={"J1-01": "核对"}, by=cast.reviewer)
