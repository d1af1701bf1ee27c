"""How a person stands towards a query, in the plain values the table asks for."""

from django.db.models import Q

from fangxin.agencies.models import Agency
from fangxin.disclosure.models import AuthorisedQuery
from fangxin.disclosure.workflow import Place
from fangxin.organisations.models import Body
from fangxin.organisations.process import Standing
from fangxin.organisations.roles import Acting


def standing_of(query: AuthorisedQuery, acting: Acting) -> Standing:
    """What the table must know of the query and the person."""
    return Standing(query.state, acting.role, places_of(query.agency, acting))


def places_of(agency: Agency, acting: Acting) -> frozenset[Place]:
    """For whom the person acts towards a query of this agency; for nobody across jurisdictions."""
    if acting.jurisdiction != agency.jurisdiction or "approve_query" not in acting.functions:
        return frozenset()
    ours = acting.body_id is not None and acting.body_id in {agency.reviewing_body_id, agency.city_body_id}
    return frozenset({Place.JURISDICTION}) if ours or _of_the_province(acting) else frozenset()


def within_jurisdiction(acting: Acting) -> Q:
    """The queries towards whose agency the person acts with jurisdiction."""
    if "approve_query" not in acting.functions or acting.body_id is None:
        return Q(pk__in=[])
    ours = Q(jurisdiction=acting.jurisdiction)
    if not _of_the_province(acting):
        ours &= Q(agency__reviewing_body_id=acting.body_id) | Q(agency__city_body_id=acting.body_id)
    return ours


def _of_the_province(acting: Acting) -> bool:
    return acting.body_level == Body.Level.PROVINCE
