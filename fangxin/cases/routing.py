"""Where a case goes: six links, one department each, by the rows of the rulebook (二(二))."""

from dataclasses import dataclass

from fangxin.rules import book
from fangxin.rules.decision_table import NoRowMatches


class NoRoute(ValueError):
    """No row of the rulebook sends such a case anywhere; the message says what is missing."""


@dataclass(frozen=True)
class Destination:
    """The body to send to now, the one after it when there is a hub, and the row that said so."""

    first: str
    then: str
    clause: str
    rule_key: str
    rulebook_version: str

    @property
    def through_hub(self) -> bool:
        """The case goes first to a body that only sends it on (物业指导中心)."""
        return bool(self.then)


def destination(jurisdiction: str, link: str, district: str) -> Destination:
    """Body codes for a case of that link in that district (6 digits, "" when unknown).

    NoRoute when the link has no row, or the row needs a district and none is given.
    """
    rules = book(jurisdiction)
    try:
        route = rules.route(link=link)
    except NoRowMatches:
        raise NoRoute("请选择案件环节：交易、经纪、开发、评估、物业、测绘之一（二(二)）。") from None
    target = route.send_to
    if target.startswith("district."):
        if not district:
            if not route.via:
                raise NoRoute("请选择所在区县：这一环节的案件分至区县部门办理（二(二)）。")
            target = ""
        else:
            target = target.replace("district.", f"district.{district}.", 1)
    if route.via:
        return Destination(route.via, target or "district", route.clause, route.key, rules.version)
    return Destination(target, "", route.clause, route.key, rules.version)
