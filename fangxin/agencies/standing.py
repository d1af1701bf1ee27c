"""How a person stands towards a declaration, in the plain values the table asks for."""

from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.workflow import Place, Standing, State
from fangxin.organisations.roles import Acting


def standing_of(declaration: Declaration, acting: Acting) -> Standing:
    """What the table must know of the declaration and the person."""
    return Standing(State(declaration.state), acting.role, places_of(declaration.agency, acting))


def places_of(agency: Agency, acting: Acting) -> frozenset[Place]:
    """For whom the person acts towards this agency; for nobody across jurisdictions."""
    places = set()
    if acting.company_id is not None and acting.company_id == agency.company_id:
        places.add(Place.AGENCY)
    if acting.jurisdiction == agency.jurisdiction and acting.body_id is not None:
        if "precheck" in acting.functions:
            places.add(Place.COMMITTEE)
        if acting.body_id == agency.reviewing_body_id:
            places.add(Place.REVIEWING)
        if acting.body_id == agency.city_body_id:
            places.add(Place.CITY)
        if places & {Place.REVIEWING, Place.CITY} and "give_filing_opinion" in acting.functions:
            places.add(Place.FILING)
    return frozenset(places)
