"""What each body of a rulebook is given when it is founded: its link, and its functions. Plain Python.

A function is a right of entry the documents give to a body; roles say what a person may do inside it.
`intake_district` and `dispatch_district` are given by designation, for the document leaves the choice of
the department to each district.
"""

from collections import defaultdict

from fangxin.rules.book import Rulebook

ENTRY_FUNCTIONS = ("intake_district", "dispatch_district")
# The sources with a function of their own; every other source is entered by the departments (各部门).
OWN_FUNCTION = {"hotline": "intake_hotline", "media": "intake_media"}


def functions_of_bodies(rules: Rulebook) -> dict[str, frozenset[str]]:
    """By the body's function in the rulebook (`district.market`): what sources, routes and duties give it."""
    given: defaultdict[str, set[str]] = defaultdict(set)
    for body in rules.bodies:
        given[body.function].update(body.duties)
    for source in rules.sources:
        if not source.designated:
            for name in source.entered_by:
                given[name].add(OWN_FUNCTION.get(source.key, "intake_department"))
        for name in source.sorted_by:
            if not name.startswith("district."):
                given[name].add("dispatch")
    for route in rules.routes:
        given[route.send_to].add("handle")
        if route.via:
            given[route.via].add(f"hub_{route.link}")
    for supervisor in rules.supervisors:
        given[supervisor.body].add("business_division")
    return {name: frozenset(functions) for name, functions in given.items()}


def links_of_bodies(rules: Rulebook) -> dict[str, str]:
    """By the body's function in the rulebook: the link whose cases it looks into, passes on or supervises."""
    links: dict[str, str] = {}
    for route in rules.routes:
        links.setdefault(route.send_to, route.link)
    for route in rules.routes:
        if route.via:
            links.setdefault(route.via, route.link)
    for supervisor in rules.supervisors:
        if link := supervisor.when.get("link"):
            links.setdefault(supervisor.body, link)
    return links
