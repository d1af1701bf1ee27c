"""What must agree is found where it does not, and nowhere else."""

import copy
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxin.rules import book
from fangxin.rules.crosschecks import Known, Registered, Severity, blocking, evaluate, without_function
from fangxin.rules.identifiers import IdentifierWrong
from fangxin.rules.indicator_numbers import SHANGHAI
from fangxin.rules.indicators import catalogue
from fangxin.rules.person_ids import born_on, check_person_id, sex_of
from fangxin.rules.tests.declared import AGENCY, ON, declaration

FUJIAN = book("fujian")
CODE = "91350100M000100Y43"


def found(on=ON, known=None, **tables):
    return evaluate(declaration(**tables), on=on, known=known)


def rules(findings):
    return [(finding.rule, finding.severity.value) for finding in findings]


def test_every_check_of_the_rulebook_has_its_function_and_no_function_is_idle():
    assert without_function(FUJIAN) == set()


def test_every_rule_of_the_list_is_there_and_the_one_that_is_never_asked():
    asked = {row.rule for row in FUJIAN.cross_checks}
    never = {row.rule for row in FUJIAN.never_asked}
    assert never == {"XV-04"}
    assert asked | never >= {f"XV-{n:02}" for n in range(1, 27)}
    assert not asked & never


def test_every_check_names_indicators_that_exist():
    for row in (*FUJIAN.cross_checks, *FUJIAN.never_asked):
        for code in row.codes:
            assert catalogue().field(code)


def test_a_declaration_in_which_all_agrees_has_no_finding():
    assert found() == []


def test_an_empty_declaration_has_none_and_a_draft_with_gaps_only_what_it_must_have():
    assert evaluate({}, on=ON) == []
    assert [finding.rule for finding in evaluate({"J1": {}, "J2": {}, "J5": [], "J8": {}}, on=ON)] == [
        "XV-21"
    ]


# Each: what is spoilt, and the findings: rule, severity, codes, path, part of the message.
SPOILT = [
    ({"J1": {"full_time_broker_count": 6}}, "XV-01", "block", "J1-20-01 J1-20", ("J1", "full_time_broker_count"), "专职房地产经纪人6人，多于房地产经纪人总数5人"),
    ({"J1": {"mid_title_count": 8}}, "XV-02", "block", "J1-22-01 J1-22-02 J1-22", ("J1", "mid_title_count"), "合计9人，多于机构总人数8人"),
    ({"J1": {"staff_count": 3}}, "XV-03", "block", "J1-20-01 J1-22", ("J1", "full_time_broker_count"), "专职房地产经纪人4人，多于机构总人数3人"),
    ({"J1": {"shareholder_count": 3}}, "XV-05", "warn", "J1-23 J5-03 J2-21", ("J1", "shareholder_count"), "填3人，其他股东表有1张，法定代表人出资，合计2人"),
    ({"J2": {"invested_percent": Decimal("60.5")}}, "XV-06", "block", "J2-22 J5-09", ("J2", "invested_percent"), "合计100.5%，超过100%"),
    ({"J2": {"invested_percent": Decimal(50)}}, "XV-06", "warn", "J2-22 J5-09", ("J2", "invested_percent"), "合计90%，不足100%"),
    ({"J1": {"registered_capital": Decimal("1000.5")}}, "XV-07", "warn", "J2-21 J5-08 J1-14", ("J1", "registered_capital"), "合计500万元，注册资本1000.5万元"),
    ({"J1": {"legal_representative": "陈晨"}}, "XV-08", "block", "J1-17 J2-03", ("J2", "name"), "姓名不同"),
    ({"J5": {"agency_name": "福州别家房产"}}, "XV-09", "block", "J5-01 J1-01", ("J5", 0, "agency_name"), "与J1填写的机构名称不同"),
    ({"J8": {"agency_code": "91350200MA00000235"}}, "XV-09", "block", "J8-02 J1-02", ("J8", "agency_code"), "与J1填写的法人代码不同"),
    ({"J1": {"registered_on": date(2030, 5, 6), "filed_on": None}}, "XV-10", "block", "J1-15 J1-16", ("J1", "licence_expires_on"), "到期日2030-05-05早于工商注册日期2030-05-06"),
    ({"J1": {"filed_on": date(2010, 5, 5)}}, "XV-10", "warn", "J1-15 J1-18", ("J1", "filed_on"), "2010-05-05早于工商注册日期2010-05-06"),
    ({"J1": {"changed_or_cancelled_on": date(2010, 5, 31), "changed_or_cancelled": "变更"}}, "XV-10", "warn", "J1-18 J1-19", ("J1", "changed_or_cancelled_on"), "2010-05-31早于办理备案手续日期2010-06-01"),
    ({"J1": {"licence_expires_on": date(2015, 1, 7)}}, "XV-11", "warn", "J1-16", ("J1", "licence_expires_on"), "已于2015-01-07到期"),
    ({"J1": {"changed_or_cancelled_on": date(2014, 5, 31)}}, "XV-29", "block", "J1-19 J1+02", ("J1", "changed_or_cancelled"), "请选择是变更还是注销"),
    ({"J2": {"id_number": "110105194912310021"}}, "XV-15", "block", "J2-07 J2-08", ("J2", "id_number"), "第18位校验码应为X，填的是1"),
    ({"J2": {"id_kind": "护照", "id_number": "E(1)"}}, "XV-15", "block", "J2-07 J2-08", ("J2", "id_number"), "护照号码由数字、字母组成"),
    ({"J2": {"born_on": date(1950, 1, 1)}}, "XV-15", "block", "J2-09 J2-08", ("J2", "born_on"), "与身份证号码第7至14位不同"),
    ({"J2": {"sex": "1"}}, "XV-15", "warn", "J2-04 J2-08", ("J2", "sex"), "与身份证号码第17位不同"),
    ({"J1": {"introduction": "介" * 801}}, "XV-16", "block", "J1-25", ("J1", "introduction"), "不得超过800字，现有801字"),
    ({"J1": {"introduction_pictures": ["a", "b", "c"]}}, "XV-16", "block", "J1-25", ("J1", "introduction_pictures"), "图片不得超过2张，现有3张"),
    ({"J1": {"association_standing": "荣誉会员"}}, "XV-17", "block", "J1-24", ("J1", "association_standing"), "“荣誉会员”不在可选的范围内"),
    ({"J6": {"purpose": "房地产抵押"}}, "XV-17", "block", "J6-04", ("J6", 0, "purpose"), "“房地产抵押”不在可选的范围内"),
    ({"J1": {"email": "office"}}, "XV-21", "block", "J1-09", ("J1", "email"), "没有可用的电子信箱"),
    ({"J1": {"county": "350203"}}, "XV-27", "block", "J1+01 J1-03", ("J1", "county"), "“思明区”不在福州市"),
    ({"J1": {"county": "350128"}}, "XV-27", "block", "J1+01 J1-03", ("J1", "county"), "“平潭县”不在福州市"),
    ({"J5": {"sex": None}}, "XV-28", "block", "J5-04", ("J5", 0, "sex"), "自然人股东须填写性别"),
]  # fmt: skip


@pytest.mark.parametrize("case", SPOILT, ids=lambda case: case[4][-1])
def test_what_does_not_agree_is_found_by_code_with_the_way_to_it(case):
    spoilt, rule, severity, codes, path, said = case
    (finding,) = found(**spoilt)
    assert (finding.rule, finding.severity, finding.codes) == (rule, severity, tuple(codes.split()))
    assert finding.path == path
    assert finding.message.startswith(f"{'、'.join(finding.codes)}：")
    assert finding.message.endswith("。")
    assert said in finding.message
    assert finding.blocks is (severity == "block")


AGREEING = [
    {"J1": {"broker_count": 12, "full_time_broker_count": 5, "assistant_count": 30, "staff_count": 8}},
    {"J1": {"full_time_broker_count": 5, "staff_count": 5, "mid_title_count": 5, "senior_title_count": 0}},
    {"J1": {"shareholder_count": 1}, "J2": {"invested": None, "invested_percent": None}, "J5": {"invested": Decimal(500), "invested_percent": Decimal(100)}},
    {"J2": {"invested_percent": Decimal("66.6667")}, "J5": {"invested_percent": Decimal("33.3333")}},
    {"J1": {"legal_representative": "刘 洋"}},
    {"J5": {"agency_name": "福州诚信房地产经纪 有限公司"}},
    {"J1": {"licence_expires_on": date.max}},
    {"J1": {"licence_expires_on": ON}},
    {"J1": {"filed_on": date(2010, 5, 6)}},
    {"J2": {"id_kind": "护照", "id_number": "E12345678", "sex": "1", "born_on": date(1950, 1, 1)}},
    {"J1": {"introduction_pictures": 2}},
    {"J1": {"association_standing": None}},
    {"J1": {"city": "350128", "county": "350128"}},
    {"J5": {"holder_kind": "企业或者其他组织", "sex": None, "nationality": None}},
]  # fmt: skip


@pytest.mark.parametrize("changed", AGREEING)
def test_what_may_be_so_is_not_found_fault_with(changed):
    assert found(**changed) == []


def test_brokers_and_assistants_may_outnumber_the_staff():
    """XV-04, TVX-14: J1-20 counts part-time brokers, J1-22 does not."""
    findings = found(J1={"broker_count": 12, "full_time_broker_count": 5, "staff_count": 8})
    assert findings == []


@settings(max_examples=300, deadline=None)
@given(*(st.integers(0, 30) for _ in range(5)))
def test_the_head_counts_are_blocked_exactly_when_a_part_exceeds_its_whole(
    brokers, full_time, staff, middle, senior
):
    findings = evaluate(
        {"J1": {"broker_count": brokers, "full_time_broker_count": full_time, "staff_count": staff,
                "mid_title_count": middle, "senior_title_count": senior, "email": "a@example.cn"}},
        on=ON,
    )  # fmt: skip
    expected = [
        ("XV-01", full_time > brokers),
        ("XV-02", middle + senior > staff),
        ("XV-03", full_time > staff),
    ]
    assert {finding.rule for finding in findings} == {rule for rule, broken in expected if broken}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10), st.integers(0, 10), st.booleans())
def test_the_shareholders_are_those_listed_and_the_representative_if_he_invests(said, listed, invests):
    share = Decimal(100) / (listed + invests) if listed + invests else None
    given_ = {
        "J1": {"shareholder_count": said, "email": "a@example.cn"},
        "J2": {"invested_percent": share if invests else None},
        "J5": [{"name": "陈晨", "invested_percent": share, "holder_kind": "企业或者其他组织"}] * listed,
    }
    assert ("XV-05" in {finding.rule for finding in evaluate(given_, on=ON)}) is (said != listed + invests)


class TestProjectsAndPeople:
    def test_a_contract_appears_once(self):
        given_ = declaration()
        given_["J6"].append(copy.deepcopy(given_["J6"][0]))
        (finding,) = evaluate(given_, on=ON)
        assert (finding.key, finding.path) == ("contract_once", ("J6", 1, "contract_no"))
        assert "“2014-001”在第1个项目已经填过" in finding.message

    def test_the_contract_of_a_person_is_one_of_the_projects(self):
        findings = found(J7={"contract_no": "2014-002"})
        assert [finding.key for finding in findings] == ["contract_known", "brokers_of_project"]
        assert findings[0].path == ("J7", 0, "contract_no")
        assert "“2014-002”不在项目表里" in findings[0].message

    def test_the_name_of_the_project_is_that_of_the_contract(self):
        (finding,) = found(J7={"project_name": "另一个项目"})
        assert (finding.key, finding.codes) == ("project_of_contract", ("J7-04", "J6-01"))

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ({"assistant_name": "李强", "assistant_registration_no": "35202000001"}, "请分两行填写"),
            ({"broker_name": None, "broker_registration_no": None}, "没有填写人员"),
            ({"broker_registration_no": None}, "姓名和注册号须成对填写"),
            ({"broker_name": None}, "姓名和注册号须成对填写"),
        ],
    )
    def test_a_row_holds_one_person_whole(self, row, said):
        first = next(finding for finding in found(J7=row) if finding.rule == "XV-13")
        assert first.codes == ("J7-05", "J7-06", "J7-07", "J7-08")
        assert said in first.message
        assert first.blocks

    @pytest.mark.parametrize(
        ("again", "said"),
        [
            ({"broker_name": "赵刚"}, "注册号35201000002在第1行是“张敏”的，两处姓名不同"),
            (
                {"broker_name": None, "broker_registration_no": None, "assistant_name": "赵刚", "assistant_registration_no": "35201000002"},
                "注册号35201000002在第1行是“张敏”的",
            ),
            ({}, ""),
        ],
        ids=["another broker", "an assistant", "the same person"],
    )  # fmt: skip
    def test_a_number_is_one_persons_in_all_projects(self, again, said):
        given_ = declaration()
        given_["J6"].append({**given_["J6"][0], "contract_no": "2014-002"})
        given_["J7"].append({**given_["J7"][0], "contract_no": "2014-002", **again})
        found = [finding for finding in evaluate(given_, on=ON) if finding.key == "number_of_one_person"]
        assert [(one.rule, one.severity, one.path[:2]) for one in found] == (
            [("XV-13", "block", ("J7", len(given_["J7"]) - 1))] if said else []
        )
        assert all(said in one.message for one in found)

    def test_the_people_of_a_project_are_those_it_names(self):
        findings = found(J6={"brokers": ("张敏", "赵刚"), "assistants": None})
        assert rules(findings) == [("XV-14", "warn")] * 2
        assert findings[0].message == (
            "J6-08、J7-05：合同“2014-001”的房地产经纪人与人员表不同：人员表缺赵刚，请核对。"
        )
        assert findings[1].path == ("J6", 0, "assistants")
        assert "项目表缺李强" in findings[1].message


class TestWhatOthersKnow:
    registered = {
        "35201000001": Registered("刘洋", CODE, full_time=True),
        "35201000002": Registered("张敏", CODE, full_time=True),
        "35202000001": Registered("李强", CODE, assistant=True, full_time=True),
    }
    own = {"broker_count": 2, "full_time_broker_count": 2, "assistant_count": 1}

    def test_what_has_not_been_imported_is_not_compared(self):
        assert found(known=Known()) == []

    def test_numbers_and_counts_that_agree_are_in_order(self):
        assert found(known=Known(registered=self.registered), J1=self.own) == []

    @pytest.mark.parametrize(
        ("registered", "said"),
        [
            (None, "“35201000002”不在从业管理信息里"),
            (Registered("赵刚", CODE, full_time=True), "在从业管理信息里是另一人的"),
            (Registered("张敏", "91350200MA00000235", full_time=True), "登记在另一家机构"),
        ],
    )
    def test_a_registration_number_is_looked_up(self, registered, said):
        register = {**self.registered, "35201000002": registered}
        if registered is None:
            del register["35201000002"]
        findings = found(known=Known(registered=register), J1=self.own)
        (first,) = [finding for finding in findings if finding.rule == "XV-19"]
        assert (first.codes, first.path) == (("J7-06",), ("J7", 0, "broker_registration_no"))
        assert said in first.message
        assert first.severity is Severity.WARN

    def test_the_counts_are_compared_with_the_register(self):
        findings = found(known=Known(registered=self.registered))
        assert {(finding.codes[0], finding.severity) for finding in findings} == {
            ("J1-20", "warn"),
            ("J1-20-01", "warn"),
            ("J1-21", "warn"),
        }
        assert "填5人，从业管理信息中本机构有房地产经纪人2人" in findings[0].message

    def test_full_time_is_compared_only_where_the_register_knows_it(self):
        register = {
            number: Registered(one.name, CODE, one.assistant) for number, one in self.registered.items()
        }
        assert found(known=Known(registered=register), J1=self.own | {"full_time_broker_count": 1}) == []

    def test_an_organisation_code_is_the_same_agency_as_the_code_it_lies_in(self):
        register = {number: Registered(one.name, "M000100Y-4", one.assistant, one.full_time)
                    for number, one in self.registered.items()}  # fmt: skip
        assert found(known=Known(registered=register), J1=self.own) == []

    def test_what_differs_from_the_filing_is_shown_beside_it(self):
        filing = {"J1": {"name": "福州诚信 房地产经纪有限公司", "legal_code": "M000100Y-4", "registered_capital": Decimal(300),
                         "registration_type": "159", "filed_on": None}, "J2": {"name": "刘洋"}}  # fmt: skip
        findings = found(known=Known(filing=filing))
        assert [(finding.rule, finding.codes) for finding in findings] == [
            ("XV-20", ("J1-11",)),
            ("XV-20", ("J1-14",)),
        ]
        assert findings[0].message == "J1-11：填“私营有限责任公司”，备案为“其他有限责任公司”，请核对。"
        assert "填“500万元”，备案为“300万元”" in findings[1].message
        assert blocking(findings) == []


class TestRecordsAndComplaints:
    award = {
        "award": "先进单位", "awarded_on": date(2014, 12, 1), "awarded_by": "福建省住房和城乡建设厅", "level": "省",
        "body_kind": "行业主管部门", "subject": "机构", "attachments": 1, **AGENCY,
    }  # fmt: skip

    def test_a_good_record_with_its_material_is_in_order(self):
        assert evaluate({"J3": [self.award]}, on=ON) == []

    @pytest.mark.parametrize(
        ("spoilt", "rule", "codes"),
        [
            ({"attachments": 0}, "XV-22", ("J3-03",)),
            ({"level": "县"}, "XV-22", ("J3+01",)),
            ({"level": None}, "XV-22", ("J3+01",)),
            ({"body_kind": "媒体"}, "XV-22", ("J3+02",)),
            ({"subject": "经纪人员"}, "XV-22", ("J3+04",)),
            ({"awarded_on": date(2015, 1, 9)}, "XV-23", ("J3-05",)),
        ],
    )
    def test_a_good_record_without_level_material_or_with_a_day_to_come_is_refused(self, spoilt, rule, codes):
        (finding,) = evaluate({"J3": [self.award | spoilt]}, on=ON)
        assert (finding.rule, finding.codes, finding.blocks) == (rule, codes, True)

    @pytest.mark.parametrize(
        ("served", "published", "refused"),
        [
            (None, date(2015, 3, 13), True),
            (date(2015, 3, 2), date(2015, 3, 11), True),
            (date(2015, 3, 2), date(2015, 3, 12), True),
            (date(2015, 3, 2), date(2015, 3, 13), False),
            (date(2015, 3, 2), None, False),
        ],
    )
    def test_a_bad_record_is_published_only_after_ten_days_notice(self, served, published, refused):
        record = {"matter": "无照经营", "notice_served_on": served, "published_on": published}
        assert [finding.rule for finding in evaluate({"J4": [record]}, on=ON)] == ["XV-25"] * refused

    def test_a_bad_record_decided_in_the_future_is_refused(self):
        (finding,) = evaluate({"J4": [{"decided_on": ON + timedelta(days=1)}]}, on=ON)
        assert (finding.rule, finding.codes) == ("XV-23", ("J4-04",))

    def test_an_answer_belongs_to_a_complaint_and_follows_it(self):
        received = datetime(2015, 1, 5, 9, 0, tzinfo=SHANGHAI)
        complaint = {"number": "JG000001", "received_at": received, "respondent_kind": "房地产经纪机构"}
        answer = {"complaint_number": "JG000001", "answered_at": received}
        assert evaluate({"T1": [complaint], "T2": [answer]}, on=ON) == []
        assert evaluate({"T2": [answer]}, on=ON, known=Known(complaints={"JG000001": received})) == []
        (unknown,) = evaluate({"T2": [answer]}, on=ON)
        assert (unknown.rule, unknown.path) == ("XV-18", ("T2", 0, "complaint_number"))
        early = answer | {"answered_at": received - timedelta(minutes=1)}
        (before,) = evaluate({"T1": [complaint], "T2": [early]}, on=ON)
        assert before.codes == ("T2-02", "T1-13")

    def test_a_complaint_is_of_one_of_the_four_kinds(self):
        (finding,) = evaluate({"T1": [{"number": "JG000001", "respondent_kind": "个人"}]}, on=ON)
        assert (finding.rule, finding.codes) == ("XV-17", ("T1-11",))


class TestSecretsInPublicWords:
    @pytest.mark.parametrize(
        ("spoilt", "where", "secret"),
        [
            ({"J6": {"project_name": "王先生（139-0013-9000）租房"}}, ("J6", 0, "project_name"), "J6-13"),
            (
                {"J6": {"fee_and_payment": "联系１３９００１３９０００付款"}},
                ("J6", 0, "fee_and_payment"),
                "J6-13",
            ),
            ({"J1": {"introduction": "客户电话139 0013 9000"}}, ("J1", "introduction"), "J6-13"),
            ({"J1": {"introduction": "法定代表人身份证11010519491231002x"}}, ("J1", "introduction"), "J2-08"),
            ({"J8": {"application_opinion": "13900139000"}}, ("J8", "application_opinion"), "J6-13"),
        ],
    )
    def test_somebody_elses_number_in_a_public_text_is_refused(self, spoilt, where, secret):
        (finding,) = [finding for finding in found(**spoilt) if finding.rule == "XV-26"]
        assert (finding.path, finding.codes[1], finding.blocks) == (where, secret, True)

    @pytest.mark.parametrize(
        ("spoilt", "secret"),
        [
            ({"J6": {"project_name": "王小明名下房屋出租"}}, "J6-10"),
            ({"J6": {"service_standard": "在福州市台江区 工业路100号看房"}}, "J6-11"),
            ({"J1": {"introduction": "热线0591 8765 4321"}}, "J1-07"),
            ({"J1": {"introduction": "来信 OFFICE@chengxin.example"}}, "J1-09"),
        ],
    )
    def test_a_marked_name_address_or_number_of_ones_own_is_pointed_out(self, spoilt, secret):
        spoilt = {**spoilt, **({"J7": []} if "J6" in spoilt else {})}
        findings = [finding for finding in found(**spoilt) if finding.rule == "XV-26"]
        assert [(finding.codes[1], finding.severity) for finding in findings] == [(secret, "warn")]

    def test_a_project_is_not_searched_for_the_clients_of_others(self):
        given_ = declaration()
        other = copy.deepcopy(given_["J6"][0]) | {
            "project_name": "王小明大厦", "contract_no": "2014-009", "client_name": "陈先生", "brokers": None, "assistants": None,
        }  # fmt: skip
        given_["J6"].append(other)
        assert [finding.rule for finding in evaluate(given_, on=ON)] == []

    def test_an_agency_that_gives_its_own_number_for_a_clients_is_only_warned(self):
        findings = found(J6={"client_telephone": "0591-87654321"}, J1={"introduction": "热线0591-87654321"})
        assert [(finding.codes[1], finding.severity) for finding in findings] == [("J1-07", "warn")]

    def test_the_message_does_not_repeat_the_secret(self):
        (finding,) = found(J1={"introduction": "客户电话13900139000"})
        assert "13900139000" not in finding.message


@pytest.mark.parametrize(
    ("kind", "number", "why"),
    [
        ("居民身份证", "11010519491231002X", ""),
        ("居民身份证", "110105194912310021", "校验码"),
        ("护照", "E12345678", ""),
        ("护照", "E(12)", "5至17位"),
        ("港澳居民来往内地通行证", "H12345678", ""),
        ("港澳居民来往内地通行证", "C12345678", "以H或M开头"),
        ("台湾居民来往大陆通行证", "12345678", ""),
        ("台湾居民来往大陆通行证", "1234", "8位数字"),
        ("港澳台居民居住证", "810000199408230021", ""),
        ("港澳台居民居住证", "11010519491231002X", "以810000"),
        ("外国人永久居留身份证", "ABC123456789012", ""),
        ("军官证", "军字第1号", ""),
    ],
)
def test_the_number_of_a_paper_has_the_form_of_that_paper(kind, number, why):
    if why:
        with pytest.raises(IdentifierWrong, match=why):
            check_person_id(kind, number, on=ON)
    else:
        assert check_person_id(kind, number, on=ON) == number


def test_only_a_resident_number_tells_birth_and_sex():
    assert born_on("居民身份证", "11010519491231002X") == date(1949, 12, 31)
    assert sex_of("居民身份证", "11010519491231002X") == "2"
    assert born_on("护照", "E12345678") is None
    assert sex_of("居民身份证", "110105194912310021") == ""


def test_a_message_begins_where_the_codes_end_and_leaves_the_full_stop_to_the_platform():
    for row in FUJIAN.cross_checks:
        assert not row.message.startswith(tuple(row.codes)), row.key
        assert not row.message.endswith("。"), row.key


KINDS = {
    "integer": st.integers(0, 50), "money_wan": st.decimals(0, 1000, places=2),
    "percent": st.decimals(0, 100, places=2), "date": st.dates(date(1990, 1, 1), date(2020, 1, 1)),
    "people": st.lists(st.sampled_from(["张敏", "李强"]), max_size=2).map(tuple),
}  # fmt: skip
WORDS = st.sampled_from(["张敏", "2014-001", "1", "", CODE, "350100"])
ROWS = {
    table.code: st.fixed_dictionaries(
        {field.column: st.none() | KINDS.get(field.type, WORDS) for field in table.all_fields}
    )
    for table in catalogue().tables
    if table.code in ("J1", "J2", "J5", "J6", "J7", "J8")
}


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            code: st.lists(row, max_size=2) if catalogue().table(code).many else row
            for code, row in ROWS.items()
        }
    )
)
def test_values_of_the_right_type_never_break_the_checks(declared):
    for finding in evaluate(declared, on=ON):
        assert finding.message.endswith("。")
        assert finding.path[0] in declared
        assert all(catalogue().field(code) for code in finding.codes)
