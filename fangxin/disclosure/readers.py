"""Which reader of the rulebook a person is towards an agency (四（三）, AMB-23). Plain Python: no Django."""

from typing import Protocol

from fangxin.organisations.roles import Acting, Role

# A body sees by its office; of its people, those whose work is the record. The others see what anybody sees.
WHO_READ_FOR_A_BODY = frozenset({Role.REVIEWER, Role.PRECHECKER, Role.DEPARTMENT_HEAD, Role.LEADER})


class Known(Protocol):
    """What must be known of an agency: whose it is, and which departments have jurisdiction."""

    @property
    def company_id(self) -> int: ...
    @property
    def jurisdiction(self) -> str: ...
    @property
    def reviewing_body_id(self) -> int: ...
    @property
    def city_body_id(self) -> int | None: ...


def reader_of(acting: Acting | None, agency: Known) -> str:
    """The rulebook's key of what the person is towards the agency; without a person, the public.

    Who keeps the platform going sees nothing of the record, whatever their body. The holder of a grant is not
    known by a person but by the grant's secret: `grantee` is said where that is checked.
    """
    if acting is None:
        return "public"
    if acting.company_id is not None:
        return "agency" if acting.company_id == agency.company_id else "other_agency"
    if acting.role is Role.ADMINISTRATOR or "operate" in acting.functions:
        return "operator"
    if acting.jurisdiction != agency.jurisdiction or acting.role not in WHO_READ_FOR_A_BODY:
        return "other_department"
    if acting.body_id in {agency.reviewing_body_id, agency.city_body_id}:
        return "department"
    if "organise" in acting.functions:
        return "province"
    return "committee" if "keep_rules" in acting.functions else "other_department"
