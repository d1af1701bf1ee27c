"""Runs the worked cases of this folder: Chinese YAML for the regulator's eyes, one file per subject."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from fangxin.rules import Term, book, calendar
from fangxin.rules.crosschecks import evaluate
from fangxin.rules.indicator_numbers import ENDLESS
from fangxin.rules.indicators import catalogue
from fangxin.rules.reading import Granted, fields_for
from fangxin.rules.tests.declared import declaration
from fangxin.rules.workdays import weekday

HERE = Path(__file__).parent
TODAY = date(2026, 11, 22)


def cases(pattern):
    """The worked cases of the files that match, each named by its situation."""
    return [
        pytest.param(case, id=f"{path.stem}：{case['情形']}")
        for path in sorted(HERE.glob(pattern))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", cases("deadlines-*.yaml"))
def test_a_term_ends_on_the_day_the_case_says(case):
    if isinstance(case["应于"], dict):
        terms = {Term.parse(text): due_on for text, due_on in case["应于"].items()}
    else:
        terms = {Term.parse(case["期限"]): case["应于"]}
    for term, due_on in terms.items():
        due = calendar().due_day(case["起算"], term.n, term.unit)
        assert due.due_on == due_on, f"{term}：{due.summary()}"
        assert due.rolled_from == case.get("不顺延则为", due.rolled_from)
        assert due.provisional is case.get("暂定", False)
        assert set(case.get("途中", ())) <= set(due.explanation())


@pytest.mark.parametrize("case", [case for case in cases("deadlines-*.yaml") if "规则" in case.values[0]])
def test_the_rulebook_gives_the_term_of_the_case(case):
    name, key = case["规则"].split("/")
    limit = book(name).limit(key, on=case["起算"])
    assert str(limit.within) == case["期限"]
    assert limit.due_day(case["起算"], calendar()).due_on == case["应于"]
    assert limit.warning_day(case["起算"], calendar()) == case.get("预警于")
    if "方可自" in case:
        assert limit.not_before
        assert limit.first_permitted_day(case["起算"], calendar()) == case["方可自"]


@pytest.mark.parametrize("case", cases("routing-*.yaml"))
def test_a_case_takes_the_route_of_its_link(case):
    rules = book("beijing")
    route = rules.route(link=case["环节"])
    assert [to for _, to in route.hops[:-1]] == case["经过"]
    assert route.recipient("110105") == case["办理"]
    assert route.clause == case["依据"]
    assert rules.supervisor(link=case["环节"]).body == case["主管"]


@pytest.mark.parametrize("case", cases("intake-*.yaml"))
def test_a_source_is_entered_only_by_those_the_text_allows(case):
    source = book("beijing").source(case["来源"])

    def may(body):
        return source.may_be_entered_by(body.rstrip("*"), designated=body.endswith("*"))

    assert [body for body in case["可录入"] if not may(body)] == []
    assert [body for body in case["不可录入"] if may(body)] == []
    assert source.automatic is case.get("自动", False)
    assert source.presets_major == case.get("预标重大", "")


@pytest.mark.parametrize("case", cases("outcomes-*.yaml"))
def test_an_outcome_needs_its_conditions(case):
    outcome = book("beijing").outcome(case["意见"])
    assert outcome.holds(case["确认"]) is case["可提出"]
    assert (outcome.refusal(case["确认"]) == "") is case["可提出"]
    assert set(case.get("须随后", ())) <= {
        key for key, obligation in outcome.obliges.items() if obligation.modality == "应"
    }


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_weekday_in_a_comment_is_true(path):
    for day, said in re.findall(r"(\d{4}-\d\d-\d\d)\s*#\s*(星期.)", path.read_text(encoding="utf-8")):
        assert weekday(date.fromisoformat(day)) == said, day


def test_the_monthly_return_is_due_on_the_fifth_even_in_the_national_holiday():
    """TVX-11: 2015-10-05 lies in the holiday, and a fixed date does not roll."""
    rules = book("beijing")
    assert rules.value("monthly.due_day_of_month", on=TODAY).value == 5
    assert rules.value("monthly.rolls_to_working_day", on=TODAY).value is False
    assert not calendar().is_working_day(date(2015, 10, 5))


@pytest.mark.parametrize("case", cases("declaration-*.yaml"))
def test_a_declaration_is_found_fault_with_as_the_case_says(case):
    fields, given = catalogue("fujian"), declaration()
    for code, typed in case["填报"].items():
        if code == "图片":
            given["J1"]["introduction_pictures"] = typed
            continue
        table, column = code[:2], fields.field(code).column
        rows = given[table] if isinstance(given[table], list) else [given[table]]
        text, _, times = str(typed).partition("×") if typed is not None else (None, "", "")
        rows[0][column] = text * int(times) if times else ENDLESS if typed == "长期" else typed
    findings = evaluate(given, on=date(2015, 1, 8))
    assert {finding.rule: finding.severity for finding in findings} == case["发现"]
    assert case.get("提示", "") in "".join(finding.message for finding in findings)


@pytest.mark.parametrize("case", cases("disclosure-*.yaml"))
def test_a_reader_sees_what_the_case_says(case):
    fields, day = catalogue("fujian"), case.get("看的日期", TODAY)
    grant = None
    if given := case.get("授权"):
        grant = Granted(1, given["理由"], frozenset(given["栏目"]), given["自"], given["至"])
    seen = {
        field.code
        for table in fields.tables
        for field in fields_for(case["看的人"], table.code, on=day, grant=grant)
    }
    assert not seen & set(case["看不到"])
    assert set(case.get("看得到", ())) <= seen
    if case.get("都是●"):
        assert {field.code for field in fields.secret_fields()} == set(case["看不到"])
