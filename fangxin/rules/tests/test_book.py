"""A book answers with value, clause and words, and does not load when something is wrong in it."""

import re
import shutil
from datetime import date

import pytest

from fangxin.rules import NoRowMatches, Rulebook, RulebookBroken, RuleUnknown, Unit, book
from fangxin.rules.bodies import body_code, function_of
from fangxin.rules.reader import rulebook_folder
from fangxin.rules.tests.rulebooks import HEAD, LIMIT, write

TODAY = date(2026, 11, 22)
BEIJING = book("beijing")
FUJIAN = book("fujian")


def test_a_limit_comes_with_its_clause_and_words():
    limit = BEIJING.limit("company_reply", on=TODAY)
    assert (limit.n, limit.unit, limit.clause, limit.source) == (
        3,
        Unit.WORKING_DAY,
        "二(四)",
        "beijing-procedure",
    )
    assert limit.quote == "3个工作日内进行网上回复"
    assert limit.starts_from is None


@pytest.mark.parametrize(
    ("key", "within"),
    [
        ("company_reply", "3个工作日"),
        ("company_written_reply", "3个工作日"),
        ("offline_reply", "3日"),
        ("offline_rectification", "15日"),
        ("handling_opinion", "10个工作日"),
        ("ordered_rectification", "15日"),
        ("joint_investigation_internal", "10个工作日"),
        ("joint_investigation_external", "10日"),
    ],
)
def test_the_limits_of_beijing(key, within):
    limit = BEIJING.limit(key, on=TODAY)
    assert limit in BEIJING.limits(on=TODAY)
    assert str(limit.within) == within


def test_the_contradiction_about_joint_investigation_is_kept():
    limit = BEIJING.limit("joint_investigation_internal", on=TODAY)
    assert str(limit.warn) == "10日"
    assert [(other.clause, str(other.within)) for other in limit.against] == [("二(六)4", "10日")]


def test_the_departures_from_the_handling_opinion_are_kept():
    assert [way.title for way in BEIJING.limit("handling_opinion", on=TODAY).departures] == [
        "延长办理时限",
        "部门另有规定",
    ]


def test_a_value_is_asked_for_by_file_and_name():
    value = BEIJING.value("triage.apply_certainty", on=TODAY)
    assert 0 < value.value < 1
    assert value.ours
    assert value.quote == ""
    assert BEIJING.value("deadlines.remind_after", on=TODAY).value == (1, 3, 5)


def test_an_unknown_rule_is_told_what_there_is():
    with pytest.raises(RuleUnknown, match="没有期限“reply”；现有：company_reply、"):
        BEIJING.limit("reply", on=TODAY)
    with pytest.raises(RuleUnknown, match=re.escape("没有取值“triage.certainty”")):
        BEIJING.value("triage.certainty", on=TODAY)
    with pytest.raises(RuleUnknown, match="没有案件来源“fax”；现有：hotline、web"):
        BEIJING.source("fax")
    with pytest.raises(RuleUnknown, match="没有处理意见“lost”"):
        BEIJING.outcome("lost")
    with pytest.raises(NoRowMatches, match="案件分拣：没有适用于 link=none 的规定"):
        BEIJING.route(link="none")


def test_the_six_routes():
    assert {route.link: route.send_to for route in BEIJING.routes} == {
        "trading": "district.market",
        "brokerage": "district.brokerage",
        "development": "district.development",
        "appraisal": "city.market",
        "property": "district.property",
        "surveying": "city.surveying",
    }
    assert [route.label for route in BEIJING.routes] == [
        "交易类",
        "经纪类",
        "开发类",
        "评估类",
        "物业类",
        "测绘类",
    ]
    assert {row.link for row in BEIJING.routes} == {row.when["link"] for row in BEIJING.supervisors}


def test_property_goes_by_way_of_the_guidance_centre():
    assert BEIJING.route(link="property").hops == (
        ("city.research_centre", "city.property_guidance"),
        ("city.property_guidance", "district.property"),
    )


def test_a_route_to_a_district_needs_the_district():
    assert BEIJING.route(link="appraisal").recipient(None) == "city.market"
    with pytest.raises(ValueError, match="请先选定区县"):
        BEIJING.route(link="trading").recipient(None)


def test_every_body_has_a_code_a_name_and_a_function():
    bodies = {body.code: body for body in BEIJING.bodies}
    assert len(bodies) == len(BEIJING.bodies) == 8 + 17 * 4
    chaoyang = bodies["district.110105.brokerage"]
    assert (chaoyang.name, chaoyang.function, chaoyang.district) == (
        "朝阳区经纪机构管理部门",
        "district.brokerage",
        "110105",
    )
    assert "district.110302.market" in bodies
    assert all(function_of(body.code) == body.function for body in BEIJING.bodies)
    assert all(body_code(body.function, body.district) == body.code for body in BEIJING.bodies)


def test_a_body_may_do_what_the_document_gives_it():
    bodies = {body.code: body for body in BEIJING.bodies}
    assert bodies["city.research_centre"].may("call_back")
    assert bodies["district.110101.market"].may("accept")
    assert not bodies["city.emergency"].may("sort")
    assert bodies["city.brigade"].inside
    assert not bodies["district.110101.market"].inside


def test_the_sources_of_cases():
    assert [source.key for source in BEIJING.sources] == [
        "hotline",
        "web",
        "media",
        "routine",
        "referred",
        "supervised",
        "district",
    ]
    assert [source.key for source in BEIJING.sources if source.automatic] == ["web"]
    assert [source.key for source in BEIJING.sources if not source.complainant] == ["media", "routine"]


def test_the_outcomes_say_what_is_lacking():
    answered = BEIJING.outcome("answered")
    assert answered.refusal({"no_violation_found"}) == ""
    assert BEIJING.outcome("civil_dispute").refusal(()) == (
        "处理意见“民事纠纷”：依二(六)2，须确认 “投诉举报的是双方的民事纠纷”、“经办部门无法判定责任”"
    )
    gravity = BEIJING.value("outcomes.gravity", on=TODAY).value
    assert set(gravity) == {outcome.key for outcome in BEIJING.outcomes}


def test_the_rest_of_the_book():
    assert [ground.key for ground in BEIJING.major_grounds] == [
        "instructed",
        "several_departments",
        "public_reaction",
        "cross_region",
    ]
    assert {form.limit for form in BEIJING.forms} == {
        "joint_investigation_internal",
        "joint_investigation_external",
    }
    assert {row.key: (row.from_, row.to) for row in BEIJING.monthly_returns}["sales"] == (
        "district.market",
        "city.market",
    )
    assert [section.title for section in BEIJING.monthly_sections] == [
        "监管工作的开展情况",
        "案件查处情况",
        "典型案例",
    ]
    assert BEIJING.return_reasons[0].title == "超出本部门业务范围"
    assert BEIJING.refusal_reasons[0].title == "无效投诉"
    assert [(answer.title, answer.weight) for answer in BEIJING.callback_answers] == [
        ("满意", 1.0),
        ("基本满意", 0.9),
        ("不满意", 0.0),
    ]
    assert len(BEIJING.districts) == 17
    assert "return_or_refuse" in {provision.key for provision in BEIJING.provisions}


def test_everything_that_refers_to_a_limit_names_one_that_exists():
    limits = {limit.key for limit in BEIJING.limits(on=TODAY)}
    named = {form.limit for form in BEIJING.forms} | {
        obligation.limit
        for outcome in BEIJING.outcomes
        for obligation in outcome.obliges.values()
        if obligation.limit
    }
    assert named <= limits
    presets = {source.presets_major for source in BEIJING.sources if source.presets_major}
    assert presets <= {ground.key for ground in BEIJING.major_grounds}


def test_the_catalogue_of_violations():
    violations = book("national").violations
    assert {violation.link for violation in violations} == {route.link for route in BEIJING.routes}
    assert len({violation.code for violation in violations}) == len(violations)
    assert {violation.class_ for violation in violations} <= {"轻微", "一般", "严重"}
    assert all(violation.words and violation.basis for violation in violations)


def test_fujian_has_its_own_terms_and_no_cases():
    assert FUJIAN.limit("publication_notice", on=TODAY).not_before
    assert FUJIAN.routes == FUJIAN.sources == ()
    assert FUJIAN.value("deadlines.remind_before", on=TODAY).value == 3


def test_fujian_has_three_bodies_of_the_province_ten_cities_and_the_counties():
    bodies = {body.code: body for body in FUJIAN.bodies}
    assert len(bodies) == len(FUJIAN.bodies) == 3 + 10 + 82
    assert [body.code for body in FUJIAN.bodies if body.level == "province"] == [
        "province.housing",
        "province.information_centre",
        "province.committee",
    ]
    assert len([body for body in bodies.values() if body.level == "city"]) == 10
    gulou = bodies["district.350102.housing"]
    assert (gulou.name, gulou.level, gulou.parent) == (
        "福州市鼓楼区房地产行政主管部门",
        "district",
        "city.350100.housing",
    )
    assert all(body.parent in bodies for body in bodies.values() if body.parent)
    assert all(function_of(body.code) == body.function for body in FUJIAN.bodies)


def test_jinmen_has_no_department_and_pingtan_one_of_its_own():
    places = [body.district for body in FUJIAN.bodies]
    assert "350527" not in places
    assert places.count("350128") == 1
    assert FUJIAN.reviewer("350128", "350128").name == "平潭综合实验区房地产行政主管部门"


@pytest.mark.parametrize(
    ("city", "county", "code"),
    [
        ("350100", "350102", "district.350102.housing"),
        ("350100", "", "city.350100.housing"),
        ("350500", "350527", "city.350500.housing"),
        ("350128", "", "city.350128.housing"),
    ],
)
def test_the_county_reviews_and_the_city_where_the_county_has_no_department(city, county, code):
    assert FUJIAN.reviewer(city, county).code == code


def test_a_place_without_a_department_has_no_reviewer():
    with pytest.raises(RuleUnknown, match="没有审核“440100”的部门"):
        FUJIAN.reviewer("440100")


def test_the_committee_prepares_and_does_not_decide():
    bodies = {body.code: body for body in FUJIAN.bodies}
    committee, centre = bodies["province.committee"], bodies["province.information_centre"]
    assert committee.may("prepare")
    assert committee.may("precheck")
    assert not committee.may("review")
    assert not committee.may("consent_to_withdrawal")
    assert set(centre.duties) == {"operate"}
    assert bodies["city.350100.housing"].may("give_filing_opinion")
    assert not bodies["district.350102.housing"].may("give_filing_opinion")
    assert {body.level for body in FUJIAN.bodies if body.may("review")} == {"city", "district"}


def test_what_an_agency_declares_and_in_what_order():
    assert [table.key for table in FUJIAN.declared_tables] == ["J1", "J2", "J5", "J6", "J7", "J8"]
    assert FUJIAN.declared_tables[-1].fields == ("J8-03",)
    assert [table.key for table in FUJIAN.declared_tables if table.may_be_empty] == ["J5", "J6", "J7"]
    assert {one.key: one.grantable for one in FUJIAN.information_classes} == {
        "P": False,
        "A": True,
        "K": False,
    }
    assert [ground.key for ground in FUJIAN.query_grounds] == ["official_duty", "court_order", "consent"]


def test_a_book_is_read_once():
    assert book("beijing") is BEIJING


def test_the_version_changes_with_any_word_and_with_nothing_else(tmp_path):
    copy = shutil.copytree(rulebook_folder() / "beijing", tmp_path / "beijing")
    assert re.fullmatch(r"[0-9a-f]{12}", BEIJING.version)
    assert Rulebook("beijing", copy).version == BEIJING.version
    with (copy / "deadlines.yaml").open("a") as file:
        file.write("# 一个注释\n")
    assert Rulebook("beijing", copy).version != BEIJING.version


def test_another_rulebook_may_be_used(tmp_path, monkeypatch):
    monkeypatch.setenv("FANGXIN_RULEBOOK", str(tmp_path))
    write(tmp_path, "tiny/deadlines.yaml", HEAD + LIMIT)
    assert book("tiny").limit("company_reply", on=TODAY).title == "企业网上回复"
    with pytest.raises(RulebookBroken, match="没有“beijing”这一册"):
        book("beijing")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("terms.yaml", HEAD, "不认识的文件；规则库的文件有：intake、"),
        ("deadlines.yaml", HEAD + "terms: {}\n", "第3行：不认识的键“terms”"),
        ("routing.yaml", HEAD + "hit: first\n", "hit 只能是 unique"),
        ("deadlines.yaml", HEAD + "limits: 无\n", "limits 应当是“键: 值”的形式"),
        (
            "deadlines.yaml",
            HEAD + "limits:\n  company_reply: 3日\n",
            "第4行：“company_reply”应当是“键: 值”的形式",
        ),
        ("violations.yaml", HEAD + "violations: [擅自预售]\n", "violations 的每一项应当是"),
        ("deadlines.yaml", "source: beijing-procedure\n" + LIMIT, "第8行：缺少“checked_on”"),
    ],
)
def test_a_broken_file_stops_the_reading(tmp_path, name, text, why):
    write(tmp_path, name, text)
    with pytest.raises(RulebookBroken, match=why):
        Rulebook("broken", tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (
            "routing.yaml",
            "when: {link: brokerage}",
            "when: {link: trading}",
            "trading 与 brokerage 会同时适用",
        ),
        (
            "routing.yaml",
            "send_to: city.surveying",
            "send_to: city.survey",
            "surveying 提到的“city.survey”不在",
        ),
        ("intake.yaml", "city.emergency]", "city.emergencies]", "hotline 提到的“city.emergencies”不在"),
        ("outcomes.yaml", "- [verified]", "- [proven]", "holds_when 提到的“proven”不在 conditions 里"),
    ],
)
def test_rules_that_contradict_one_another_stop_the_reading(tmp_path, file, old, new, why):
    copy = shutil.copytree(rulebook_folder() / "beijing", tmp_path / "beijing")
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookBroken, match=why):
        Rulebook("beijing", copy)
