"""What must agree within a declaration: head-counts, shares, names, dates, projects and their people, papers."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from fangxin.rules.crosscheck_base import Declaration, Hit, Path, Row, all_there, check, same_code, same_words
from fangxin.rules.declarations import CrossCheck
from fangxin.rules.identifiers import IdentifierWrong
from fangxin.rules.person_ids import born_on, check_person_id, sex_of

# A hundredth of a percent for each share that had to be rounded.
ROUNDING = Decimal("0.01")


def _more_than(whole: str, part: str, path: Path, row: Row) -> Iterator[Hit]:
    if all_there(row.get(part), row.get(whole)) and row[part] > row[whole]:
        yield Hit(path, {"part": row[part], "whole": row[whole]})


# Head-counts: what is among what. The brokers may outnumber the staff: part-time ones count in J1-20 only.


@check("full_time_within_brokers")
def _full_time_within_brokers(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _more_than(
        "broker_count", "full_time_broker_count", ("J1", "full_time_broker_count"), asked.one("J1")
    )


@check("full_time_within_staff")
def _full_time_within_staff(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _more_than(
        "staff_count", "full_time_broker_count", ("J1", "full_time_broker_count"), asked.one("J1")
    )


@check("titled_within_staff")
def _titled_within_staff(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    agency = asked.one("J1")
    middle, senior, whole = (
        agency.get(name) for name in ("mid_title_count", "senior_title_count", "staff_count")
    )
    if whole is None or (middle is None and senior is None):
        return
    both = (middle or 0) + (senior or 0)
    if both > whole:
        words = {"middle": middle or 0, "senior": senior or 0, "both": both, "whole": whole}
        yield Hit(("J1", "mid_title_count"), words)


@check("shareholders_counted")
def _shareholders_counted(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    said, head = asked.one("J1").get("shareholder_count"), asked.one("J2")
    if said is None or "J5" not in asked.given:
        return
    listed, invests = len(asked.rows("J5")), bool(head.get("invested") or head.get("invested_percent"))
    if said != listed + invests:
        words = {"said": said, "listed": listed, "counted": listed + invests}
        yield Hit(("J1", "shareholder_count"), words | {"invests": "出资" if invests else "没有出资"})


# Shares and amounts.


def _shares(asked: Declaration, column: str) -> list[Decimal]:
    values = (part.get(column) for part in (asked.one("J2"), *asked.rows("J5")))
    return [Decimal(value) for value in values if value is not None]


@check("percents_within_whole")
def _percents_within_whole(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    shares = _shares(asked, "invested_percent")
    if sum(shares) > 100 + ROUNDING * len(shares):
        yield Hit(("J2", "invested_percent"), {"sum": f"{sum(shares):f}"})


@check("percents_make_whole")
def _percents_make_whole(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    shares = _shares(asked, "invested_percent")
    if shares and sum(shares) < 100 - ROUNDING * len(shares):
        yield Hit(("J2", "invested_percent"), {"sum": f"{sum(shares):f}"})


@check("invested_is_capital")
def _invested_is_capital(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    amounts, capital = _shares(asked, "invested"), asked.one("J1").get("registered_capital")
    if amounts and capital is not None and sum(amounts) != capital:
        yield Hit(("J1", "registered_capital"), {"sum": f"{sum(amounts):f}", "capital": f"{capital:f}"})


# The same thing said twice.


@check("same_representative")
def _same_representative(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    names = asked.one("J1").get("legal_representative"), asked.one("J2").get("name")
    if all_there(*names) and not same_words(*names):
        yield Hit(("J2", "name"))


@check("same_agency")
def _same_agency(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    agency = asked.one("J1")
    for table, path, each in asked.numbered("J2", "J3", "J4", "J5", "J7", "J8"):
        for column, own, agree, code in (
            ("agency_name", "name", same_words, "J1-01"),
            ("agency_code", "legal_code", same_code, "J1-02"),
        ):
            values = each.get(column), agency.get(own)
            if all_there(*values) and not agree(*values):
                title = asked.catalogue.field(code).title
                yield Hit((*path, column), {"field": title}, (f"{table}-{code[-2:]}", code))


# Dates.


def _earlier(path: Path, row: Row, first: str, second: str, **words: str) -> Iterator[Hit]:
    if all_there(row.get(first), row.get(second)) and row[second] < row[first]:
        yield Hit(path, {gap: row[column] for gap, column in words.items()})


@check("licence_days_in_order")
def _licence_days_in_order(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first, second = "registered_on", "licence_expires_on"
    return _earlier(("J1", second), asked.one("J1"), first, second, begin=first, end=second)


@check("filed_after_registered")
def _filed_after_registered(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first, second = "registered_on", "filed_on"
    return _earlier(("J1", second), asked.one("J1"), first, second, begin=first, filed=second)


@check("changed_after_filed")
def _changed_after_filed(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first, second = "filed_on", "changed_or_cancelled_on"
    return _earlier(("J1", second), asked.one("J1"), first, second, filed=first, changed=second)


@check("licence_expired")
def _licence_expired(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    end = asked.one("J1").get("licence_expires_on")
    if end is not None and end < asked.on:
        yield Hit(("J1", "licence_expires_on"), {"end": end})


@check("change_kind_given")
def _change_kind_given(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    agency = asked.one("J1")
    if agency.get("changed_or_cancelled_on") and not agency.get("changed_or_cancelled"):
        yield Hit(("J1", "changed_or_cancelled"))


@check("not_in_future")
def _not_in_future(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for code in row.codes:
        column = asked.catalogue.field(code).column
        for _, path, each in asked.numbered(code[:2]):
            if each.get(column) and each[column] > asked.on:
                yield Hit((*path, column), {"day": each[column]}, (code,))


# Projects and the people who did them.


@check("contract_once")
def _contract_once(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first: dict[str, int] = {}
    for at, project in enumerate(asked.rows("J6")):
        if (contract := project.get("contract_no")) and first.setdefault(contract, at) != at:
            yield Hit(("J6", at, "contract_no"), {"contract": contract, "first": first[contract] + 1})


def _projects(asked: Declaration) -> dict[str, Row]:
    return {project["contract_no"]: project for project in asked.rows("J6") if project.get("contract_no")}


@check("contract_known")
def _contract_known(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    projects = _projects(asked)
    for at, person in enumerate(asked.rows("J7")):
        if (contract := person.get("contract_no")) and contract not in projects:
            yield Hit(("J7", at, "contract_no"), {"contract": contract})


@check("project_of_contract")
def _project_of_contract(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    projects = _projects(asked)
    for at, person in enumerate(asked.rows("J7")):
        contract = person.get("contract_no")
        names = person.get("project_name"), projects.get(contract or "", {}).get("project_name")
        if all_there(*names) and not same_words(*names):
            yield Hit(("J7", at, "project_name"), {"contract": contract})


@check("one_person_a_row")
def _one_person_a_row(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    for at, person in enumerate(asked.rows("J7")):
        broker = [person.get("broker_name"), person.get("broker_registration_no")]
        assistant = [person.get("assistant_name"), person.get("assistant_registration_no")]
        fault = ""
        if any(broker) and any(assistant):
            fault = "每人一表：经纪人和协理请分两行填写"
        elif not any(broker) and not any(assistant):
            fault = "没有填写人员；经纪人填J7-05和J7-06，协理填J7-07和J7-08"
        elif not (all(broker) or all(assistant)):
            fault = "姓名和注册号须成对填写"
        if fault:
            yield Hit(
                ("J7", at, "assistant_name" if any(assistant) and not any(broker) else "broker_name"),
                {"fault": fault},
            )


def _numbers(asked: Declaration) -> Iterator[tuple[int, str, str, str, str, Row]]:
    """Every person of the projects: row, code and column of the number, the number, the name, the row itself."""
    for at, person in enumerate(asked.rows("J7")):
        for code, column, name in (
            ("J7-06", "broker_registration_no", "broker_name"),
            ("J7-08", "assistant_registration_no", "assistant_name"),
        ):
            if number := person.get(column):
                yield at, code, column, number, person.get(name) or "", person


@check("person_once")
def _person_once(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first: dict[tuple[str, str], int] = {}
    for at, code, column, number, _, person in _numbers(asked):
        contract = person.get("contract_no") or ""
        if (before := first.setdefault((contract, number), at)) != at:
            words = {"contract": contract, "number": number, "first": before + 1}
            yield Hit(("J7", at, column), words, (code,))


@check("number_of_one_person")
def _number_of_one_person(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first: dict[str, tuple[int, str]] = {}
    for at, code, column, number, name, _ in _numbers(asked):
        before, called = first.setdefault(number, (at, name))
        if all_there(called, name) and called != name:
            yield Hit(("J7", at, column), {"number": number, "first": before + 1, "name": called}, (code,))


@check("shareholder_once")
def _shareholder_once(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    first: dict[str, int] = {}
    for at, holder in enumerate(asked.rows("J5")):
        if (name := holder.get("name")) and (before := first.setdefault(name, at)) != at:
            yield Hit(("J5", at, "name"), {"first": before + 1})


def _people_of_projects(asked: Declaration, listed: str, named: str) -> Iterator[Hit]:
    """Where the names in a project (`listed`) are not those of its people (`named`)."""
    if not asked.rows("J6"):
        return
    people: defaultdict[str, set[str]] = defaultdict(set)
    for person in asked.rows("J7"):
        if person.get("contract_no") and person.get(named):
            people[person["contract_no"]].add(person[named])
    for at, project in enumerate(asked.rows("J6")):
        said, found = set(project.get(listed) or ()), people.get(project.get("contract_no") or "", set())
        parts = [f"人员表缺{'、'.join(sorted(said - found))}"] if said - found else []
        parts += [f"项目表缺{'、'.join(sorted(found - said))}"] if found - said else []
        if parts:
            yield Hit(
                ("J6", at, listed),
                {"contract": project.get("contract_no") or "", "difference": "；".join(parts)},
            )


@check("brokers_of_project")
def _brokers_of_project(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _people_of_projects(asked, "brokers", "broker_name")


@check("assistants_of_project")
def _assistants_of_project(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    return _people_of_projects(asked, "assistants", "assistant_name")


# Identity papers.


@check("id_number_sound")
def _id_number_sound(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    head = asked.one("J2")
    kind, number = head.get("id_kind"), head.get("id_number")
    if all_there(kind, number):
        try:
            check_person_id(str(kind), str(number), on=asked.on)
        except IdentifierWrong as wrong:
            yield Hit(("J2", "id_number"), {"fault": wrong})


@check("id_number_birth")
def _id_number_birth(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    head = asked.one("J2")
    born = born_on(head.get("id_kind") or "", head.get("id_number") or "")
    if born and head.get("born_on") and head["born_on"] != born:
        yield Hit(("J2", "born_on"))


@check("id_number_sex")
def _id_number_sex(asked: Declaration, row: CrossCheck) -> Iterator[Hit]:
    head = asked.one("J2")
    sex = sex_of(head.get("id_kind") or "", head.get("id_number") or "")
    if sex and head.get("sex") and head["sex"] != sex:
        yield Hit(("J2", "sex"))
