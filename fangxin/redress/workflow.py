"""How a public complaint about an agency goes (二（三）, SM-02), and what suggests a bad record. Plain Python.

Clauses are those of the Fujian plan; a step it does not name carries the reading of `interpretations.md` it rests
on. Verification and the agency's feedback may run side by side; lateness is a matter of its own, which only a person
judges, and neither it nor a complaint found true becomes more than a draft of a record here.
"""

from collections.abc import Mapping

from fangxin.organisations.process import NEW, Process, Step
from fangxin.organisations.roles import Role

UNIT, JURISDICTION, COMMITTEE, ANYBODY, CLOCK = "unit", "jurisdiction", "committee", "anybody", "clock"
PLACES: Mapping[str, str] = {
    UNIT: "被投诉企业本身",
    JURISDICTION: "被投诉对象所在地的主管部门",
    COMMITTEE: "估价与经纪委员会",
    ANYBODY: "社会公众",
    CLOCK: "平台",
}
OFFICIALS = frozenset({Role.REVIEWER})
COMPANY = frozenset({Role.COMPANY_USER})

WAYS: Mapping[str, str] = {"verify": "部门核查", "transfer": "转被投诉企业", "both": "核查并转企业"}
FINDINGS: Mapping[str, str] = {"true": "属实", "untrue": "不属实", "unclear": "无法核实"}


def _states(*names: str) -> frozenset[str]:
    return frozenset(names)


# Where feedback, a finding and the end of waiting lead, from each state in which they may come.
AFTER_FEEDBACK: Mapping[str, str] = {
    "transferred": "awaiting_decision",
    "both": "verifying",
    "verifying": "verifying",
    "awaiting_decision": "awaiting_decision",
}
AFTER_FINDING: Mapping[str, str] = {
    "verifying": "awaiting_decision",
    "both": "transferred",
    "transferred": "transferred",
    "awaiting_decision": "awaiting_decision",
}
AFTER_TRANSFER: Mapping[str, str] = {"verifying": "both", "awaiting_decision": "transferred"}
AFTER_WAITING: Mapping[str, str] = {"transferred": "awaiting_decision", "both": "verifying"}


def _leads(after: Mapping[str, str]) -> Mapping[str, str]:
    return {state: state for state in dict.fromkeys(after.values())}


COMPLAINT = Process(
    name="agency_complaint",
    matter="这件投诉",
    states={
        NEW: "尚未提交",
        "submitted": "待分办",
        "verifying": "核查中",
        "transferred": "已转企业，待反馈",
        "both": "核查中，并已转企业",
        "awaiting_decision": "待确定",
        "closed": "已办结",
        "published": "已公示",
        "set_aside": "不属于受理范围",
    },
    places=PLACES,
    steps=(
        Step("receive_complaint", "网上投诉", _states(NEW), {"": "submitted"}, frozenset({Role.CITIZEN}), ANYBODY,
             "二(三)", asks=("T1",)),
        Step("suggest_sorting", "初分建议", _states("submitted"), {"": "submitted"}, frozenset({Role.PRECHECKER}),
             COMMITTEE, "AMB-19", asks=("way",)),
        Step("refer_complaint", "转有管辖权的部门", _states("submitted"), {"": "submitted"}, OFFICIALS, JURISDICTION,
             "AMB-19", asks=("place", "reason")),
        Step("sort_complaint", "分办", _states("submitted"),
             {"verify": "verifying", "transfer": "transferred", "both": "both"}, OFFICIALS, JURISDICTION, "二(三)",
             asks=("way", "agency", "digest"), choices=WAYS),
        Step("set_aside", "不属于受理范围", _states("submitted"), {"": "set_aside"}, OFFICIALS, JURISDICTION, "二(三)",
             asks=("reason",)),
        Step("transfer_complaint", "转给被投诉企业", _states(*AFTER_TRANSFER), _leads(AFTER_TRANSFER), OFFICIALS,
             JURISDICTION, "二(三)", asks=("agency", "digest")),
        Step("give_feedback", "反馈处理意见", _states(*AFTER_FEEDBACK), _leads(AFTER_FEEDBACK), COMPANY, UNIT, "二(三)",
             asks=("opinion",)),
        Step("record_finding", "登记核查结果", _states(*AFTER_FINDING), _leads(AFTER_FINDING), OFFICIALS, JURISDICTION,
             "二(三)", asks=("finding", "opinion")),
        Step("end_waiting", "不再等待反馈", _states(*AFTER_WAITING), _leads(AFTER_WAITING), OFFICIALS, JURISDICTION,
             "二(三)"),
        Step("decide_complaint", "确定是否公示、是否计入信用", _states("awaiting_decision"), {"": "closed"}, OFFICIALS,
             JURISDICTION, "二(三)", asks=("publish", "count", "reasons", "reply")),
        Step("tell_respondent", "公示前告知", _states("closed"), {"": "closed"}, OFFICIALS, JURISDICTION, "AMB-31",
             asks=("served_on", "served_how", "proof")),
        Step("publish_complaint", "公示投诉及处理结果", _states("closed"), {"": "published"}, OFFICIALS, JURISDICTION,
             "二(三)"),
        Step("take_down_complaint", "停止公示", _states("published"), {"": "closed"}, OFFICIALS, JURISDICTION, "AMB-31",
             asks=("reason",)),
        Step("end_complaint_display", "公示期满", _states("published"), {"": "closed"}, frozenset({Role.SYSTEM}), CLOCK,
             "AMB-57"),
    ),
)  # fmt: skip

LATENESS = Process(
    name="late_feedback",
    matter="这项逾期",
    states={
        NEW: "尚未逾期",
        "found": "逾期，待判断理由",
        "justified": "有正当理由",
        "unjustified": "无正当理由",
    },
    places=PLACES,
    steps=(
        Step("find_late", "发现逾期未反馈", _states(NEW), {"": "found"}, frozenset({Role.SYSTEM}), CLOCK, "二(三)"),
        Step("judge_lateness", "判断有无正当理由", _states("found"),
             {"justified": "justified", "unjustified": "unjustified"}, OFFICIALS, JURISDICTION, "二(三)",
             asks=("verdict", "reason"),
             choices={"justified": "有正当理由", "unjustified": "无正当理由，起草不良行为记录"}),
    ),
)  # fmt: skip

PROPOSAL = Process(
    name="record_proposal",
    matter="这条提示",
    states={NEW: "尚未提出", "proposed": "待处理", "accepted": "已起草", "declined": "不起草"},
    places=PLACES,
    steps=(
        Step("propose_record", "提示考虑记入", _states(NEW), {"": "proposed"}, frozenset({Role.SYSTEM}), CLOCK, "二(二)"),
        Step("accept_proposal", "起草不良行为记录", _states("proposed"), {"": "accepted"}, OFFICIALS, JURISDICTION,
             "二(二)", asks=("class", "evidence")),
        Step("decline_proposal", "不起草", _states("proposed"), {"": "declined"}, OFFICIALS, JURISDICTION, "二(二)",
             asks=("reason",)),
    ),
)  # fmt: skip

PROCESSES = (COMPLAINT, LATENESS, PROPOSAL)
