"""What every act of a round has in common: lock, ask the table, change, record."""

from typing import Any
from uuid import UUID

from fangxin.credit.evaluations import scheme_of
from fangxin.credit.models import Round
from fangxin.credit.standing import acted_in, round_standing
from fangxin.credit.workflow import ROUND
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.organisations.process import Step
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.rules.evaluation import Scheme, SchemeStatus


def begin(round_id: UUID, verb: str, by: Acting, turn: int | None, act_key: UUID | None) -> Round:
    """The round, locked, for a step that the table allows this person now. ActRefused, SomebodyWasFirst."""
    claim_act(act_key, verb, ROUND.name, str(round_id))
    found = Round.objects.select_for_update().filter(pk=round_id, jurisdiction=by.jurisdiction).first()
    if found is None:
        raise ActRefused("没有这一轮评价，或者您无权办理。")
    if turn is not None and turn != found.turn:
        raise SomebodyWasFirst(
            f"这一轮评价刚刚有了变化，现为“{found.get_state_display()}”。请看过最新情况后再办。"
        )
    ROUND.allowed(
        verb, round_standing(found.jurisdiction, found.state, by, acted_in(found.computed_by_id, by))
    )
    return found


def take(
    found: Round, verb: str, by: Acting, act_key: UUID | None, details: dict[str, Any], **changes: Any
) -> None:
    """The round stands where the table leads it, changed and recorded."""
    before, parts = found.state, acted_in(found.computed_by_id, by)
    step, after = ROUND.find_step(verb, round_standing(found.jurisdiction, found.state, by, parts))
    found.state, found.turn = after, found.turn + 1
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(update_fields=["state", "turn", *changes])
    note(step, found, by, act_key, {"before": before, "after": after, **details})


def note(step: Step, found: Round, by: Acting, act_key: UUID | None, details: dict[str, Any]) -> None:
    """The step stands in the journal."""
    record(
        Kind.named(f"round:{step.verb}"), ROUND.name, found.pk, by=by.actor, summary=step.title, details=details,
        clause=step.clause, rule_key=f"credit.{step.verb}", rulebook_version=found.rulebook_version, act_key=act_key,
        jurisdiction=found.jurisdiction,
    )  # fmt: skip


def published_scheme(found: Round) -> Scheme:
    """The same, where it is more than a trial. ActRefused."""
    scheme = scheme_of(found)
    if scheme.status is not SchemeStatus.PUBLISHED:
        raise ActRefused(
            f"评价方案“{scheme.title}”的状态是“{scheme.status}”，只能试算，不能告知或者公布（AMB-21）。"
        )
    return scheme
