"""Whatever anybody tries with bad records, on whatever days: nothing is public before its notice has run, nothing is deleted."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fangxin.credit import actions
from fangxin.credit.models import Application, BadRecord, Correction, PublishedRecord
from fangxin.credit.standing import parts_in, standing
from fangxin.credit.tests.test_bad_records import conduct, paper
from fangxin.credit.workflow import APPLICATION, BAD_RECORD
from fangxin.documents.models import Attachment
from fangxin.journal.models import Entry
from fangxin.organisations.models import Body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.conduct import months_after
from tests import fujian_stage
from tests.cast import member
from tests.fujian_cast import FujianCast

cast = fujian_stage.cast
BEGUN = date(2026, 3, 2)
PEOPLE = (
    "filer", "other_filer", "reviewer", "second", "third", "city_reviewer", "other_reviewer", "prechecker", "province",
)  # fmt: skip
ACTS: dict[str, Any] = {
    "confirm_record": lambda pk, by: actions.confirm_record(pk, by=by),
    "drop_record": lambda pk, by: actions.drop_record(pk, reason="查无此事", by=by),
    "state_case": lambda pk, by: actions.state_case(pk, statement="有委托书", by=by),
    "cancel_notice": lambda pk, by: actions.cancel_notice(pk, reason="补充调查", by=by),
    "release_record": lambda pk, by: actions.release_record(pk, statement_answer="不予采纳", by=by),
    "comment_on_record": lambda pk, by: actions.comment_on_record(pk, comment="已下架", by=by),
    "confirm_correction": lambda pk, by: actions.confirm_correction(pk, by=by),
    "archive_record": lambda pk, by: actions.archive_record(pk, by=by),
}  # fmt: skip
ANSWERS: dict[str, Any] = {
    "begin_assessment": lambda pk, by, day: actions.begin_assessment(pk, assessed_on=day, assessors="二人", by=by),
    "conclude_assessment": lambda pk, by, day: actions.conclude_assessment(pk, passed=True, result="已整改", by=by),
    "consent_to_withdrawal": lambda pk, by, day: actions.consent_to_withdrawal(pk, by=by),
    "refuse_withdrawal": lambda pk, by, day: actions.refuse_withdrawal(pk, reason="未整改", by=by),
    "decide_objection": lambda pk, by, day: actions.decide_objection(pk, upheld=False, reason="无误", by=by),
}  # fmt: skip
KINDS = ("assessment", "withdrawal", "repair", "objection")
WHO, WHICH = st.sampled_from(PEOPLE), st.integers(0, 5)
# Mostly the right hands, so that records come as far as they can.
HANDS = st.sampled_from((*PEOPLE, "reviewer", "second", "third", "reviewer", "second"))


class AnyActs(RuleBasedStateMachine):
    """Nine people, several records, and days that pass."""

    cast: FujianCast
    people: dict[str, Acting]

    @initialize()
    def begun(self) -> None:
        self.day = BEGUN
        self._today()
        self.seen: dict[str, set[Any]] = {
            "records": set(),
            "applications": set(),
            "corrections": set(),
            "files": set(),
        }
        # By record, the days on which its unit was told, and whether that notice still stands.
        self.told: dict[Any, date | None] = {}
        self.reached: dict[Any, date] = {}

    def _today(self) -> None:
        django_settings.FANGXIN_TODAY = self.day.isoformat()

    def _record(self, which: int) -> BadRecord | None:
        found = list(BadRecord.objects.order_by("entered_at", "pk").select_related("agency"))
        return found[which % len(found)] if found else None

    def _tried(self, act: Any, allowed: bool) -> Any:
        """The act is done only if the table has it for this person now, and otherwise refused without a trace."""
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
            list(BadRecord.objects.order_by("pk").values()), list(Application.objects.order_by("pk").values()),
            list(Correction.objects.order_by("pk").values()), list(PublishedRecord.objects.order_by("pk").values()),
            Entry.objects.count(), Attachment.objects.count(),
        )  # fmt: skip

    def _may(self, process: Any, matter: Any, verb: str, who: str) -> bool:
        by = self.people[who]
        parts = parts_in(matter, by)
        return verb in {
            one.verb for one in process.open_steps(standing(matter.agency, matter.state, by, parts))
        }

    @rule(who=HANDS, kept=st.sampled_from(("minor", "general", "serious")), ago=st.integers(0, 200))
    def drafts(self, who: str, kept: str, ago: int) -> None:
        by = self.people[who]
        decided = {"decided_on": (self.day - timedelta(days=ago)).isoformat()}
        given = conduct(record_class=kept, values=decided, shown_because="多发" if kept == "minor" else "")
        allowed = any(
            one.verb in ("draft_record", "propose_record")
            for one in BAD_RECORD.open_steps(standing(self.cast.agency, "new", by))
        )
        self._tried(lambda: actions.draft_record(self.cast.agency.pk, given, by=by), allowed)

    @rule(who=HANDS, which=WHICH, verb=st.sampled_from(tuple(ACTS)))
    def does(self, who: str, which: int, verb: str) -> None:
        if record := self._record(which):
            allowed = self._may(BAD_RECORD, record, verb, who)
            done = self._tried(lambda: ACTS[verb](record.pk, self.people[who]), allowed)
            if done is not None and verb == "cancel_notice":
                self.told[record.pk] = None

    @rule(which=WHICH, short=st.integers(0, 2))
    def goes_on(self, which: int, short: int) -> None:
        """The main line by the right hands, released on the day from which it may be, or a day or two too early."""
        record = self._record(which)
        if record is None:
            self.drafts("reviewer", "general", 30)
        elif record.state == "draft":
            self.does("second", which, "confirm_record")
            self.tells("reviewer", which, 0)
        elif record.state == "notice_served" and record.releasable_on:
            self.day = max(self.day, record.releasable_on - timedelta(days=short))
            self._today()
            self.does("reviewer", which, "release_record")

    @rule(who=HANDS, which=WHICH, ago=st.integers(-1, 15))
    def tells(self, who: str, which: int, ago: int) -> None:
        record = self._record(which)
        if record is None:
            return
        served = self.day - timedelta(days=ago)
        done = self._tried(
            lambda: actions.serve_notice(
                record.pk, served_on=served, served_how="挂号信", proof=[paper()], by=self.people[who]
            ),
            self._may(BAD_RECORD, record, "serve_notice", who),
        )
        if done is not None:
            self.told[record.pk] = served

    @rule(who=HANDS, which=WHICH, kind=st.sampled_from(("amended", "annulled")))
    def proposes(self, who: str, which: int, kind: str) -> None:
        if record := self._record(which):
            changed = {"result": f"罚款{Entry.objects.count()}元"}
            self._tried(
                lambda: actions.propose_correction(
                    record.pk, kind=kind, reason="写错", values=changed, by=self.people[who]
                ),
                self._may(BAD_RECORD, record, "propose_correction", who),
            )

    @rule(
        who=st.sampled_from(("filer", "filer", "filer", "other_filer", "reviewer")),
        which=WHICH,
        kind=st.sampled_from(KINDS),
    )
    def asks(self, who: str, which: int, kind: str) -> None:
        if record := self._record(which):
            verbs = {
                one.verb for one in APPLICATION.open_steps(standing(record.agency, "new", self.people[who]))
            }
            allowed = bool(verbs) and record.state == "published"
            self._tried(
                lambda: actions.apply(
                    record.pk, kind, text="已整改", commitment=True, evidence=[paper()], by=self.people[who]
                ),
                allowed,
            )

    @precondition(lambda self: Application.objects.filter(state__in=("applied", "assessing")).exists())
    @rule(who=HANDS, which=WHICH, verb=st.sampled_from(tuple(ANSWERS)))
    def answers(self, who: str, which: int, verb: str) -> None:
        found = list(Application.objects.order_by("entered_at", "pk").select_related("agency", "record"))
        asked = found[which % len(found)]
        self._tried(
            lambda: ANSWERS[verb](asked.pk, self.people[who], self.day),
            self._may(APPLICATION, asked, verb, who),
        )

    @rule(days=st.sampled_from((1, 5, 9, 10, 11, 60, 150)))
    def passes(self, days: int) -> None:
        self.day += timedelta(days=days)
        self._today()

    @rule()
    def the_clock_looks(self) -> None:
        actions.end_displays()

    @invariant()
    def nothing_is_public_before_its_notice_has_run(self) -> None:
        """An independent count: ten full days after the day of the last notice that was not taken back (四（四）)."""
        for pk, published_on in BadRecord.objects.exclude(published_on=None).values_list(
            "pk", "published_on"
        ):
            told = self.told.get(pk)
            assert told is not None, "public without a notice"
            assert (published_on - told).days > 10

    @invariant()
    def the_public_reads_what_is_published_and_nothing_else(self) -> None:
        published = set(BadRecord.objects.filter(state="published").values_list("pk", flat=True))
        assert set(PublishedRecord.objects.values_list("pk", flat=True)) == published
        objected = set(
            Application.objects.filter(kind="objection", state="applied").values_list("record_id", flat=True)
        )
        assert (
            set(PublishedRecord.objects.filter(is_objected=True).values_list("pk", flat=True))
            == objected & published
        )

    @invariant()
    def nothing_is_deleted(self) -> None:
        now: dict[str, set[Any]] = {
            "records": set(BadRecord.objects.values_list("pk", flat=True)),
            "applications": set(Application.objects.values_list("pk", flat=True)),
            "corrections": set(Correction.objects.values_list("pk", flat=True)),
            "files": set(Attachment.objects.values_list("pk", flat=True)),
        }
        for name, kept in self.seen.items():
            assert kept <= now[name], f"{name} went"
        self.seen = now

    @invariant()
    def two_people_entered_it_and_two_put_it_right(self) -> None:
        for record in BadRecord.objects.exclude(confirmed_by=None):
            assert record.entered_by_id != record.confirmed_by_id
        for one in Correction.objects.exclude(decided_by=None):
            assert one.proposed_by_id != one.decided_by_id
        for asked in (
            Application.objects.filter(kind="objection").exclude(decided_by=None).select_related("record")
        ):
            record = asked.record
            assert asked.decided_by_id not in (
                record.entered_by_id,
                record.confirmed_by_id,
                record.published_by_id,
            )

    @invariant()
    def taken_down_early_only_on_application_and_after_the_minimum(self) -> None:
        classes = book("national").record_classes
        for record in BadRecord.objects.filter(state="withdrawn"):
            consented = record.applications.filter(state="consented").get()
            assert consented.entered_by_id == self.people["filer"].user_id
            least = months_after(record.decided_on, classes[record.record_class].least_months)
            assert record.taken_down_on >= least


@pytest.mark.django_db
def test_any_acts_in_any_order(cast, settings_restored):
    body = Body.objects.get(code="district.350102.housing")
    people = {name: getattr(cast, name) for name in PEOPLE if hasattr(cast, name)}
    people["second"] = member("gaofeng", "高峰", Role.REVIEWER, body)
    people["third"] = member("tangning", "唐宁", Role.REVIEWER, body)
    reached: set[str] = set()

    class Here(AnyActs):
        def __init__(self) -> None:
            self.cast, self.people = cast, people
            super().__init__()
            self.point = transaction.savepoint()

        def teardown(self) -> None:
            reached.update(BadRecord.objects.values_list("state", flat=True))
            transaction.savepoint_rollback(self.point)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=14, stateful_step_count=40, deadline=None, derandomize=True,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert "published" in reached, "nothing came so far that the gate was tried"


@pytest.fixture
def settings_restored():
    before = django_settings.FANGXIN_TODAY
    yield
    django_settings.FANGXIN_TODAY = before
