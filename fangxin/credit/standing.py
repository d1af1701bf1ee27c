"""How a person stands towards a record or an application, in the plain values the tables ask for."""

from collections.abc import Iterable

from fangxin.agencies.models import Agency
from fangxin.credit.models import Application, BadRecord, OfAgency
from fangxin.credit.workflow import COMMITTEE, JURISDICTION, PROVINCE, UNIT
from fangxin.organisations.process import Standing
from fangxin.organisations.roles import Acting


def standing(agency: Agency, state: str, by: Acting, acted_as: Iterable[str] = ()) -> Standing:
    """What the table must know; `acted_as` are the parts this person has already played in the matter."""
    return Standing(state, by.role, places_of(agency, by), frozenset(acted_as))


def places_of(agency: Agency, by: Acting) -> frozenset[str]:
    """For whom the person acts towards this agency: 各级主管部门 of its county, city and province record (二（二）)."""
    places = set()
    if by.company_id is not None and by.company_id == agency.company_id:
        places.add(UNIT)
    if by.body_id is not None and by.jurisdiction == agency.jurisdiction:
        if "draft_changes" in by.functions:
            places.add(COMMITTEE)
        if "record_conduct" in by.functions and _reaches(agency, by):
            places.add(JURISDICTION)
    return frozenset(places)


def parts_in(matter: OfAgency, by: Acting) -> frozenset[str]:
    """The parts this person has played in the matter already: the table bars some of them from a second."""
    if isinstance(matter, Application):
        record = matter.record
        hands = (record.entered_by_id, record.confirmed_by_id, record.published_by_id)
        return frozenset({"recorder"} if by.user_id in hands else ())
    if not isinstance(matter, BadRecord):
        return frozenset()
    parts = {"drafter"} if matter.entered_by_id == by.user_id else set()
    if matter.corrections.filter(decided_on=None, proposed_by_id=by.user_id).exists():
        parts.add("proposer")
    return frozenset(parts)


def _reaches(agency: Agency, by: Acting) -> bool:
    return by.body_level == "province" or by.body_id in (agency.reviewing_body_id, agency.city_body_id)


def round_standing(jurisdiction: str, state: str, by: Acting, acted_as: Iterable[str] = ()) -> Standing:
    """How an official stands towards a round of evaluation of a jurisdiction."""
    ours = by.jurisdiction == jurisdiction and "publish_method" in by.functions
    return Standing(state, by.role, frozenset({PROVINCE} if ours else ()), frozenset(acted_as))


def acted_in(computed_by_id: int | None, by: Acting) -> tuple[str, ...]:
    """The parts this person has already played in a round."""
    return ("computer",) if computed_by_id == by.user_id else ()
