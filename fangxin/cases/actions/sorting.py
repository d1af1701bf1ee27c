"""案件分拣: the centre, a district's designated department and 物业指导中心 send cases on (二(二))."""

from uuid import UUID

from django.db import transaction

from fangxin.cases.actions.steps import begin_step, take_step
from fangxin.cases.models import Case, Hop, TriageDecision
from fangxin.cases.routing import Destination, NoRoute, destination
from fangxin.cases.terms import LINKS, district_titles
from fangxin.complaints.actions import note_progress
from fangxin.deadlines.clock import today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.models import Body
from fangxin.organisations.queries import body, people_of_body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book

LONGEST_REASON = 500


@transaction.atomic
def dispatch_case(
    case_id: UUID,
    *,
    link: str,
    district: str,
    by: Acting,
    reason: str = "",
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Case:
    """The case waits for acceptance in the department its link and district lead to, or at 物业指导中心 (二(二)).

    `district` is the six-digit code, "" for links handled by the city. A district's designated department
    sends its own cases to its own departments and every other case, that of another district too, to 城研中心
    (二(一)5). ActRefused when no row leads anywhere, or when the department has nobody to receive it
    (五: 指定专人). No choice of link and district leads the centre past 物业指导中心.
    """
    case = begin_step(case_id, "dispatch_case", turn=turn, act_key=act_key)
    _check_district(case, district)
    choice, goal = _goal(case, link, district, by)
    target = body(goal.first)
    if choice != "centre":
        _refuse_vacant(target, choice)
    if len(reason) > LONGEST_REASON:
        raise ActRefused(f"分件说明不得超过{LONGEST_REASON}字，现有{len(reason)}字，请缩短。", "reason")
    first_decision = case.link == ""
    own_district = by.district if choice == "department" else ""
    take_step(
        case, "dispatch_case", by=by, choice=choice, act_key=act_key,
        summary=f"分件至{target.name}",
        details={"link": link, "district": district, "route": goal.rule_key, "reason": reason},
        changes={
            "link": link, "district": district or own_district or case.district, "holder_id": target.pk,
            "sender_id": by.body_id, "dispatched_on": today(),
            "handling_body_id": target.pk if choice == "department" else None,
            "sorting_body_id": target.pk if choice == "centre" else case.sorting_body_id,
        },
    )  # fmt: skip
    _hop(case, "dispatch", by, target.pk, goal, reason)
    if first_decision and choice != "centre":
        TriageDecision.objects.create(
            case=case,
            suggested=case.suggested_link,
            certainty=case.suggestion.get("certainty", 0),
            decided=link,
        )
    send_notice(title=f"案件 {case.number} 分派至贵部门", matter_id=case.pk, to_body_id=target.pk)
    if choice == "department":
        note_progress(case.complaint_id, "已分派", f"已分派{target.name}，等待受理。")
    return case


@transaction.atomic
def forward_from_hub(
    case_id: UUID, *, district: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """物业指导中心 has sent the case on to the district's property department (二(二)(5))."""
    case = begin_step(case_id, "forward_from_hub", turn=turn, act_key=act_key)
    _check_district(case, district)
    try:
        goal = destination(case.jurisdiction, case.link, district)
    except NoRoute as missing:
        raise ActRefused(str(missing), "district") from missing
    if not district:
        raise ActRefused("请选择区县：物业案件由物导中心再分至区县物业管理部门（二(二)(5)）。", "district")
    target = body(goal.then)
    _refuse_vacant(target, "department")
    take_step(
        case, "forward_from_hub", by=by, act_key=act_key,
        summary=f"再分派至{target.name}", details={"district": district, "route": goal.rule_key},
        changes={"district": district, "holder_id": target.pk, "handling_body_id": target.pk,
                 "sender_id": by.body_id, "dispatched_on": today()},
    )  # fmt: skip
    _hop(case, "forward", by, target.pk, goal, "")
    send_notice(title=f"案件 {case.number} 分派至贵部门", matter_id=case.pk, to_body_id=target.pk)
    note_progress(case.complaint_id, "已分派", f"已分派{target.name}，等待受理。")
    return case


@transaction.atomic
def reopen_refused(
    case_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Case:
    """A refused case waits in the centre's sorting queue again; the refusal stays in its history."""
    case = begin_step(case_id, "reopen_refused", turn=turn, act_key=act_key)
    reason = fields.text(reason, "恢复办理的理由", LONGEST_REASON, "reason")
    centre = body(sorting_centre(case.jurisdiction))
    take_step(
        case, "reopen_refused", by=by, act_key=act_key, details={"reason": reason},
        changes={"holder_id": centre.pk, "sorting_body_id": centre.pk, "handling_body_id": None,
                 "officer_id": None, "accepted_on": None, "closed_on": None},
    )  # fmt: skip
    Hop.objects.create(
        case=case, from_body_id=by.body_id, to_body_id=centre.pk, kind="reopen", reason=reason,
        by_user_id=by.user_id, on=today(), clause="二(七)",
    )  # fmt: skip
    note_progress(case.complaint_id, "恢复办理", "经复核恢复办理，等待重新分派。")
    return case


def _goal(case: Case, link: str, district: str, by: Acting) -> tuple[str, Destination]:
    if by.body_level == "district":
        own = destination_in_district(case, link, by)
        if own is not None and district in {"", by.district}:
            return "department", own
        return "centre", Destination(
            sorting_centre(case.jurisdiction),
            "",
            "二(一)5",
            "intake.district",
            book(case.jurisdiction).version,
        )
    try:
        goal = destination(case.jurisdiction, link, district)
    except NoRoute as missing:
        raise ActRefused(str(missing), "district" if link in LINKS else "link") from missing
    return ("hub" if goal.through_hub else "department"), goal


def _check_district(case: Case, district: str) -> None:
    if district and district not in district_titles(case.jurisdiction):
        raise ActRefused("请在列表中选择区县。", "district")


def destination_in_district(case: Case, link: str, by: Acting) -> Destination | None:
    """The district's own department for a link, None when the district has none (二(一)5: 本区县负责案件)."""
    try:
        goal = destination(case.jurisdiction, link, by.district)
    except NoRoute as missing:
        raise ActRefused(str(missing), "link") from missing
    code = goal.then or goal.first
    if not code.startswith("district."):
        return None
    return Destination(code, "", "二(一)5", "intake.district", goal.rulebook_version)


def sorting_centre(jurisdiction: str) -> str:
    """The code of the body that sorts whatever nobody else does: the first hop of every route."""
    return book(jurisdiction).routes[0].sorted_by


def _refuse_vacant(target: Body, choice: str) -> None:
    role = Role.DISPATCHER if choice == "hub" else Role.DEPARTMENT_CLERK
    if not people_of_body(target.pk, role):
        raise ActRefused(
            f"{target.name}尚未指定{role.title}，不能分派。请先由系统管理员为该部门指定专人（五：指定专人负责落实案件管理）。"
        )


def _hop(case: Case, kind: str, by: Acting, to_body_id: int, goal: Destination, reason: str) -> None:
    Hop.objects.create(
        case=case, from_body_id=by.body_id, to_body_id=to_body_id, kind=kind, link=case.link, reason=reason,
        rule_key=goal.rule_key, clause=goal.clause, rulebook_version=goal.rulebook_version,
        by_user_id=by.user_id, on=today(),
    )  # fmt: skip
