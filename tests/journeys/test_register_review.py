"""A department works through its queue: looks at what changed, accepts, returns with reasons by indicator."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from fangxin.agencies.actions import (
    approve_declaration,
    begin_declaration,
    precheck_declaration,
    recall_declaration,
    record_change,
    return_declaration,
    save_table,
    submit_declaration,
)
from fangxin.agencies.models import Declaration, FiledAgency, Version
from fangxin.journal.kinds import Kind
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body, User
from fangxin.organisations.roles import Role
from tests import fujian_stage
from tests.cast import member
from tests.fujian_cast import FujianCast, declared_and_accepted, typed_values

pytestmark = pytest.mark.django_db


cast = fujian_stage.cast


def seat(username: str) -> Client:
    client = Client()
    user = User.objects.get(username=username)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def waiting(cast: FujianCast, **changed: Any) -> Declaration:
    """A declaration the agency has handed in."""
    declaration = begin_declaration(cast.agency.pk, by=cast.filer)
    for table, rows in {**typed_values(cast.agency), **changed}.items():
        save_table(declaration.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
    return submit_declaration(declaration.pk, truth=True, by=cast.filer)


def act(declaration: Declaration, **given: Any) -> dict[str, Any]:
    return {"act_key": uuid4(), "turn": declaration.turn, **given}


def address(declaration: Declaration, verb: str = "") -> str:
    if verb:
        return reverse("declaration_step", args=[declaration.pk, verb])
    return reverse("declaration", args=[declaration.pk])


def words(client: Client, url: str, **asked: Any) -> str:
    answer = client.get(url, asked)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_queue_of_a_place_shows_its_own_declarations(cast):
    declaration = waiting(cast)
    assert str(declaration.pk) in words(seat("huangmin"), reverse("register_queue"))
    assert str(declaration.pk) not in words(seat("hexin"), reverse("register_queue"), bin="all")
    assert str(declaration.pk) in words(seat("zhenghua"), reverse("register_queue"))
    # The city decides nothing of its county's, and sees it among what waits for others.
    assert str(declaration.pk) not in words(seat("wujian"), reverse("register_queue"))
    assert str(declaration.pk) in words(seat("wujian"), reverse("register_queue"), bin="others")


def test_a_reviewers_desk_is_the_queue(cast):
    answer = seat("huangmin").get(reverse("desk"))
    assert answer.headers["Location"] == reverse("register_queue")


def test_the_queue_is_sieved_by_place_state_channel_days_and_warnings(cast):
    declaration = waiting(cast)
    client, queue = seat("zhenghua"), reverse("register_queue")
    for asked, found in (
        ({"county": "350102"}, True), ({"county": "350203"}, False), ({"city": "350100"}, True),
        ({"state": "pre_checked", "bin": "all"}, False), ({"channel": "collected"}, False), ({"waiting": "7"}, False),
        ({"warned": "yes"}, True), ({"warned": "no"}, False), ({"q": "诚信"}, True), ({"q": "海润"}, False),
        ({"q": declaration.agency.code[:10]}, True),
    ):  # fmt: skip
        assert (str(declaration.pk) in words(client, queue, **asked)) is found, asked


def test_only_what_changed_is_shown_old_beside_new(cast):
    declared_and_accepted(cast)
    values = typed_values(cast.agency)
    person = {"contract_no": "HT-2026-001", "broker_name": "赵敏", "broker_registration_no": "35200900124"}
    declaration = waiting(
        cast,
        J1={**values["J1"], "staff_count": "9"},
        J5=[{**values["J5"][0], "name": "周芳"}],
        J6=[{**values["J6"][0], "brokers": "张伟、赵敏"}],
        J7=[*values["J7"], person],
    )
    page = words(seat("huangmin"), address(declaration))
    for seen in ("机构总人数", "周芳", "陈丽", "删去", "新增", "张伟、赵敏", "赵敏"):
        assert seen in page, seen
    # Nor what the columns merely write otherwise.
    for same in ("诚信为本", "123.45", "73.45"):
        assert same not in page
    assert "诚信为本" in words(seat("huangmin"), address(declaration), show="all")


def test_a_look_at_a_declaration_is_written_down_once_a_page(cast):
    declaration = waiting(cast)
    before = Entry.objects.filter(kind=Kind.RECORD_LOOK).count()
    words(seat("huangmin"), address(declaration))
    (look,) = Entry.objects.filter(kind=Kind.RECORD_LOOK)[before:]
    assert "J2-08" in look.details["codes"]
    assert "11010519491231002X" not in str(look.details)


def test_what_does_not_agree_with_the_filing_is_listed(cast):
    declaration = waiting(cast)
    FiledAgency.objects.create(
        jurisdiction="fujian", code=cast.agency.code, values={"J1": {"legal_representative": "王大明"}}
    )
    page = words(seat("huangmin"), address(declaration))
    assert "备案为“王大明”" in page
    assert "没有这家机构的从业管理资料" in page


def test_a_declaration_of_another_place_is_not_there(cast):
    declaration = waiting(cast)
    assert seat("hexin").get(address(declaration)).status_code == 404
    assert (
        seat("hexin").post(address(declaration, "approve_declaration"), act(declaration)).status_code == 404
    )


def test_a_draft_is_its_agencys_own(cast):
    declaration = waiting(cast)
    recall_declaration(declaration.pk, by=cast.filer)
    assert seat("huangmin").get(address(declaration)).status_code == 404


def test_accepted_on_the_page_it_is_the_record(cast):
    declaration = waiting(cast)
    form = act(declaration, opinion="属实")
    client = seat("huangmin")
    answer = client.post(address(declaration, "approve_declaration"), form)
    assert answer.headers["Location"] == reverse("register_queue")
    # The same form sent twice is one act.
    assert client.post(address(declaration, "approve_declaration"), form).status_code == 302
    assert Version.objects.filter(agency=cast.agency).count() == 1
    assert "审核通过" in words(client, address(declaration))


def test_the_committee_writes_its_opinion_and_has_no_other_button(cast):
    declaration = waiting(cast)
    client = seat("zhenghua")
    page = words(client, address(declaration))
    assert "precheck_declaration" in page
    assert "approve_declaration" not in page
    empty = client.post(address(declaration, "precheck_declaration"), act(declaration))
    assert empty.status_code == 422
    client.post(address(declaration, "precheck_declaration"), act(declaration, opinion="材料齐全"))
    assert "材料齐全" in words(seat("huangmin"), address(declaration))
    assert client.post(address(declaration, "approve_declaration"), act(declaration)).status_code == 409


def test_returned_with_a_reason_for_each_indicator(cast):
    declaration = waiting(cast)
    client, url = seat("huangmin"), address(declaration, "return_declaration")
    page = words(client, url)
    assert 'name="pick" value="J1-18"' in page
    assert 'name="why_J6-08"' in page
    missing = client.post(url, act(declaration, **{"pick": ["J1-18", "J6-08"], "why_J1-18": "与备案不符"}))
    assert missing.status_code == 422
    assert "J6-08房地产经纪人的退回理由：已经勾选" in missing.content.decode()
    assert "与备案不符" in missing.content.decode()
    # A reason without a tick is a reason.
    given = {"pick": ["J1-18"], "why_J1-18": "与备案不符", "why_J6-08": "缺协理"}
    assert client.post(url, act(declaration, **given)).status_code == 302
    declaration.refresh_from_db()
    assert declaration.return_reasons == {"J1-18": "与备案不符", "J6-08": "缺协理"}


def test_a_return_of_nothing_is_refused(cast):
    declaration = waiting(cast)
    answer = seat("huangmin").post(address(declaration, "return_declaration"), act(declaration))
    assert answer.status_code == 422
    assert "至少指出一项" in answer.content.decode()


def test_whoever_comes_second_reads_what_happened_and_keeps_what_was_typed(cast):
    declaration = waiting(cast)
    late = act(declaration, **{"pick": ["J1-18"], "why_J1-18": "与备案不符"})
    return_declaration(declaration.pk, reasons={"J2-14": "请补填"}, by=cast.reviewer)
    answer = seat("huangmin").post(address(declaration, "return_declaration"), late)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "刚刚有了变化" in page
    assert "与备案不符" in page


def test_a_step_at_the_wrong_time_is_refused_by_the_table(cast):
    declaration = declared_and_accepted(cast)
    declaration = Declaration.objects.get(pk=getattr(declaration, "declaration_id", declaration.pk))
    assert seat("huangmin").get(address(declaration, "return_declaration")).status_code == 409
    answer = seat("huangmin").post(address(declaration, "approve_declaration"), act(declaration))
    assert answer.status_code == 422
    assert Version.objects.filter(agency=cast.agency).count() == 1


def test_the_opinion_of_the_committee_does_not_take_it_from_the_department(cast):
    declaration = waiting(cast)
    precheck_declaration(declaration.pk, opinion="材料齐全", by=cast.prechecker)
    declaration.refresh_from_db()
    form = act(declaration, opinion="")
    assert seat("huangmin").post(address(declaration, "approve_declaration"), form).status_code == 302
    assert Version.objects.get(agency=cast.agency).number == 1


def test_the_register_is_found_by_name_code_and_place(cast):
    client, url = seat("zhenghua"), reverse("register_agencies")
    for asked, found in (
        ({}, True), ({"q": "诚信"}, True), ({"q": "海润"}, False), ({"q": cast.agency.code[:8]}, True),
        ({"county": "350203"}, False), ({"standing": "cancelled"}, False),
    ):  # fmt: skip
        assert ("福州诚信" in words(client, url, **asked)) is found, asked


def test_a_record_is_read_as_of_a_day_by_the_right_of_the_reader(cast):
    declared_and_accepted(cast)
    url = reverse("register_agency", args=[cast.agency.pk])
    for own in ("huangmin", "wujian", "zhenghua", "yelan"):
        assert "机密路88号" in words(seat(own), url), own
    elsewhere = words(seat("hexin"), url)
    assert "机密路88号" not in elsewhere
    assert "诚信为本" in elsewhere
    assert "这一天还没有审核通过的登记" in words(seat("huangmin"), url, on="2020-01-01")
    assert seat("huangmin").get(url, {"on": "2026-02-30"}).status_code == 422


def test_what_waits_goes_with_the_agency_to_its_new_place(cast):
    declared_and_accepted(cast)
    declaration = waiting(cast)
    record_change(
        cast.agency.pk,
        changes={"J1+01": "350103"},
        reason="迁址",
        evidence=[fujian_stage.paper()],
        by=cast.reviewer,
    )
    assert str(declaration.pk) not in words(seat("huangmin"), reverse("register_queue"), bin="all")
    body = Body.objects.get(code="district.350103.housing")
    member("wenqi", "温琪", Role.REVIEWER, body)
    assert str(declaration.pk) in words(seat("wenqi"), reverse("register_queue"))


def test_the_queue_and_the_declaration_ask_the_same_for_more(cast):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked(url: str) -> int:
        client = seat("zhenghua")
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url, {"bin": "all"}).status_code == 200
        return len(queries)

    declaration = declared_and_accepted(cast)
    first = [
        asked(reverse("register_queue")),
        asked(address(declaration)),
        asked(reverse("register_agencies")),
    ]
    for number in range(5):
        values = typed_values(cast.agency)
        waiting(cast, J1={**values["J1"], "staff_count": str(10 + number)})
        approve_declaration(
            Declaration.objects.latest("begun_on", "saved_at").pk, opinion="", by=cast.reviewer
        )
    assert [
        asked(reverse("register_queue")), asked(address(declaration)), asked(reverse("register_agencies")),
    ] == first  # fmt: skip
    assert max(first) <= 30
