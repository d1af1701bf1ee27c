"""Whatever anybody tries with a declaration, in whatever order: only the table's steps happen, and what must hold holds."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from fangxin.agencies import actions
from fangxin.agencies.models import Agency, Declaration, PublishedProfile, Version
from fangxin.agencies.standing import places_of, standing_of
from fangxin.agencies.workflow import STEPS, Standing, State, open_steps
from fangxin.journal.models import Entry
from fangxin.organisations.refusals import ActRefused
from tests.fujian_cast import FujianCast, typed_values
from tests.fujian_stage import paper

PEOPLE = (
    "filer", "other_filer", "reviewer", "city_reviewer", "other_reviewer", "prechecker", "province",
)  # fmt: skip
BEGIN = ("begin_declaration", "record_change", "propose_change", "give_filing_opinion")
VERBS = tuple(step.verb for step in STEPS if step.verb not in BEGIN)
STAFF = st.integers(min_value=2, max_value=40)


class AnyActs(RuleBasedStateMachine):
    """Seven people at one agency of 鼓楼区, whose declaration they do whatever comes to their minds with."""

    cast: FujianCast
    two_steps: bool

    @initialize()
    def founded(self) -> None:
        self.accepted = 0
        self.staff: int | None = None
        self.claimed: dict[Any, int] = {}
        self.agency = Agency.objects.get(pk=self.cast.agency.pk)

    def _tried(self, act: Any, allowed: bool) -> Any:
        """The act is done if the table has it for this person now, and otherwise refused without a trace."""
        before = self._everything()
        try:
            with transaction.atomic():
                found = act()
        except ActRefused:
            assert self._everything() == before
            return None
        assert allowed, "an act beside the table"
        return found

    def _everything(self) -> Any:
        return (
            list(Declaration.objects.order_by("pk").values_list("pk", "state", "turn", "values")),
            list(Version.objects.order_by("pk").values_list("pk", "number", "until_on")),
            Entry.objects.count(),
        )

    def _fresh(self, who: str, verb: str) -> bool:
        by = getattr(self.cast, who)
        standing = Standing(State.NEW, by.role, places_of(self.agency, by))
        return verb in {step.verb for step in open_steps(standing)}

    @rule(who=st.sampled_from(PEOPLE), staff=STAFF)
    def begins_and_writes(self, who: str, staff: int) -> None:
        by = getattr(self.cast, who)
        found = self._tried(
            lambda: actions.begin_declaration(self.agency.pk, by=by), self._fresh(who, "begin_declaration")
        )
        if found is None or found.state != State.DRAFT:
            return
        for table, rows in typed_values(self.agency).items():
            kept = {**rows, "staff_count": str(staff)} if table == "J1" else rows
            actions.save_table(found.pk, table, kept if isinstance(kept, list) else [kept], by=by)
        self.claimed[found.pk] = staff

    @rule(who=st.sampled_from(PEOPLE), verb=st.sampled_from(("record_change", "propose_change")), staff=STAFF)
    def changes(self, who: str, verb: str, staff: int) -> None:
        by = getattr(self.cast, who)
        found = self._tried(
            lambda: getattr(actions, verb)(
                self.agency.pk, changes={"J1-22": str(staff)}, reason="核实", evidence=[paper()], by=by
            ),
            self._fresh(who, verb),
        )
        if found is not None:
            self.claimed[found.pk] = staff
            if verb == "record_change":
                self._became(found)

    @rule(
        who=st.sampled_from(PEOPLE), verb=st.sampled_from(VERBS), which=st.integers(0, 5), stale=st.booleans()
    )
    def steps(self, who: str, verb: str, which: int, stale: bool) -> None:
        there = list(Declaration.objects.filter(agency=self.agency).order_by("begun_on", "saved_at"))
        if not there:
            return
        one, by = there[which % len(there)], getattr(self.cast, who)
        allowed = verb in {step.verb for step in open_steps(standing_of(one, by))} and not stale
        done = self._tried(lambda: self._act(verb, one, by, one.turn - 1 if stale else one.turn), allowed)
        if done is not None:
            assert done.turn == one.turn + 1
            if done.state == State.APPROVED:
                self._became(done)

    def _act(self, verb: str, one: Declaration, by: Any, turn: int) -> Declaration:
        match verb:
            case "submit_declaration":
                return actions.submit_declaration(one.pk, truth=True, by=by, turn=turn)
            case "return_declaration" | "return_from_city":
                if (verb == "return_from_city") != (one.state == State.AWAITING_CITY):
                    raise ActRefused("one action serves both rows of the table")
                return actions.return_declaration(one.pk, reasons={"J1-22": "请核对"}, by=by, turn=turn)
            case "recall_declaration" | "correct_declaration":
                return getattr(actions, verb)(one.pk, by=by, turn=turn)
            case _:
                return getattr(actions, verb)(one.pk, opinion="阅", by=by, turn=turn)

    def _became(self, declaration: Declaration) -> None:
        self.accepted += 1
        self.staff = self.claimed[declaration.pk]

    @invariant()
    def one_version_is_in_force_and_none_is_lost(self) -> None:
        numbers = list(
            Version.objects.filter(agency=self.agency).order_by("number").values_list("number", "until_on")
        )
        assert [number for number, _ in numbers] == list(range(1, self.accepted + 1))
        assert sum(until is None for _, until in numbers) == min(self.accepted, 1)

    @invariant()
    def what_is_published_is_what_was_accepted_last(self) -> None:
        shown = PublishedProfile.objects.filter(agency_id=self.agency.pk, until_on=None).first()
        assert (shown.values["J1"]["staff_count"] if shown else None) == self.staff

    @invariant()
    def at_most_one_declaration_of_the_agency_is_open(self) -> None:
        open_ones = Declaration.objects.filter(agency=self.agency, channel="declared").exclude(
            state=State.APPROVED
        )
        assert open_ones.count() <= 1

    @invariant()
    def every_step_stands_in_the_journal(self) -> None:
        told = Entry.objects.filter(subject_kind="agency", kind__startswith="declaration:").count()
        turns = sum(Declaration.objects.values_list("turn", flat=True)) + Declaration.objects.count()
        assert told == turns


@pytest.mark.parametrize("two_steps", [False, True], ids=["one step", "county and city"])
@pytest.mark.django_db
def test_any_acts_in_any_order(cast, monkeypatch, two_steps):
    from fangxin.rules.book import Rulebook

    real = Rulebook.value

    def value(self: Rulebook, key: str, **given: Any) -> Any:
        found = real(self, key, **given)
        return type("Set", (), {"value": two_steps})() if key == "declaration.second_step" else found

    monkeypatch.setattr(Rulebook, "value", value)

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
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
