"""How a person stands towards a sheet of joint investigation, in the plain values the table asks for."""

from fangxin.cases.models import Case
from fangxin.cases.standing import places_of as places_of_case
from fangxin.cases.workflow import Place
from fangxin.investigations.models import Inquiry
from fangxin.investigations.sheets import OUTSIDE
from fangxin.investigations.workflow import ASKED, DRAFTER, OFFICER, REGISTRY, SENDER
from fangxin.organisations.process import Standing
from fangxin.organisations.roles import Acting


def standing_of(inquiry: Inquiry, by: Acting) -> Standing:
    """What the table must know of the sheet and of the person."""
    acted_as = frozenset({DRAFTER}) if by.user_id in inquiry.writers else frozenset()
    return Standing(inquiry.state, by.role, places_of(inquiry, by), acted_as)


def standing_before(case: Case, by: Acting, state: str) -> Standing:
    """Towards a sheet that is not there yet: only the officer of a case under way begins one."""
    at = places_of_case(case, by) if not case.has_ended else frozenset()
    return Standing(state, by.role, frozenset({OFFICER}) if Place.OFFICER in at else frozenset())


def places_of(inquiry: Inquiry, by: Acting) -> frozenset[str]:
    """Every place in which the person stands; the officer is the case's of today, not the drafter."""
    if by.body_id is None or by.jurisdiction != inquiry.jurisdiction:
        return frozenset()
    places = set()
    if by.body_id == inquiry.asking_body_id:
        places.add(SENDER)
        if inquiry.form == OUTSIDE:
            places.add(REGISTRY)
        if by.user_id == inquiry.case.officer_id:
            places.add(OFFICER)
    if by.body_id == inquiry.asked_body_id:
        places.add(ASKED)
    return frozenset(places)
