"""Who sees which case, and what lies on whose desk."""

from datetime import date

import pytest

from fangxin.cases.actions import approve_proposal, dispatch_case, forward_from_hub, register_case
from fangxin.cases.models import Case
from fangxin.cases.queries import (
    Sieve,
    case_for,
    case_text,
    cases_with,
    companies_by_id,
    desk,
    desk_counts,
    hops_of,
    project_proposal,
    stages_of,
    story_of,
    summary_proposal,
    visible_to,
)
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.organisations.roles import Role

pytestmark = pytest.mark.django_db


def on(acting, bin_="todo", **more):
    return [row["number"] for row in desk(acting, Sieve(bin=bin_, **more))["rows"]]


# Seeing


def test_the_centre_and_the_leaders_see_every_case(stage):
    case = stage.accepted()
    leader = stage.at("city.brigade", Role.LEADER)
    for who in (stage.cast.dispatcher, stage.cast.supervisor, leader):
        assert list(visible_to(who)) == [case]


@pytest.mark.parametrize("who", ["clerk", "officer", "head"])
def test_a_department_sees_its_own_from_the_moment_it_is_sent(stage, who):
    person = getattr(stage.cast, who)
    case = stage.registered()
    assert case_for(person, case.number) is None
    case = dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    assert case_for(person, case.number) == case
    stage.propose("return", case)
    approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    assert case_for(person, case.number) is None


@pytest.mark.parametrize("who", ["other_clerk", "hub", "emergency", "company_user"])
def test_strangers_see_nothing_and_no_number_helps(stage, who):
    case = stage.accepted()
    assert case_for(getattr(stage.cast, who), case.number) is None
    assert on(getattr(stage.cast, who), "all") == []
    assert cases_with([case.number], getattr(stage.cast, who)) == []


def test_who_entered_a_case_follows_it(stage):
    receipt = register_case(
        Grievance(title="热线", text="退定金"),
        Identity(name="张敏"),
        source="hotline",
        by=stage.cast.emergency,
    )
    assert case_for(stage.cast.emergency, receipt.number) is not None
    assert on(stage.cast.emergency) == []


def test_the_hub_sees_every_property_case_wherever_it_lies(stage):
    case = stage.at_hub()
    forward_from_hub(case.pk, district="110105", by=stage.cast.hub)
    assert case_for(stage.cast.hub, case.number) is not None


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDIT_OFFICER])
def test_administrators_and_auditors_see_no_cases_though_they_sit_at_the_centre(stage, role):
    stage.accepted()
    person = stage.at("city.research_centre", role)
    assert not visible_to(person).exists()
    assert desk_counts(person)["waiting"] == 0


def test_a_case_of_another_jurisdiction_is_nobodys_here(stage):
    case = stage.accepted()
    Case.objects.filter(pk=case.pk).update(jurisdiction="fujian")
    assert case_for(stage.cast.dispatcher, case.number) is None


# Desks


@pytest.mark.parametrize(
    ("status", "whose"),
    [
        ("registered", "dispatcher"), ("at_hub", "hub"), ("dispatched", "clerk"), ("return_proposed", "head"),
        ("refusal_proposed", "head"), ("investigating", "officer"), ("awaiting_order", "head"),
        ("rectifying", "officer"), ("awaiting_telling", "officer"), ("handled", "supervisor"), ("closed", None),
        ("refused", None),
    ],
)  # fmt: skip
def test_each_case_lies_on_exactly_the_desk_of_whoever_moves_it(stage, status, whose):
    case = getattr(stage, status)()
    people = ("dispatcher", "hub", "clerk", "officer", "head", "supervisor", "emergency", "other_clerk")
    lies = [who for who in people if on(getattr(stage.cast, who)) == [case.number]]
    assert lies == ([whose] if whose else [])
    counts = desk_counts(stage.cast.supervisor)
    assert counts["todo"] == (1 if whose == "supervisor" else 0)
    assert counts["waiting"] == (1 if whose and whose != "supervisor" else 0)
    assert on(stage.cast.supervisor, "waiting") == ([case.number] if counts["waiting"] else [])
    assert on(stage.cast.supervisor, "ended") == ([] if whose else [case.number])


def test_a_supervisor_elsewhere_and_a_leader_have_an_empty_desk(stage):
    stage.handled()
    assert on(stage.at("district.110105.brokerage", Role.SUPERVISOR)) == []
    assert on(stage.at("city.brigade", Role.LEADER)) == []


def test_soon_is_two_working_days_whatever_the_calendar_says(stage):
    case = stage.accepted()
    stage.day = date(2026, 3, 11)
    assert desk_counts(stage.cast.officer)["soon"] == 0
    stage.day = date(2026, 3, 12)  # Thursday; due on Monday the 16th
    assert desk_counts(stage.cast.officer)["soon"] == 1
    assert on(stage.cast.officer, "soon") == [case.number]
    stage.day = date(2026, 3, 16)
    assert desk_counts(stage.cast.officer) | {"todo": 1} == {
        "todo": 1, "soon": 1, "overdue": 0, "waiting": 0, "handled": 0,
    }  # fmt: skip
    stage.day = date(2026, 3, 17)
    assert desk_counts(stage.cast.officer)["overdue"] == 1
    assert on(stage.cast.officer, "overdue") == [case.number]
    assert desk(stage.cast.officer, Sieve())["rows"][0]["due"]["tone"] == "overdue"


def test_soon_reaches_across_a_long_holiday(stage):
    stage.day = date(2026, 2, 2)
    stage.accepted()  # due on Friday 13 February
    Case.objects.update(due_on=date(2026, 2, 24))
    stage.day = date(2026, 2, 13)
    assert desk_counts(stage.cast.officer)["soon"] == 1


def test_the_tile_and_the_list_of_the_months_handled_agree(stage):
    stage.day = date(2026, 2, 10)
    stage.handled()
    stage.day = date(2026, 3, 2)
    case = stage.handled()
    assert desk_counts(stage.cast.supervisor)["handled"] == 1
    assert on(stage.cast.supervisor, "handled") == [case.number]


def test_what_is_due_first_lies_on_top_and_without_a_day_below(stage):
    early = stage.accepted()
    stage.day = date(2026, 3, 3)
    late = stage.accepted()
    assert on(stage.cast.officer) == [early.number, late.number]
    assert on(stage.cast.officer, "all") == [late.number, early.number]


def test_filters_narrow_a_desk(stage):
    case = stage.dispatched()
    stage.registered()
    sieves = {"link": "brokerage", "status": "dispatched", "district": "110105", "source": "web"}
    assert on(stage.cast.dispatcher, "all", **sieves) == [case.number]
    assert on(stage.cast.dispatcher, "all", **{**sieves, "source": "media"}) == []


def test_pages_are_turned_and_counted(stage):
    case = stage.registered()
    copies = [
        Case(number=f"BJ-{n:06}", jurisdiction="beijing", complaint_id=None, source="web", title="副本",
             holder_id=case.holder_id, sorting_body_id=case.sorting_body_id, registered_on=stage.day)
        for n in range(52)
    ]  # fmt: skip
    from fangxin.complaints.models import Complaint

    for copy in copies:
        copy.complaint = Complaint(
            number=copy.number, jurisdiction="beijing", source="web", title="副本", text="副本",
            received_at=case.registered_at,
        )  # fmt: skip
    Complaint.objects.bulk_create([copy.complaint for copy in copies])
    Case.objects.bulk_create(copies)
    first = desk(stage.cast.dispatcher, Sieve())
    assert (len(first["rows"]), first["total"], first["more"], first["page"]) == (50, 53, True, 1)
    second = desk(stage.cast.dispatcher, Sieve(page=2))
    assert (len(second["rows"]), second["total"], second["more"]) == (3, 53, False)
    assert desk(stage.cast.dispatcher, Sieve(page=0))["page"] == 1


def test_beyond_three_thousand_nobody_counts(stage, monkeypatch):
    monkeypatch.setattr("fangxin.cases.queries.COUNTED_TO", 1)
    monkeypatch.setattr("fangxin.cases.queries.PAGE", 1)
    stage.registered()
    stage.registered()
    assert desk(stage.cast.dispatcher, Sieve())["total_words"] == "0+"


def test_a_row_says_what_is_suggested_until_somebody_decided(stage):
    case = stage.registered()
    Case.objects.filter(pk=case.pk).update(suggested_link="trading", suggestion={"certainty": 0.6})
    row = desk(stage.cast.dispatcher, Sieve())["rows"][0]
    assert (row["suggested_title"], row["certainty"], row["link_title"]) == ("交易", 0.6, "")
    dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    row = desk(stage.cast.dispatcher, Sieve(bin="all"))["rows"][0]
    assert (row["suggested_title"], row["certainty"], row["link_title"]) == ("", None, "经纪")
    assert (row["district_title"], row["source_title"], row["status_title"]) == (
        "朝阳区",
        "网上投诉",
        "待受理",
    )


# A case read whole


def test_the_flow_chart_stands_where_the_case_stands(stage):
    states = [step["state"] for step in stages_of(stage.accepted())]
    assert states == ["done", "current", "todo", "todo", "todo", "todo"]
    assert stages_of(stage.closed())[-1]["state"] == "current"


def test_the_office_reads_the_raw_words_and_a_masked_proposal(stage):
    case = stage.registered(text="我叫张敏，电话13800138000，定金不退。", project_name="望京花园张敏家")
    assert case_text(case)["text"].startswith("我叫张敏")
    proposal = summary_proposal(case)
    assert "张敏" not in proposal.text_masked
    assert "13800138000" not in proposal.text_masked
    assert "张敏" not in project_proposal(case)


def test_an_anonymous_complaint_is_masked_without_looking_for_its_author(stage):
    case = stage.registered(identity={}, text="电话13800138000，定金不退。")
    assert "13800138000" not in summary_proposal(case).text_masked


def test_the_story_and_the_hops_are_told_in_order(stage):
    case = stage.accepted()
    assert [entry["kind"] for entry in story_of(str(case.pk))] == [
        "case:register", "case:dispatch", "case:accept", "case:send_to_company",
    ]  # fmt: skip
    assert [(hop["from_body__name"], hop["rule_key"]) for hop in hops_of(case.pk)] == [
        (case.sender.name, "brokerage")
    ]


def test_chosen_cases_and_companies_come_in_the_order_chosen(stage):
    one, two = stage.registered(), stage.registered()
    wanted = [two.number, "BJ-0", "\x00", one.number]
    assert cases_with(wanted, stage.cast.dispatcher) == [two, one]
    first, second = stage.cast.company, stage.cast.other_company
    assert companies_by_id([second.pk, first.pk, second.pk, 0]) == [second, first]
