"""The database itself refuses: every audience speaks on a connection of its own, as in production."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import ProgrammingError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import sql
from django.test import Client
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from fangxin.agencies.models import (
    RECORDS,
    Agency,
    Declaration,
    FiledAgency,
    QuarterDuty,
    Version,
)
from fangxin.cases.models import Case, CompanyTask, Reply, ReplyReturn, SupervisionOrder, Urging
from fangxin.complaints.complainant import Complainant, Identity, seal_complainant, unseal_complainant
from fangxin.complaints.models import Complaint, Progress
from fangxin.config.database_roles import (
    AUDIENCES,
    CLOSED,
    ENTERPRISE,
    FUNCTIONS,
    GRANTEE,
    GRANTS,
    INTAKE,
    LOGIN,
    OFFICE,
    POLICIES,
    PUBLIC,
    PUBLISHED,
    QUEUE_PREFIX,
    REGISTER_RECORDS,
    SEALED,
    SEQUENCES,
)
from fangxin.credit.models import (
    Application,
    BadRecord,
    Correction,
    GoodRecord,
    Round,
    Score,
    ScoreObjection,
)
from fangxin.deadlines.models import Deadline
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.documents.models import Attachment
from fangxin.investigations.models import (
    Opinion,
    RectificationCheck,
    RectificationOrder,
    RectificationReport,
)
from fangxin.notices.models import Notice
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.roles import Role
from fangxin.redress.models import AgencyComplaint, Answer, Transfer
from tests.cast import PASSWORD, company, member

DAY = date(2026, 3, 2)
EVERYBODY = (*AUDIENCES, LOGIN)
WORDS = ("select", "insert", "update", "delete")
# The same for every reader: nothing in them belongs to one company.
THE_SAME_FOR_ALL = {
    "organisations_body", "organisations_company", "agencies_practitioner",
    "credit_publishedrecord", "credit_publishedscore", "credit_round", *(f"agencies_{published}" for published in PUBLISHED),
}  # fmt: skip
# Runs with its owner's rights: see the journal's first migration and redress's second.
WITH_THE_OWNERS_RIGHTS = {"journal_act_subject", "journal_seal_next", "redress_next_number"}


@dataclass
class Rows:
    """Two companies with one row each in every table a company reads, and one complaint."""

    ours: Company
    theirs: Company
    complaint_id: UUID
    receipt: bytes
    made: list[models.Model]


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[Rows]:
    """Committed, for a second connection sees nothing else; taken away afterwards."""
    with django_db_blocker.unblock():
        made: list[models.Model] = []
        try:
            yield _made(made)
        finally:
            for row in reversed(made):
                type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


def _made(made: list[models.Model]) -> Rows:
    def make(model: type[models.Model], **values: Any) -> Any:
        row = model(**values)
        row.save(force_insert=True)
        made.append(row)
        return row

    body = make(Body, code="test.body", jurisdiction="beijing", name="测试部门", level="city")
    user = make(User, username="roles-test", full_name="测试", email="")
    companies = [make(Company, name=f"测试企业{n}", jurisdictions=["beijing"]) for n in (1, 2)]
    receipt, complaint_id = b"\x01" * 32, uuid4()
    for number, digest in (("TEST-1", receipt), ("TEST-2", b"\x02" * 32)):
        complaint = make(
            Complaint, id=complaint_id if number == "TEST-1" else uuid4(), number=number,
            jurisdiction="beijing", source="web", title="题", text="原文", received_at=timezone.now(),
            secret_hash=digest,
        )  # fmt: skip
        make(Progress, complaint_id=complaint.pk, on=DAY, title="投诉已收到")
    make(Complainant, complaint_id=complaint_id, name=b"sealed")
    case = make(
        Case, number="TEST-1", jurisdiction="beijing", complaint_id=complaint_id, source="web", title="题",
        holder=body, sorting_body=body, registered_on=DAY,
    )  # fmt: skip
    make(Opinion, case=case, outcome="violation", findings="查", text="责令整改", by_user=user, on=DAY)
    of_round = make(
        Round, jurisdiction="fujian", book="fujian", scheme="example", scheme_title="示例", rulebook_version="0",
        state="announced", since=DAY, until=DAY, opened_on=DAY, announced_on=DAY,
    )  # fmt: skip
    for one in companies:
        task = make(
            CompanyTask, case_id=case.pk, number="TEST-1", company=one, company_name=one.name,
            handling_body=body, link="brokerage", summary="摘要", points=["何故？"], state="replied",
            sent_on=DAY,
        )  # fmt: skip
        make(Reply, task=task, company=one, answers=[], by_name="刘洋", replied_on=DAY)
        make(
            ReplyReturn, task=task, company=one, version=1, points=["何故？"], reason="不全", due_on=DAY, by_user=user,
            on=DAY,
        )  # fmt: skip
        make(
            Urging, case=case, number=one.pk % 30_000, kind="urge", task=task, company=one, channel="platform",
            addressee="刘洋", text="请回复", by_body=body, by_user=user, on=DAY,
        )  # fmt: skip
        make(
            SupervisionOrder, case_id=case.pk, case_number="TEST-1", number=f"TEST-{one.pk}", company=one, text="请加快",
            state="acknowledged", issued_by=user, issued_on=DAY, due_on=DAY,
        )  # fmt: skip
        order = make(
            RectificationOrder, case_id=case.pk, number="TEST-1", task=task, company=one,
            company_name=one.name, violations=[], requirements="改", handling_body_id=body.pk,
            served_on=DAY, due_on=date(2026, 3, 17), issued_by=user,
        )  # fmt: skip
        make(RectificationReport, order=order, company=one, kind="plan", text="方案", by_name="刘洋", on=DAY)
        make(RectificationCheck, order=order, accepted=False, opinion="未到位", by_user=user, on=DAY)
        make(
            Deadline, jurisdiction="beijing", rule_key="company_reply", title="企业回复", subject_kind="task",
            subject_id=task.pk, matter_id=case.pk, owner_company=one, starts_on=DAY, amount=3, unit="工作日",
            due_on=date(2026, 3, 5), first_due_on=date(2026, 3, 5), clause="二(四)", rulebook_version="0",
        )  # fmt: skip
        make(
            Attachment, subject_kind="reply", subject_id="x", purpose="reply_evidence", ordinal=1,
            shown_name="附件1.jpg", sha256="0" * 64, size=1, media_type="image/jpeg", company=one,
            uploaded_by_company=one,
        )  # fmt: skip
        agency = make(
            Agency, company=one, jurisdiction="fujian", code=f"TEST{one.pk}", city="350100", county="350102",
            reviewing_body=body, entered_on=DAY,
        )  # fmt: skip
        declaration = make(
            Declaration, agency=agency, company=one, jurisdiction="fujian", reviewing_body=body, begun_on=DAY,
            channel="collected",
        )  # fmt: skip
        version = make(
            Version, agency=agency, company=one, number=1, from_on=DAY, declaration=declaration,
            channel="declared", approved_at=timezone.now(), catalogue_version="0",
        )  # fmt: skip
        for record in RECORDS.values():
            make(record, version=version, company=one)
        make(FiledAgency, jurisdiction="fujian", code=agency.code, company=one)
        about = {"agency": agency, "company": one, "jurisdiction": "fujian", "entered_on": DAY}
        make(GoodRecord, state="submitted", **about)
        bad = make(
            BadRecord, state="notice_served", source="inspection", record_class="general", body=body,
            served_on=DAY, **about,
        )  # fmt: skip
        make(
            Correction, record=bad, company=one, kind="amended", reason="错", proposed_by=user, proposed_on=DAY,
            decided_on=DAY,
        )  # fmt: skip
        score = make(
            Score, round=of_round, kind="agency", subject=agency.code, name=one.name, agency=agency,
            company_id=one.pk, points=60, grade="B", computed_at=timezone.now(),
        )  # fmt: skip
        make(
            ScoreObjection, round=of_round, score=score, company=one, text="异议", objected_on=DAY,
            answered_on=DAY,
        )  # fmt: skip
        make(Application, record=bad, kind="objection", state="applied", body=body, text="异议", **about)
        words = make(
            Complaint, number=f"JG{one.pk:06d}", jurisdiction="fujian", source="web", title="题", text="原文",
            received_at=timezone.now(), secret_hash=b"\x03" * 32,
        )  # fmt: skip
        complained = make(
            AgencyComplaint, complaint=words, number=words.number, jurisdiction="fujian", agency=agency, company=one,
            respondent_kind="其他", city="350100", body=body, state="verifying", received_on=DAY,
            received_at=timezone.now(),
        )  # fmt: skip
        make(
            Transfer, complaint=complained, number=words.number, jurisdiction="fujian", company=one, body=body,
            respondent_kind="其他", text="摘要", approved_by=user, sent_on=DAY, due_on=DAY,
        )  # fmt: skip
        make(
            Answer, complaint=complained, complaint_number=words.number, kind="feedback", company=one,
            answered_at=timezone.now(), answered_by=one.name, opinion="意见",
        )  # fmt: skip
        make(
            QuarterDuty, agency=agency, company=one, reviewing_body=body, year=2026, quarter=1, opens_on=DAY,
            due_on=DAY,
        )  # fmt: skip
        make(
            AuthorisedQuery, number=f"TEST-{one.pk}", secret_hash=_secret(one), jurisdiction="fujian", agency=agency,
            company=one, state="granted", ground="official_duty", applicant_name="方晴", id_kind="护照",
            id_number=b"sealed", organisation="所", telephone="1", purpose="办案", basis="函", asked_codes=["J1-04"],
            granted_codes=["J1-04"], asked_from_on=DAY, asked_days=7, applied_on=DAY, from_on=DAY,
            until_on=date(2026, 3, 8), agency_told=True,
        )  # fmt: skip
        make(Notice, to_company=one, title="案件 TEST-1 请网上回复", matter_id=task.pk, mail_state="none")
    return Rows(companies[0], companies[1], complaint_id, receipt, made)


def _secret(company: Company) -> bytes:
    return bytes([company.pk % 256]) * 32


@contextmanager
def speaking(role: str, **names: object) -> Iterator[psycopg.Connection[Any]]:
    """A connection that is in the role from its first statement; what it does is not kept."""
    with owner(role=role, **{f"fangxin.{key}": value for key, value in names.items()}) as found:
        yield found


@contextmanager
def owner(**settings: object) -> Iterator[psycopg.Connection[Any]]:
    given = connection.settings_dict
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    with psycopg.connect(
        dbname=given["NAME"], host=given["HOST"], port=given["PORT"], user=given["USER"],
        password=given["PASSWORD"], options=options,
    ) as found:  # fmt: skip
        try:
            yield found
        finally:
            found.rollback()


def count(found: psycopg.Connection[Any], table: str, where: str = "true") -> int:
    [(number,)] = found.execute(f"select count(*) from {table} where {where}").fetchall()
    return int(number)


def company_column(table: str) -> str:
    [using] = {
        policy.using for policy in POLICIES[table] if policy.role == ENTERPRISE and policy.using != "true"
    }
    return using.split(" ")[0]


READABLE = {table for table, grants in GRANTS.items() if "select" in grants.get(ENTERPRISE, "")}
COMPANY_TABLES = sorted(READABLE - THE_SAME_FOR_ALL)


class TestWhatIsRefused:
    @pytest.mark.parametrize("role", [PUBLIC, ENTERPRISE])
    @pytest.mark.parametrize(
        "statement",
        [
            "select * from complaints_complainant",
            "select name from complaints_complainant",
            "select text from complaints_complaint",
            "select title from complaints_complaint",
            "select 1 from complaints_complaint",
            "select 1 from complaints_progress",
            "select 1 from redress_latefeedback",
            "select 1 from redress_proposal",
            "select 1 from redress_numbering",
            "select respondent_kind from redress_agencycomplaint",
            "select home_city from redress_agencycomplaint",
            "select 1 from cases_case",
            "select 1 from cases_casesearch",
            "select 1 from cases_hop",
            "select 1 from cases_identityopening",
            "select 1 from journal_entry",
            "select 1 from journal_act",
            "select 1 from journal_seal",
            "select 1 from investigations_opinion",
            "select 1 from documents_sealingkey",
            "select 1 from organisations_user",
            "select 1 from organisations_membership",
            "select contact_email from organisations_company",
            "select contact_telephone from organisations_company",
            "select address from organisations_company",
            "select 1 from django_session",
            "select 1 from procrastinate_jobs",
            "delete from journal_entry",
            "truncate journal_entry",
            "create table somebody (name text)",
            "create temporary table somebody (name text)",
        ],
    )
    def test_the_public_and_the_companies_do_not_read_what_is_sealed_or_internal(self, rows, role, statement):
        with speaking(role, company_id=rows.ours.pk) as they, pytest.raises(InsufficientPrivilege):
            they.execute(statement)

    @pytest.mark.parametrize("table", COMPANY_TABLES)
    def test_the_public_reads_nothing_that_belongs_to_a_company(self, rows, table):
        with speaking(PUBLIC, company_id=rows.ours.pk) as they, pytest.raises(InsufficientPrivilege):
            they.execute(f"select 1 from {table}")

    def test_the_public_has_no_right_to_any_table_of_the_register_but_what_is_published(self, rows):
        """Asked of the database for every table, column and way there is, so that a new table is closed too."""
        published = {f"agencies_{name}" for name in PUBLISHED}
        ways = ("insert", "update", "references")
        with owner() as us:
            register = {t for (t,) in us.execute(
                "select tablename::text from pg_tables where schemaname = 'public' and tablename like 'agencies%%'"
            )}  # fmt: skip
            assert published < register
            for table in sorted(register):
                for way in ("select", *ways):
                    [(may,)] = us.execute("select has_any_column_privilege(%s, %s, %s)", [PUBLIC, table, way])
                    assert may is (table in published and way == "select"), (table, way)
                for way in ("delete", "truncate", "trigger"):
                    [(may,)] = us.execute("select has_table_privilege(%s, %s, %s)", [PUBLIC, table, way])
                    assert not may, (table, way)

    @pytest.mark.parametrize("role", [PUBLIC, INTAKE, ENTERPRISE, OFFICE, LOGIN])
    def test_only_the_sealed_role_reads_who_complained(self, rows, role):
        with speaking(role) as they, pytest.raises(InsufficientPrivilege):
            they.execute("select complaint_id from complaints_complainant")

    def test_the_sealed_role_reads_nothing_else(self, rows):
        with speaking(SEALED) as they:
            assert count(they, "complaints_complainant") == 1
            for table in sorted(set(GRANTS) - {"complaints_complainant"}):
                with they.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                    they.execute(f"select 1 from {table}")

    @pytest.mark.parametrize("role", AUDIENCES)
    @pytest.mark.parametrize("table", ["journal_entry", "journal_act", "journal_seal", "journal_leaf"])
    def test_nobody_rewrites_the_journal(self, rows, role, table):
        column = {"journal_entry": "summary", "journal_act": "verb"}.get(table, "hash")
        with speaking(role) as they:
            for verb in (f"update {table} set {column} = null", f"delete from {table}", f"truncate {table}"):
                with they.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                    they.execute(verb)


class TestACompanySeesItsOwnRows:
    def test_every_table_it_reads_has_an_example_for_each_company(self, rows):
        for table in COMPANY_TABLES:
            with owner() as us:
                column = company_column(table)
                assert count(us, table, f"{column} = {rows.ours.pk}") == 1, (
                    f"{table}: an example row is missing"
                )
                assert count(us, table, f"{column} = {rows.theirs.pk}") == 1

    @pytest.mark.parametrize("table", COMPANY_TABLES)
    def test_its_own_row_is_there_and_the_others_is_not(self, rows, table):
        column = company_column(table)
        with speaking(ENTERPRISE, company_id=rows.ours.pk) as they:
            assert count(they, table, f"{column} = {rows.ours.pk}") == 1
            assert count(they, table, f"{column} is distinct from {rows.ours.pk}") == 0

    @pytest.mark.parametrize("table", COMPANY_TABLES)
    @pytest.mark.parametrize("company_id", [None, "", 0, -1, 999_999_999])
    def test_without_a_company_or_with_a_wrong_one_there_are_no_rows(self, rows, table, company_id):
        names = {} if company_id is None else {"company_id": company_id}
        with speaking(ENTERPRISE, **names) as they:
            assert count(they, table) == 0

    @pytest.mark.parametrize(
        "table", [table for table in COMPANY_TABLES if "insert" in GRANTS[table][ENTERPRISE]]
    )
    def test_it_writes_no_row_for_another_company(self, rows, table):
        column = company_column(table)
        version = "case when to_jsonb(mine) ? 'version' then '{\"version\": 9}'::jsonb else '{}' end"
        # Of its own declarations, and of applications of a kind, a company has one open at a time.
        others = '"channel": "declared", "kind": "repair", "answered_on": null'
        changed = f"""'{{"id": "{uuid4()}", {others}, "{column}": %s}}' || {version}"""
        copy = f"insert into {table} select (jsonb_populate_record(mine, {changed})).* from {table} mine"
        with speaking(ENTERPRISE, company_id=rows.ours.pk) as they:
            with they.transaction(force_rollback=True):
                assert they.execute(copy % rows.ours.pk).rowcount == 1
            # A notice goes to whoever must be told; reading it back is another matter.
            if table != "notices_notice":
                with pytest.raises(InsufficientPrivilege):
                    they.execute(copy % rows.theirs.pk)

    @pytest.mark.parametrize("table", COMPANY_TABLES)
    def test_it_moves_no_row_to_another_company_and_changes_none_of_another(self, rows, table):
        column = company_column(table)
        with speaking(ENTERPRISE, company_id=rows.ours.pk) as they:
            with they.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                they.execute(f"update {table} set {column} = {rows.theirs.pk}")
            with they.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                they.execute(f"delete from {table}")
            granted = re.search(r"update \((\w+)", GRANTS[table][ENTERPRISE])
            if granted:
                same = f"update {table} set {granted[1]} = {granted[1]}"
                assert they.execute(same).rowcount == 1


class TestIntake:
    def test_it_hands_a_complaint_in_and_cannot_read_back_who_complained(self, rows):
        complaint_id = uuid4()
        with speaking(INTAKE) as they:
            they.execute(
                "insert into complaints_complaint (id, number, jurisdiction, source, origin_document, title,"
                " text, respondent_name, respondent_person, project_name, project_address, district,"
                " received_at, earlier_answer, entered_by_name, has_complainant) values"
                " (%s, 'TEST-3', 'beijing', 'web', '', '', '', '', '', '', '', '', now(), '', '', true)",
                [complaint_id],
            )
            they.execute(
                "insert into complaints_complainant (complaint_id, name, sealed_at)"
                " values (%s, '\\x01', now())",
                [complaint_id],
            )
            for statement in (
                "select 1 from complaints_complainant",
                "insert into complaints_complainant (complaint_id, sealed_at)"
                " values (gen_random_uuid(), now()) returning complaint_id",
                "update complaints_complainant set name = null",
                "delete from complaints_complainant",
                "select text from complaints_complaint",
                "select has_complainant from complaints_complaint",
                "update complaints_complaint set text = ''",
                "select 1 from documents_attachment",
                "select 1 from notices_notice",
                "select 1 from redress_latefeedback",
                "select 1 from redress_proposal",
                "select 1 from redress_numbering",
                "select respondent_kind from redress_agencycomplaint",
                "select home_city from redress_agencycomplaint",
                "select 1 from cases_case",
            ):
                with they.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                    they.execute(statement)

    def test_it_follows_the_complaint_whose_receipt_it_holds_and_no_other(self, rows):
        with speaking(INTAKE, receipt=rows.receipt.hex()) as they:
            assert they.execute("select id from complaints_complaint").fetchall() == [(rows.complaint_id,)]
            assert they.execute("select complaint_id from complaints_progress").fetchall() == [
                (rows.complaint_id,)
            ]

    @pytest.mark.parametrize("receipt", [None, "", "ff" * 32, "01", "5c783031"])
    def test_without_the_receipt_there_is_no_complaint(self, rows, receipt):
        with speaking(INTAKE, **({} if receipt is None else {"receipt": receipt})) as they:
            assert count(they, "complaints_complaint") == 0
            assert count(they, "complaints_progress") == 0


RECORDED = sorted(f"agencies_{record}" for record in ("agency", "version", *REGISTER_RECORDS))


class TestTheGrantee:
    """Who holds the secret of a grant reads the accepted rows of its agency, on its days, and nothing else."""

    def test_it_reads_the_rows_of_the_agency_of_its_grant_and_of_no_other(self, rows):
        with speaking(GRANTEE, receipt=_secret(rows.ours).hex(), today="2026-03-02") as they:
            for table in RECORDED:
                assert count(they, table, f"company_id = {rows.ours.pk}") == 1, table
                assert count(they, table, f"company_id <> {rows.ours.pk}") == 0, table
            assert count(they, "disclosure_authorisedquery") == 1

    @pytest.mark.parametrize(
        ("day", "there"),
        [("2026-03-01", 0), ("2026-03-02", 1), ("2026-03-08", 1), ("2026-03-09", 0), ("", 0), (None, 0)],
    )
    def test_it_reads_nothing_before_the_first_day_and_nothing_after_the_last(self, rows, day, there):
        names = {"receipt": _secret(rows.ours).hex(), **({} if day is None else {"today": day})}
        with speaking(GRANTEE, **names) as they:
            for table in (*RECORDED, "disclosure_authorisedquery"):
                assert count(they, table) == there, table

    @pytest.mark.parametrize("receipt", [None, "", "ff" * 32, "01", "5c783031"])
    def test_without_the_secret_it_reads_nothing(self, rows, receipt):
        names = {"today": "2026-03-02", **({} if receipt is None else {"receipt": receipt})}
        with speaking(GRANTEE, **names) as they:
            for table in (*RECORDED, "disclosure_authorisedquery"):
                assert count(they, table) == 0, table

    @pytest.mark.parametrize("state", ["applied", "refused", "revoked", "expired"])
    def test_it_reads_nothing_when_the_grant_is_not_or_no_longer_given_whatever_day_it_says(
        self, rows, state
    ):
        with owner() as us:
            us.execute("update disclosure_authorisedquery set state = %s", [state])
            us.execute(
                "select set_config('fangxin.receipt', %s, true), set_config('fangxin.today', '2026-03-02', true)",
                [_secret(rows.ours).hex()],
            )
            us.execute(sql.SQL("set local role {}").format(sql.Identifier(GRANTEE)))
            for table in (*RECORDED, "disclosure_authorisedquery"):
                assert count(us, table) == 0, table

    @pytest.mark.parametrize(
        "statement",
        [
            *(
                f"select 1 from {table}"
                for table in sorted(GRANTS)
                if not table.startswith(("agencies_published", "disclosure_")) and table not in RECORDED
            ),
            "select id_number from disclosure_authorisedquery",
            "select telephone from disclosure_authorisedquery",
            "update disclosure_authorisedquery set until_on = '2099-01-01'",
            "update disclosure_authorisedquery set granted_codes = '{}'",
            "update agencies_basicrecord set name = ''",
            "delete from agencies_version",
            "insert into disclosure_authorisedquery (id) values (gen_random_uuid())",
        ],
    )
    def test_it_reads_nothing_else_and_writes_only_in_the_journal(self, rows, statement):
        with (
            speaking(GRANTEE, receipt=_secret(rows.ours).hex(), today="2026-03-02") as they,
            pytest.raises(InsufficientPrivilege),
        ):
            they.execute(statement)

    def test_who_applies_can_leave_an_application_only_waiting_and_of_no_company(self, rows):
        with owner() as us:
            made = us.execute(
                "select to_jsonb(mine) from disclosure_authorisedquery mine where company_id = %s",
                [rows.ours.pk],
            ).fetchone()
        assert made is not None
        insert = (
            "insert into disclosure_authorisedquery "
            "select (jsonb_populate_record(null::disclosure_authorisedquery, %s::jsonb)).*"
        )
        fresh = {**made[0], "id": str(uuid4()), "number": "TEST-X"}
        for changed, taken in (
            ({"state": "applied", "company_id": None}, True),
            ({"state": "granted"}, False),
            ({"state": "applied"}, False),
        ):
            with speaking(INTAKE) as they:
                given = [json.dumps({**fresh, **changed})]
                if taken:
                    assert they.execute(insert, given).rowcount == 1
                else:
                    with pytest.raises(InsufficientPrivilege):
                        they.execute(insert, given)


@pytest.mark.django_db
class TestTheOffice:
    def test_it_opens_an_identity_only_where_the_seal_is_kept(self):
        complaint_id = uuid4()
        with speaking_as(Speaker(Audience.OFFICE)):
            seal_complainant(complaint_id, Identity(name="张敏", telephone="13800138000"))
            assert unseal_complainant(complaint_id).name == "张敏"
            with connection.cursor() as cursor:
                cursor.execute("select current_setting('role')")
                assert cursor.fetchone() == (OFFICE,)
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute("select 1 from complaints_complainant")


class TestTheLogin:
    def test_it_owns_nothing_bypasses_nothing_and_inherits_nothing(self, rows):
        with owner() as us:
            [facts] = us.execute(
                "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit"
                " from pg_roles where rolname = %s", [LOGIN],
            ).fetchall()  # fmt: skip
            assert facts == (False, False, False, False, False, False)
            for role in AUDIENCES:
                asked = "select pg_has_role(%s, %s, 'MEMBER'), pg_has_role(%s, %s, 'USAGE')"
                assert us.execute(asked, [LOGIN, role, LOGIN, role]).fetchone() == (True, False), role
            owned = us.execute(
                "select relname from pg_class where pg_get_userbyid(relowner) = any(%s)", [list(EVERYBODY)]
            ).fetchall()
            assert owned == []

    def test_it_reads_nothing_of_a_case_until_it_takes_a_role(self, rows):
        with owner() as us:
            us.execute(sql.SQL("set session authorization {}").format(sql.Identifier(LOGIN)))
            for table in ("cases_case", "complaints_complaint", "cases_companytask", "notices_notice"):
                with us.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                    us.execute(f"select 1 from {table}")
            us.execute("select set_config('role', %s, true), set_config('fangxin.company_id', %s, true)",
                       [ENTERPRISE, str(rows.ours.pk)])  # fmt: skip
            assert count(us, "cases_companytask") == 1
            us.rollback()
            us.execute(sql.SQL("set session authorization {}").format(sql.Identifier(LOGIN)))
            with us.transaction(force_rollback=True), pytest.raises(InsufficientPrivilege):
                us.execute(sql.SQL("set role {}").format(sql.Identifier(connection.settings_dict["USER"])))

    @pytest.mark.parametrize("role", AUDIENCES)
    def test_an_audience_is_nobody_who_signs_in_and_nobody_elses_member(self, rows, role):
        with owner() as us:
            [facts] = us.execute(
                "select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
                " where rolname = %s", [role],
            ).fetchall()  # fmt: skip
            assert facts == (False, False, False, False, False)
            for other in {*EVERYBODY} - {role}:
                assert us.execute("select pg_has_role(%s, %s, 'MEMBER')", [role, other]).fetchone() == (
                    False,
                )


class TestTheListIsTheTruth:
    def test_every_table_is_listed_closed_or_the_queues(self, rows):
        tables = set(_tables())
        unlisted = {t for t in tables - set(GRANTS) - CLOSED if not t.startswith(QUEUE_PREFIX)}
        assert not unlisted, f"closed until listed in config/database_roles.py: {sorted(unlisted)}"
        assert set(GRANTS) <= tables, "listed, and not there"

    def test_each_role_has_exactly_what_is_listed(self, rows):
        listed = {
            (table, role, word, column)
            for table, grants in GRANTS.items()
            for role, text in grants.items()
            for word, column in _privileges(text)
        }
        with owner() as us:
            whole = us.execute(
                "select c.relname, coalesce(r.rolname, 'PUBLIC'), lower(a.privilege_type), ''"
                " from pg_class c, aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee"
                " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')"
            ).fetchall()
            columns = us.execute(
                "select c.relname, coalesce(r.rolname, 'PUBLIC'), lower(a.privilege_type), t.attname::text"
                " from pg_attribute t join pg_class c on c.oid = t.attrelid, aclexplode(t.attacl) a"
                " left join pg_roles r on r.oid = a.grantee where c.relnamespace = 'public'::regnamespace"
            ).fetchall()
        given = {
            row for row in [*whole, *columns]
            if row[1] in {*EVERYBODY, "PUBLIC"} and not row[0].startswith(QUEUE_PREFIX)
        }  # fmt: skip
        assert given == listed
        beyond = {row for row in whole if row[1] in {*EVERYBODY, "PUBLIC"} and row[2] not in WORDS}
        assert not beyond, "no audience truncates, refers to, or puts triggers on a table"

    def test_row_policies_are_on_where_they_are_listed(self, rows):
        with owner() as us:
            guarded = {name for (name,) in us.execute("select relname from pg_class where relrowsecurity")}
            policies = us.execute("select tablename, roles::text[] from pg_policies").fetchall()
        assert guarded == set(POLICIES)
        for table, listed in POLICIES.items():
            there = sorted(role for name, roles in policies if name == table for role in roles)
            assert there == sorted(policy.role for policy in listed), table

    def test_a_company_reads_no_table_without_a_row_policy_of_its_own(self):
        for table in COMPANY_TABLES:
            mine = [policy for policy in POLICIES.get(table, ()) if policy.role == ENTERPRISE]
            assert mine, f"{table}: every row of every company would be read"
            for policy in mine:
                assert "fangxin.company_id" in policy.using or policy.for_ == "insert", table

    def test_no_other_function_runs_with_its_owners_rights(self, rows):
        with owner() as us:
            found = us.execute(
                "select proname::text, coalesce(proconfig, '{}')::text[], oid::regprocedure::text"
                " from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
            ).fetchall()
            assert {name for name, _, _ in found} == WITH_THE_OWNERS_RIGHTS
            for name, config, signature in found:
                assert any(setting.startswith("search_path=") for setting in config), name
                for role in EVERYBODY:
                    asked = "select has_function_privilege(%s, %s, 'EXECUTE')"
                    assert us.execute(asked, [role, signature]).fetchone() == (role in FUNCTIONS[signature],)

    def test_only_the_listed_sequences_count_for_whoever_needs_a_number(self, rows):
        with owner() as us:
            for role in EVERYBODY:
                asked = "select has_sequence_privilege(%s, 'complaints_number', 'USAGE')"
                assert us.execute(asked, [role]).fetchone() == (role in SEQUENCES["complaints_number"],)

    def test_no_audience_makes_anything_in_the_schema(self, rows):
        with owner() as us:
            for role in EVERYBODY:
                asked = "select has_schema_privilege(%s, 'public', 'CREATE')"
                assert us.execute(asked, [role]).fetchone() == (False,)


@pytest.mark.django_db(transaction=True)
class TestNothingIsLeftOnTheConnection:
    """A pooled connection that kept a role or a company would hand it to the next request."""

    @pytest.fixture
    def liuyang(self) -> Client:
        ours = company("北京诚信房产经纪有限公司", "91110302562134916R")
        member("liuyang", "刘洋", Role.COMPANY_USER, company=ours)
        client = Client(raise_request_exception=False)
        client.post("/sign-in/", {"username": "liuyang", "password": PASSWORD})
        return client

    @pytest.mark.parametrize(
        "address",
        ["/", "/complain/", "/follow/", "/enterprise/", f"/enterprise/cases/{UUID(int=1)}/", "/office/"],
    )
    def test_after_a_page(self, liuyang, address):
        liuyang.get(address)
        assert _settings() == ("none", "", "", "", "")

    def test_after_a_wrong_receipt(self, liuyang):
        liuyang.post("/follow/", {"number": "BJ-2026-000001", "secret": "2" * 18})
        assert _settings() == ("none", "", "", "", "")

    def test_after_a_page_that_broke(self, liuyang, monkeypatch):
        def broken(*_: object, **__: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("select current_setting('role')")
                assert cursor.fetchone() == (ENTERPRISE,)
                cursor.execute("select 1 from complaints_complainant")

        monkeypatch.setattr("fangxin.web.enterprise.desk.enterprise_desk", broken)
        assert liuyang.get("/enterprise/").status_code == 500
        assert _settings() == ("none", "", "", "", "")


def _settings() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('role'), coalesce(current_setting('fangxin.user_id', true), ''),"
            " coalesce(current_setting('fangxin.body_id', true), ''),"
            " coalesce(current_setting('fangxin.company_id', true), ''),"
            " coalesce(current_setting('fangxin.receipt', true), '')"
        )
        return tuple(cursor.fetchone())


def _tables() -> list[str]:
    with owner() as us:
        return [
            name
            for (name,) in us.execute(
                "select relname::text from pg_class where relnamespace = 'public'::regnamespace"
                " and relkind in ('r', 'p', 'v', 'm', 'f')"
            )
        ]


def _privileges(text: str) -> Iterator[tuple[str, str]]:
    """(word, column), "" for the whole table: what a line of GRANTS gives."""
    for part in re.findall(r"\w+(?: \([^)]*\))?", text):
        word, _, columns = part.partition(" (")
        for column in columns.rstrip(")").split(", "):
            yield word, column.strip('"')
