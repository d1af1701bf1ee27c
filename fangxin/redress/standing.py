"""How a person stands towards a complaint, in the plain values the tables ask for."""

from fangxin.organisations.process import Standing
from fangxin.organisations.roles import Acting
from fangxin.redress.models import AgencyComplaint
from fangxin.redress.workflow import COMMITTEE, JURISDICTION, UNIT


def standing(complaint: AgencyComplaint, by: Acting, state: str = "") -> Standing:
    """What the table must know of the complaint, or of a matter beside it in `state`, and of the person."""
    return Standing(state or complaint.state, by.role, places_of(complaint, by))


def places_of(complaint: AgencyComplaint, by: Acting) -> frozenset[str]:
    """For whom the person acts: 被投诉对象所在地的主管部门 decides, the committee may sort first (AMB-19)."""
    places = set()
    if by.company_id is not None and by.company_id == complaint.company_id:
        places.add(UNIT)
    if by.body_id is not None and by.jurisdiction == complaint.jurisdiction:
        if "draft_changes" in by.functions:
            places.add(COMMITTEE)
        if "decide_complaint" in by.functions and by.body_id == complaint.body_id:
            places.add(JURISDICTION)
    return frozenset(places)
