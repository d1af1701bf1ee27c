"""Whatever anybody tries with a complaint, in whatever order: only the table's steps happen, and what must hold holds."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fangxin.credit.models import BadRecord, PublishedRecord
from fangxin.journal.models import Entry
from fangxin.organisations.refusals import ActRefused
from fangxin.redress import actions
from fangxin.redress.models import (
    AgencyComplaint,
    Answer,
    LateFeedback,
    Proposal,
    PublishedComplaint,
    Transfer,
)
from fangxin.redress.standing import standing
from fangxin.redress.workflow import COMPLAINT, LATENESS, WAYS
from tests.fujian_cast import FujianCast
from tests.fujian_stage import paper

PEOPLE = ("filer", "other_filer", "reviewer", "city_reviewer", "other_reviewer", "prechecker", "province")
BY_ITSELF = ("receive_complaint", "end_waiting", "end_complaint_display")
VERBS = (
    *tuple(step.verb for step in COMPLAINT.steps if step.verb not in BY_ITSELF),
    "judge_lateness",
)
T1 = {
    "name": "欧阳鹭岛", "telephone": "13705917788", "respondent": "福州诚信房产经纪有限公司",
    "respondent_kind": "房地产经纪机构", "text": "不退定金。",
}  # fmt: skip
# What leads where, written down once more apart from the table.
LAWFUL = {
    "submitted": {"submitted", "verifying", "transferred", "both", "set_aside"},
    "verifying": {"verifying", "both", "awaiting_decision"},
    "both": {"verifying", "transferred"},
    "transferred": {"transferred", "awaiting_decision"},
    "awaiting_decision": {"awaiting_decision", "transferred", "closed"},
    "closed": {"closed", "published"},
    "published": {"closed"},
    "set_aside": set(),
}


class AnyActs(RuleBasedStateMachine):
    """Seven people with one complaint, doing whatever comes to their minds, on days that pass."""

    cast: FujianCast

    @initialize()
    def complained(self) -> None:
        self.day = date(2026, 3, 3)
        with self._today():
            receipt = actions.receive_agency_complaint(
                T1, city="350100", county="350102", jurisdiction="fujian"
            )
        self.pk = receipt.complaint_id

    def _today(self) -> Any:
        return time_machine.travel(f"{self.day} 09:00+08:00")

    def _everything(self) -> Any:
        models = (AgencyComplaint, Transfer, Answer, LateFeedback, Proposal, PublishedComplaint, BadRecord)
        return [list(model.objects.order_by("pk").values()) for model in models], Entry.objects.count()

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days=days)
        with self._today():
            actions.find_late_feedback()

    @rule()
    def a_year_passes(self) -> None:
        self.day += timedelta(days=366)
        with self._today():
            actions.find_late_feedback()
            actions.end_complaint_displays()
        assert not PublishedComplaint.objects.exists()

    @rule(
        who=st.sampled_from(PEOPLE), verb=st.sampled_from(VERBS), way=st.sampled_from([*WAYS]),
        finding=st.sampled_from(["true", "untrue", "unclear"]), yes=st.booleans(), stale=st.booleans(),
    )  # fmt: skip
    def steps(self, who: str, verb: str, way: str, finding: str, yes: bool, stale: bool) -> None:
        by, found = getattr(self.cast, who), AgencyComplaint.objects.get(pk=self.pk)
        before, everything = found.state, self._everything()
        if verb == "judge_lateness":
            late = LateFeedback.objects.filter(transfer__complaint_id=self.pk).first()
            allowed = late is not None and verb in {
                step.verb for step in LATENESS.open_steps(standing(found, by, late.state))
            }
        else:
            allowed = verb in {step.verb for step in COMPLAINT.open_steps(standing(found, by))}
        stale = stale and verb != "judge_lateness"
        try:
            with self._today(), transaction.atomic():
                self._act(verb, by, way, finding, yes, found.turn - 1 if stale else None)
        except ActRefused:
            assert self._everything() == everything
            return
        assert allowed, "an act beside the table"
        assert not stale
        found.refresh_from_db()
        assert found.state in LAWFUL[before]

    def _act(self, verb: str, by: Any, way: str, finding: str, yes: bool, turn: int | None) -> None:
        agency, given = self.cast.agency.pk, {"by": by, "turn": turn}
        match verb:
            case "suggest_sorting":
                actions.suggest_sorting(self.pk, way=way, **given)
            case "refer_complaint":
                # To another city and straight back would only test the table twice.
                actions.refer_complaint(self.pk, city="350100", county="350102", reason="误选", **given)
            case "sort_complaint":
                actions.sort_complaint(self.pk, way=way, agency_id=agency, digest="不退定金。", **given)
            case "transfer_complaint":
                actions.transfer_complaint(self.pk, agency_id=agency, digest="不退定金。", **given)
            case "give_feedback":
                transfer = Transfer.objects.filter(complaint_id=self.pk).first()
                if transfer is None:
                    raise ActRefused("nothing was passed on")
                actions.give_feedback(transfer.pk, opinion="已退还。", **given)
            case "record_finding":
                actions.record_finding(self.pk, finding=finding, opinion="核查。", **given)
            case "judge_lateness":
                verdict = "unjustified" if yes else "justified"
                actions.judge_lateness(self.pk, verdict=verdict, reason="据查。", by=by)
            case "decide_complaint":
                actions.decide_complaint(
                    self.pk, publish=yes, publish_because="理由", count=finding == "true", count_because="理由",
                    reply="答复", public_summary="有人反映。", public_result="已处理。", **given,
                )  # fmt: skip
            case "tell_respondent":
                actions.tell_respondent(
                    self.pk, served_on=self.day, served_how="挂号信", proof=[paper()], **given
                )
            case "set_aside" | "take_down_complaint":
                getattr(actions, verb)(self.pk, reason="理由", **given)
            case _:
                getattr(actions, verb)(self.pk, **given)

    @invariant()
    def nothing_becomes_more_than_a_draft_by_itself(self) -> None:
        assert set(BadRecord.objects.values_list("state", flat=True)) <= {"draft"}
        assert not PublishedRecord.objects.exists()

    @invariant()
    def a_draft_rests_on_a_judgement(self) -> None:
        drafted = set(BadRecord.objects.values_list("pk", flat=True))
        judged = LateFeedback.objects.filter(state="unjustified").values_list("record_id", flat=True)
        assert drafted == set(judged)

    @invariant()
    def what_counts_was_found_true(self) -> None:
        assert not AgencyComplaint.objects.filter(is_counted=True).exclude(finding="true").exists()

    @invariant()
    def public_only_by_decision_and_not_before_its_day(self) -> None:
        for shown in PublishedComplaint.objects.all():
            found = AgencyComplaint.objects.get(pk=shown.pk)
            assert found.state == "published"
            assert found.is_published_wanted
            assert found.published_on >= found.publishable_on
            if found.finding == "true":
                assert found.published_on > found.served_on + timedelta(days=10)

    @invariant()
    def no_decision_while_a_lateness_waits(self) -> None:
        waiting = LateFeedback.objects.filter(state="found").exists()
        found = AgencyComplaint.objects.filter(state__in=["closed", "published"]).exists()
        assert not (waiting and found)


@pytest.mark.django_db
def test_any_acts_in_any_order(cast):
    class Here(AnyActs):
        def __init__(self) -> None:
            self.cast = cast
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12, stateful_step_count=30, deadline=None, derandomize=True,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
