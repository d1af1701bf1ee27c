"""Whatever anybody tries, in whatever order: only the table's steps happen, and what must hold holds."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as conf
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fangxin.cases import actions
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, CompanyTask, Extension, Hop, Proposal, SupervisionOrder, Urging
from fangxin.cases.standing import standing_of
from fangxin.cases.workflow import ENDED, STEP_BY_VERB, Status, open_steps
from fangxin.complaints.actions import Grievance, identity_from
from fangxin.deadlines.actions import run_clock
from fangxin.deadlines.clock import now, today
from fangxin.deadlines.models import Deadline
from fangxin.investigations import actions as investigations
from fangxin.investigations.models import RectificationOrder
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast, member
from tests.stage import paper

PEOPLE = (
    "division",
    "dispatcher",
    "hub",
    "clerk",
    "officer",
    "head",
    "supervisor",
    "emergency",
    "other_clerk",
    "company_user",
)
OFFICE_VERBS = tuple(STEP_BY_VERB)


@pytest.fixture
def settings_of_the_day():
    before = conf.FANGXIN_TODAY
    yield
    conf.FANGXIN_TODAY = before


class AnyActs(RuleBasedStateMachine):
    """Three cases, nine people, every verb."""

    @initialize()
    def begin(self):
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        conf.FANGXIN_TODAY = "2024-03-04"
        self.cast = beijing_cast()
        market = Body.objects.get(code="city.market")
        self.cast.division = member("lumin", "陆敏", Role.DEPARTMENT_HEAD, market)
        self.cases = []
        for number in range(3):
            receipt = actions.receive_web_complaint(
                Grievance(title=f"投诉{number}", text="收费不开发票", respondent_name=self.cast.company.name),
                identity_from({"name": "张敏", "telephone": "13800138000"} if number else {}),
                jurisdiction="beijing", act_key=uuid4(),
            )  # fmt: skip
            self.cases.append(Case.objects.get(number=receipt.number).pk)

    def teardown(self):
        if hasattr(self, "rollback"):
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)

    @rule(
        who=st.sampled_from(PEOPLE), verb=st.sampled_from(OFFICE_VERBS), at=st.integers(0, 2), data=st.data()
    )
    def somebody_tries_a_step(self, who, verb, at, data):
        case = Case.objects.get(pk=self.cases[at])
        person = getattr(self.cast, who)
        allowed = verb in {step.verb for step in open_steps(standing_of(case, person))}
        before = (case.status, case.turn)
        try:
            with transaction.atomic():
                self.act(verb, case, person, data)
        except ActRefused:
            case.refresh_from_db()
            assert (case.status, case.turn) == before
            return
        assert allowed, f"{who} did {verb} while {before[0]}"
        case.refresh_from_db()
        assert case.status in set(STEP_BY_VERB[verb].to.values())
        assert case.turn == before[1] + 1

    @rule(days=st.integers(1, 20))
    def days_pass(self, days):
        conf.FANGXIN_TODAY = (today() + timedelta(days=days)).isoformat()
        run_clock()
        actions.raise_unanswered()

    @rule(at=st.integers(0, 2), who=st.sampled_from(("company_user", "other_company_user")))
    def a_company_answers(self, at, who):
        person = getattr(self.cast, who)
        for task in CompanyTask.objects.filter(case_id=self.cases[at]):
            versions = task.replies.count()
            try:
                with transaction.atomic():
                    actions.reply_to_task(task.pk, answers=["依合同办理。"] * len(task.points), by=person)
            except ActRefused:
                assert task.replies.count() == versions
                continue
            assert task.company_id == person.company_id
            assert task.replies.count() == versions + 1

    @rule(at=st.integers(0, 2), kind=st.sampled_from(("plan", "result")))
    def a_company_rectifies(self, at, kind):
        for order in RectificationOrder.objects.filter(case_id=self.cases[at]):
            try:
                with transaction.atomic():
                    investigations.hand_in_rectification(
                        order.pk, kind=kind, text="已整改。", by=self.cast.company_user
                    )
            except ActRefused:
                assert kind == "result" or order.state in {"done", "verified"}

    def task(self, case, data):
        tasks = CompanyTask.objects.filter(case_id=case.pk).values_list("pk", flat=True)
        return data.draw(st.sampled_from([*tasks] or [uuid4()]))

    def order(self, case, data):
        orders = SupervisionOrder.objects.filter(case_id=case.pk).values_list("pk", flat=True)
        return data.draw(st.sampled_from([*orders] or [uuid4()]))

    def act(self, verb, case, person, data):
        cast = self.cast
        match verb:
            case "dispatch_case":
                link = data.draw(st.sampled_from(["brokerage", "property", "appraisal", ""]))
                actions.dispatch_case(case.pk, link=link, district="110105", by=person)
            case "forward_from_hub":
                actions.forward_from_hub(case.pk, district="110105", by=person)
            case "accept_case":
                named = data.draw(st.sampled_from([(True, False), (False, True), (True, True)]))
                both = (Respondent(cast.company.pk, cast.company.name), Respondent(None, "街角小中介"))
                actions.accept_case(
                    case.pk, officer_id=cast.officer.user_id, summary="反映收费不开发票。", points=["为何？"],
                    respondents=[one for one, there in zip(both, named, strict=True) if there], by=person,
                )  # fmt: skip
            case "issue_supervision":
                whom = data.draw(st.sampled_from([None, cast.company.pk]))
                actions.issue_supervision(case.pk, company_id=whom, text="请加快", by=person)
            case "acknowledge_supervision":
                actions.acknowledge_supervision(case.pk, order_id=self.order(case, data), by=person)
            case "answer_supervision":
                actions.answer_supervision(case.pk, order_id=self.order(case, data), answer="在办", by=person)
            case "close_supervision":
                actions.close_supervision(
                    case.pk, order_id=self.order(case, data), suffices=data.draw(st.booleans()), conclusion="阅",
                    by=person,
                )  # fmt: skip
            case "explain_delay" | "report_delay":
                getattr(actions, verb)(case.pk, reason="案情复杂", by=person)
            case "urge_department":
                actions.urge_department(
                    case.pk, kind=data.draw(st.sampled_from(["urge", "coordinate"])), channel="telephone",
                    addressee="陈涛", text="请加快", by=person,
                )  # fmt: skip
            case "ask_extension":
                until = today() + timedelta(days=data.draw(st.integers(0, 40)))
                actions.ask_extension(case.pk, until=until, reason="复杂", by=person)
            case "decide_extension":
                actions.decide_extension(
                    case.pk, approved=data.draw(st.booleans()), opinion="已阅", by=person
                )
            case "urge_company":
                actions.urge_company(
                    case.pk, task_id=self.task(case, data), addressee="马", text="请回复", by=person,
                    channel=data.draw(st.sampled_from(["platform", "telephone"])),
                )  # fmt: skip
            case "record_answer":
                actions.record_answer(case.pk, number=data.draw(st.integers(1, 2)), answer="明日", by=person)
            case "tell_company":
                actions.tell_company(
                    case.pk, task_id=self.task(case, data), channel="fax", address="010-1", told_at=now(),
                    files=[paper()], by=person,
                )  # fmt: skip
            case "register_reply":
                actions.register_reply(
                    case.pk, task_id=self.task(case, data), answers=["依合同。"], received_on=today(), by_name="马",
                    files=[paper()], admits_violation=data.draw(st.booleans()), plan="退款", by=person,
                )  # fmt: skip
            case "ask_again":
                actions.ask_again(
                    case.pk, task_id=self.task(case, data), points=["为何？"], reason="不全", by=person
                )
            case "record_rectification":
                actions.record_rectification(
                    case.pk,
                    task_id=self.task(case, data),
                    text="已退",
                    done_on=today(),
                    files=[paper()],
                    by=person,
                )
            case "register_report":
                orders = RectificationOrder.objects.filter(case_id=case.pk).values_list("pk", flat=True)
                investigations.register_report(
                    case.pk, order_id=data.draw(st.sampled_from([*orders] or [uuid4()])), by_name="马",
                    kind=data.draw(st.sampled_from(["plan", "result"])), text="已改", received_on=today(),
                    files=[paper()], by=person,
                )  # fmt: skip
            case "reassign_officer":
                actions.reassign_officer(case.pk, officer_id=cast.officer.user_id, reason="轮换", by=person)
            case "propose_return":
                actions.propose_return(case.pk, reason_code="out_of_scope", reason="不属于本部门", by=person)
            case "propose_refusal":
                actions.propose_refusal(case.pk, reason_code="no_facts", reason="没有事实", by=person)
            case "approve_return" | "approve_refusal":
                proposal = Proposal.objects.filter(case=case, approved=None).first()
                if proposal is None or proposal.kind != verb.removeprefix("approve_"):
                    raise ActRefused("另一种审批")
                actions.approve_proposal(case.pk, opinion="同意", by=person)
            case "reject_proposal":
                actions.reject_proposal(case.pk, opinion="继续办理", by=person)
            case "reopen_refused":
                actions.reopen_refused(case.pk, reason="有新材料", by=person)
            case "submit_opinion":
                outcome = data.draw(st.sampled_from(["answered", "civil_dispute", "violation"]))
                investigations.submit_opinion(
                    case.pk, outcome=outcome, findings="已查", text="意见", by=person, legal_basis="办法",
                    affirmed={"answered": ["no_violation_found"], "violation": ["verified"],
                              "civil_dispute": ["between_parties", "liability_unclear"]}[outcome],
                    violations=["BR-07"], without_reply_because="企业未复",
                )  # fmt: skip
            case "order_rectification":
                tasks = list(
                    CompanyTask.objects.filter(case_id=case.pk)
                    .order_by("-round")
                    .values_list("pk", flat=True)[:1]
                )
                investigations.order_rectification(
                    case.pk, task_ids=tasks, requirements="退款", served_on=today(), by=person
                )
            case "check_rectification":
                order = RectificationOrder.objects.filter(case_id=case.pk).order_by("-served_on").first()
                investigations.check_rectification(
                    case.pk, order_id=order.pk if order else uuid4(), accepted=data.draw(st.booleans()),
                    opinion="已看", by=person,
                )  # fmt: skip
            case "tell_complainant":
                how = data.draw(st.sampled_from(["directly", "not_applicable"]))
                actions.tell_complainant(case.pk, told_how=how, text="结果", by=person)
            case "record_callback":
                actions.record_callback(
                    case.pk, contacted=data.draw(st.booleans()), solved="solved", satisfaction="dissatisfied",
                    comment="", by=person,
                )  # fmt: skip
            case "reopen_case":
                actions.reopen_case(case.pk, reason="不满意", by=person)

    @invariant()
    def every_case_has_a_holder_and_ended_cases_have_no_running_terms(self):
        if not hasattr(self, "cases"):
            return
        for case in Case.objects.filter(pk__in=self.cases):
            assert case.holder_id is not None
            running = Deadline.objects.filter(matter_id=case.pk, state="running")
            if case.status in ENDED:
                assert not running.exists()
                assert case.due_on is None
            if case.status == Status.INVESTIGATING:
                assert running.filter(rule_key="handling_opinion").count() == 1
                assert case.officer_id is not None
            assert Hop.objects.filter(case=case).count() >= (1 if case.status == Status.DISPATCHED else 0)

    @invariant()
    def four_eyes_are_kept_and_each_step_left_one_entry(self):
        if not hasattr(self, "cases"):
            return
        for proposal in Proposal.objects.exclude(decided_by=None):
            assert proposal.decided_by_id != proposal.proposed_by_id
        for case in Case.objects.filter(pk__in=self.cases):
            steps = [
                e
                for e in Entry.objects.filter(subject_kind="case", subject_id=str(case.pk))
                if "after" in e.details
            ]
            assert len(steps) == case.turn
            assert not steps or steps[-1].details["after"] == case.status

    @invariant()
    def every_term_is_running_met_or_ended_and_never_before_it_began(self):
        if not hasattr(self, "cases"):
            return
        for deadline in Deadline.objects.filter(matter_id__in=self.cases):
            assert deadline.state in {"running", "met", "met_late", "cancelled"}
            assert deadline.due_on > deadline.starts_on >= date(2020, 1, 1)

    @invariant()
    def supervision_orders_are_numbered_without_a_gap(self):
        if not hasattr(self, "cases"):
            return
        by_year = {}
        for order in SupervisionOrder.objects.all():
            year, _, number = order.number.removeprefix("督〔").removesuffix("号").partition("〕")
            by_year.setdefault(year, []).append(int(number))
        for numbers in by_year.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))

    @invariant()
    def a_delay_is_never_erased_and_each_extension_was_decided_by_another(self):
        if not hasattr(self, "cases"):
            return
        for moved in Deadline.objects.filter(matter_id__in=self.cases, changes__isnull=False):
            if moved.missed_on is not None:
                assert moved.state in {"running", "met_late", "cancelled"}
            assert moved.due_on > moved.first_due_on
        for asked in Extension.objects.exclude(decided_by=None):
            assert asked.decided_by_id != asked.asked_by_id
        for case in Case.objects.filter(pk__in=self.cases):
            numbers = list(
                Urging.objects.filter(case=case).order_by("number").values_list("number", flat=True)
            )
            assert numbers == list(range(1, len(numbers) + 1))
            waiting = Extension.objects.filter(case=case, approved=None, lapsed=False).exists()
            assert waiting == (case.extension_asked_by_id is not None)


@pytest.mark.django_db
def test_whatever_is_tried_only_the_tables_steps_happen(settings_of_the_day):
    run_state_machine_as_test(
        AnyActs,
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None,
            suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate),
        ),
    )  # fmt: skip
