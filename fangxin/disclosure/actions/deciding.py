"""The department with jurisdiction decides on a query, and may end what it granted; the clock ends the rest."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.deadlines.clock import now, today
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.standing import standing_of
from fangxin.disclosure.workflow import PROCESS, STATE_TITLES, Place, State
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.process import Standing, Step
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.reading import grantable_fields

LONGEST_REASON = 1000


@transaction.atomic
def grant_query(
    query_id: UUID,
    *,
    codes: Sequence[str],
    days: int,
    by: Acting,
    opinion: str = "",
    tell_agency: bool = True,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AuthorisedQuery:
    """The applicant may see these fields from the day they asked for (today, if that is past) to the end of the last.

    No more fields and no more days than were asked for, and none that the ground does not open (AMB-23). The agency
    is told unless the ground allows silence and it was asked for. ActRefused names the field.
    """
    query = _begin(query_id, "grant_query", turn=turn, act_key=act_key)
    step = PROCESS.allowed("grant_query", standing_of(query, by))
    kept = _codes(query, codes)
    if not 1 <= days <= query.asked_days:
        raise ActRefused(f"天数：应在1至{query.asked_days}日之间（申请{query.asked_days}日）。", "days")
    told = _told(query, tell_agency)
    begins = max(today(), query.asked_from_on)
    _change(
        query, step, by=by.actor, act_key=act_key,
        changes={
            "company_id": query.agency.company_id, "granted_codes": kept, "from_on": begins,
            "until_on": begins + timedelta(days=days - 1), "agency_told": told,
            "opinion": opinion.strip()[:LONGEST_REASON], **_decided(by),
        },
        details={
            "codes": kept, "from_on": begins.isoformat(),
            "until_on": (begins + timedelta(days=days - 1)).isoformat(), "told": told,
        },
    )  # fmt: skip
    if told:
        send_notice(
            title=f"有人获准查询您机构不公示的{len(kept)}项信息", matter_id=query.pk,
            to_company_id=query.agency.company_id,
        )  # fmt: skip
    return query


@transaction.atomic
def refuse_query(
    query_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> AuthorisedQuery:
    """The applicant reads why, and may apply again."""
    query = _begin(query_id, "refuse_query", turn=turn, act_key=act_key)
    step = PROCESS.allowed("refuse_query", standing_of(query, by))
    reason = fields.text(reason, "不予批准的理由", LONGEST_REASON, "reason")
    _change(query, step, by=by.actor, act_key=act_key, changes={"opinion": reason, **_decided(by)})
    return query


@transaction.atomic
def revoke_query(
    query_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> AuthorisedQuery:
    """Nothing is open any more, from this moment; the applicant reads why."""
    query = _begin(query_id, "revoke_query", turn=turn, act_key=act_key)
    step = PROCESS.allowed("revoke_query", standing_of(query, by))
    reason = fields.text(reason, "收回的理由", LONGEST_REASON, "reason")
    _change(query, step, by=by.actor, act_key=act_key, changes={"end_reason": reason, "ended_on": today()})
    return query


def expire_queries(on: date | None = None) -> int:
    """Grants whose last day is over are ended; returns how many. One transaction a grant."""
    day = on or today()
    over = AuthorisedQuery.objects.filter(state=State.GRANTED, until_on__lt=day)
    return sum(_expire(pk, day) for pk in list(over.values_list("pk", flat=True)))


@transaction.atomic
def _expire(query_id: UUID, day: date) -> int:
    query = (
        AuthorisedQuery.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=query_id, state=State.GRANTED, until_on__lt=day)
        .first()
    )
    if query is None:
        return 0
    step = PROCESS.allowed("expire_query", Standing(State.GRANTED, Role.SYSTEM, frozenset({Place.CLOCK})))
    _change(query, step, by=Actor.system("时钟"), act_key=None, changes={"ended_on": query.until_on})
    return 1


def _begin(query_id: UUID, verb: str, *, turn: int | None, act_key: UUID | None) -> AuthorisedQuery:
    claim_act(act_key, verb, "query", str(query_id))
    query = (
        AuthorisedQuery.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(pk=query_id)
        .first()
    )
    if query is None:
        raise ActRefused("没有这份申请，或者您无权办理。")
    if turn is not None and turn != query.turn:
        raise SomebodyWasFirst(
            f"这份申请刚刚有了变化，现为“{STATE_TITLES[State(query.state)]}”。您的办理没有生效，"
            "填写的内容仍在页面上；请看过最新情况后再办。"
        )
    return query


def _codes(query: AuthorisedQuery, codes: Sequence[str]) -> list[str]:
    open_to_it = {
        field.code for field in grantable_fields(query.ground, on=today(), jurisdiction=query.jurisdiction)
    }
    if strange := [code for code in codes if code not in query.asked_codes or code not in open_to_it]:
        raise ActRefused(
            f"批准的栏目：{'、'.join(strange)}没有申请，或者凭这一理由不能查询，请去掉。", "codes"
        )
    if not codes:
        raise ActRefused("批准的栏目：请至少选择一项；都不批准的，请选“不予批准”。", "codes")
    return [code for code in query.asked_codes if code in codes]


def _told(query: AuthorisedQuery, tell_agency: bool) -> bool:
    rules = book(query.jurisdiction)
    if not tell_agency and not (query.asks_secrecy and rules.query_ground(query.ground).may_be_secret):
        raise ActRefused(
            "告知机构：只有人民法院调查令写明保密的，才可以不告知被查询机构（AMB-23）。", "tell_agency"
        )
    return tell_agency and bool(rules.value("disclosure.agency_is_told", on=today()).value)


def _decided(by: Acting) -> dict[str, Any]:
    return {"decided_by_id": by.user_id, "decided_by_label": by.label[:200], "decided_at": now()}


def _change(
    query: AuthorisedQuery, step: Step, *, by: Actor, act_key: UUID | None, changes: Mapping[str, Any],
    details: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    before, after = query.state, step.to[""]
    query.state, query.turn = after, query.turn + 1
    for name, value in changes.items():
        setattr(query, name, value)
    query.save(update_fields=["state", "turn", *(name.removesuffix("_id") for name in changes)])
    record(
        Kind.named(f"query:{step.verb.removesuffix('_query')}"), "query", query.pk, by=by,
        summary=f"{step.title}：{query.number}",
        details={
            "number": query.number, "agency": query.agency_id, "before": str(before),
            "after": str(after), **(details or {}),
        },
        clause=step.clause, rule_key=f"disclosure.{step.verb}", rulebook_version=book(query.jurisdiction).version,
        act_key=act_key, jurisdiction=query.jurisdiction,
    )  # fmt: skip
