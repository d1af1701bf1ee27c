"""How a person stands towards a record or an application, in the plain values the tables ask for."""

from collections.abc import Iterable

from fangxin.agencies.models import Agency
from fangxin.credit.workflow import COMMITTEE, JURISDICTION, UNIT
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


def _reaches(agency: Agency, by: Acting) -> bool:
    return by.body_level == "province" or by.body_id in (agency.reviewing_body_id, agency.city_body_id)
