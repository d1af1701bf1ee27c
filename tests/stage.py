"""A case brought to any point of its way, for the tests that begin there.

The cast is founded once a module: seventy-six bodies cost more than most tests. The day stands still on Monday
2 March 2026, a week without holidays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from fangxin.cases import actions
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import (
    Case,
    CompanyTask,
    CompanyTelling,
    DelayStatement,
    Extension,
    Hop,
    OwnRectification,
    Proposal,
    Reply,
    ReplyReturn,
    SupervisionOrder,
    Urging,
)
from fangxin.complaints.actions import Grievance, Receipt, identity_from
from fangxin.complaints.models import Complaint, Progress
from fangxin.deadlines.clock import SHANGHAI
from fangxin.deadlines.models import Deadline
from fangxin.documents.models import Attachment
from fangxin.investigations import actions as investigations
from fangxin.investigations.models import Opinion, RectificationOrder, RectificationReport
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from tests.cast import Cast, beijing_cast, member

MONDAY = date(2026, 3, 2)
ZHANG_MIN = {"name": "张敏", "telephone": "13800138000", "email": "zhangmin@example.invalid"}
COUNTED = (
    Case, CompanyTask, Hop, Proposal, Reply, Complaint, Progress, Deadline, Opinion, RectificationOrder,
    RectificationReport, Notice, Entry, CompanyTelling, ReplyReturn, OwnRectification, Attachment,
    Urging, Extension, DelayStatement, SupervisionOrder,
)  # fmt: skip


class Stage:
    """The cast, the day, and a case wherever the test wants it."""

    def __init__(self, cast: Cast, settings) -> None:
        self.cast, self.settings = cast, settings
        self.day = MONDAY
        self.receipt: Receipt | None = None

    @property
    def day(self) -> date:
        return date.fromisoformat(self.settings.FANGXIN_TODAY)

    @day.setter
    def day(self, day: date) -> None:
        self.settings.FANGXIN_TODAY = day.isoformat()

    def later(self, days: int) -> date:
        """So many days pass."""
        self.day += timedelta(days=days)
        return self.day

    def at(self, code: str, role: Role, name: str = "") -> Acting:
        """Somebody in that role at the body of that code."""
        username = f"{code}-{role.value}"
        return member(username, name or username, role, Body.objects.get(code=code))

    def case(self, case: Case) -> Case:
        """The case as it lies in the database now."""
        return Case.objects.get(pk=case.pk)

    # Points of the way, in their order

    def registered(self, identity=None, **changes) -> Case:
        facts = {
            "title": "中介不退定金", "text": "诚信房产收了两万元定金，房子没买成不退。",
            "respondent_name": self.cast.company.name, "district": "110105",
        }  # fmt: skip
        self.receipt = actions.receive_web_complaint(
            Grievance(**{**facts, **changes}), identity_from(ZHANG_MIN if identity is None else identity),
            jurisdiction="beijing", act_key=uuid4(),
        )  # fmt: skip
        return Case.objects.get(number=self.receipt.number)

    def at_hub(self) -> Case:
        self.at("district.110105.property", Role.DEPARTMENT_CLERK)
        return actions.dispatch_case(
            self.registered().pk, link="property", district="110105", by=self.cast.dispatcher
        )

    def dispatched(self, **changes) -> Case:
        case = self.registered(**changes)
        return actions.dispatch_case(case.pk, link="brokerage", district="110105", by=self.cast.dispatcher)

    def accepted(self, case: Case | None = None, **changes) -> Case:
        case = case or self.dispatched()
        facts = {
            "officer_id": self.cast.officer.user_id, "summary": "投诉人反映贵公司不退定金。",
            "points": ["定金为何不退？"], "by": self.cast.clerk,
            "respondents": [Respondent(self.cast.company.pk, self.cast.company.name)],
        }  # fmt: skip
        return actions.accept_case(case.pk, **{**facts, **changes})

    investigating = accepted

    def return_proposed(self) -> Case:
        return self.propose("return", self.dispatched())

    def refusal_proposed(self) -> Case:
        return self.propose("refusal", self.dispatched())

    def propose(self, kind: str, case: Case, by: Acting | None = None) -> Case:
        code = {"return": "out_of_scope", "refusal": "no_facts"}[kind]
        act = getattr(actions, f"propose_{kind}")
        return act(case.pk, reason_code=code, reason="与本部门无关。", by=by or self.cast.clerk)

    def refused(self) -> Case:
        return actions.approve_proposal(self.refusal_proposed().pk, opinion="同意", by=self.cast.head)

    def task(self, case: Case) -> CompanyTask:
        return CompanyTask.objects.filter(case_id=case.pk).latest("round")

    def unreached(self, name: str = "街角小中介") -> Case:
        """Accepted, and the platform cannot reach the company."""
        return self.accepted(respondents=[Respondent(None, name)])

    def tell(self, case: Case, **changes):
        """The company of the case is told by fax this day."""
        facts = {
            "channel": "fax", "address": "010-12345678", "told_at": self.early(), "files": [paper()],
            "by": self.cast.clerk,
        }  # fmt: skip
        if "task_id" not in changes:
            facts["task_id"] = self.task(case).pk
        return actions.tell_company(case.pk, **{**facts, **changes})

    def told(self) -> Case:
        """The platform cannot reach the company, and it was told by fax."""
        case = self.unreached()
        self.tell(case)
        return self.case(case)

    def early(self) -> datetime:
        """A minute after this day began: before now, whatever the hour."""
        return datetime.combine(self.day, time(0, 1), SHANGHAI)

    def on_paper(self, case: Case, **changes) -> Reply:
        """The company's written reply is registered today."""
        facts = {
            "answers": ["合同约定。"], "received_on": self.day, "by_name": "马经理", "files": [paper()],
            "by": self.cast.clerk,
        }  # fmt: skip
        if "task_id" not in changes:
            facts["task_id"] = self.task(case).pk
        return actions.register_reply(case.pk, **{**facts, **changes})

    def answered(self, case: Case | None = None) -> Case:
        """The company has answered; the case stays in investigation."""
        case = case or self.accepted()
        actions.reply_to_task(self.task(case).pk, answers=["合同约定。"], by=self.cast.company_user)
        return self.case(case)

    def decided(self, outcome: str = "answered", case: Case | None = None, **changes) -> Case:
        case = case or self.answered()
        affirmed = {
            "answered": ["answered_all", "conforms"], "civil_dispute": ["between_parties", "liability_unclear"],
            "violation": ["verified"],
        }[outcome]  # fmt: skip
        facts = {
            "outcome": outcome, "affirmed": affirmed, "findings": "已调取合同。", "text": "处理意见如下。",
            "legal_basis": "《房地产经纪管理办法》第二十五条", "violations": ["BR-07"], "by": self.cast.officer,
        }  # fmt: skip
        return investigations.submit_opinion(case.pk, **{**facts, **changes})

    awaiting_telling = decided

    def awaiting_order(self) -> Case:
        return self.decided("violation")

    def rectifying(self, case: Case | None = None, **changes) -> Case:
        case = case or self.awaiting_order()
        facts = {"requirements": "退还定金。", "served_on": self.day, "by": self.cast.head}
        if "task_ids" not in changes:
            facts["task_ids"] = [self.task(case).pk]
        return investigations.order_rectification(case.pk, **{**facts, **changes})

    def order(self, case: Case) -> RectificationOrder:
        return RectificationOrder.objects.get(case_id=case.pk)

    def handed_in(self, case: Case | None = None) -> Case:
        """Plan and result have come in; the case waits for the check."""
        case = case or self.rectifying()
        for kind in ("plan", "result"):
            self.hand_in(self.order(case), kind)
        return self.case(case)

    def hand_in(self, order: RectificationOrder, kind: str, by: Acting | None = None) -> RectificationReport:
        return investigations.hand_in_rectification(
            order.pk, kind=kind, text="已退还。", by=by or self.cast.company_user
        )

    def handled(self, case: Case | None = None) -> Case:
        case = case or self.decided()
        return actions.tell_complainant(case.pk, told_how="directly", text="已退还。", by=self.cast.officer)

    def closed(self, satisfaction: str = "satisfied") -> Case:
        return actions.record_callback(
            self.handled().pk, contacted=True, solved="solved", satisfaction=satisfaction, comment="",
            by=self.cast.supervisor,
        )  # fmt: skip


def paper(name: str = "传真报告单.jpg") -> SimpleUploadedFile:
    """A scan, as somebody uploads it."""
    octets = BytesIO()
    Image.new("RGB", (40, 40), "white").save(octets, "JPEG")
    return SimpleUploadedFile(name, octets.getvalue(), "image/jpeg")


@contextmanager
def refused(
    said: str = "", field: str | None = None, *, error: type[ActRefused] = ActRefused
) -> Iterator[pytest.ExceptionInfo[ActRefused]]:
    """What happens inside is refused in these words, beside this field, and nothing of it is written."""
    before = [model.objects.count() for model in COUNTED], _steps()
    with pytest.raises(error, match=said) as refusal, transaction.atomic():
        yield refusal
    if field is not None:
        assert refusal.value.field == field
    assert ([model.objects.count() for model in COUNTED], _steps()) == before


def _steps() -> list[tuple[object, ...]]:
    return list(Case.objects.order_by("pk").values_list("pk", "status", "turn"))


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker) -> Iterator[Cast]:
    """Everybody, founded once for the module; what each test does to them is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield beijing_cast()
        transaction.set_rollback(True)


@pytest.fixture
def stage(cast, db, settings) -> Stage:
    """The stage on Monday 2 March 2026."""
    return Stage(cast, settings)
