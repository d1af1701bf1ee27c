"""How conduct becomes a record, is told, shown, answered, mended and taken down (SM-05c, SM-07, SM-08, SM-09).

Clauses are those of the Fujian plan; a step it does not name carries the reading of `interpretations.md` it rests
on. There is no way from a draft to the public that does not pass the notice, and no step that deletes.
"""

from collections.abc import Mapping

from fangxin.organisations.process import NEW, Process, Step
from fangxin.organisations.roles import Role

UNIT, JURISDICTION, COMMITTEE, PROVINCE = "unit", "jurisdiction", "committee", "province"
PLACES: Mapping[str, str] = {
    UNIT: "被记录的机构本身",
    JURISDICTION: "有管辖权的主管部门",
    COMMITTEE: "估价与经纪委员会",
    PROVINCE: "公布评价办法的部门",
}
OFFICIALS = frozenset({Role.REVIEWER})
COMPANY = frozenset({Role.COMPANY_USER})


def _states(*names: str) -> frozenset[str]:
    return frozenset(names)


BAD_RECORD = Process(
    name="bad_record",
    matter="这条不良行为记录",
    states={
        NEW: "尚未起草",
        "draft": "起草",
        "dropped": "不予记入",
        "recorded": "已记入，待告知",
        "notice_served": "已告知，公示前",
        "published": "公示中",
        "withdrawn": "已撤销公示",
        "expired": "公示期满",
        "annulled": "更正撤下",
        "archived": "已归档",
    },
    places=PLACES,
    barred={
        "drafter": "起草和记入须由两个人经手，您是起草人",
        "proposer": "更正须由两个人经手，您是提出人",
    },
    steps=(
        Step("draft_record", "起草不良行为记录", _states(NEW), {"": "draft"}, OFFICIALS, JURISDICTION, "二(二)",
             asks=("source", "class", "evidence")),
        Step("propose_record", "报送不良行为记录", _states(NEW), {"": "draft"}, frozenset({Role.PRECHECKER}),
             COMMITTEE, "四(二)", asks=("source", "class", "evidence")),
        Step("confirm_record", "记入", _states("draft"), {"": "recorded"}, OFFICIALS, JURISDICTION, "二(二)",
             barred="drafter"),
        Step("drop_record", "不予记入", _states("draft"), {"": "dropped"}, OFFICIALS, JURISDICTION, "二(二)",
             asks=("reason",)),
        Step("serve_notice", "告知被公示单位", _states("recorded"), {"": "notice_served"}, OFFICIALS, JURISDICTION,
             "四(四)", asks=("served_on", "served_how", "proof")),
        Step("state_case", "陈述", _states("notice_served"), {"": "notice_served"}, COMPANY, UNIT, "AMB-24",
             asks=("statement",)),
        Step("cancel_notice", "撤回告知", _states("notice_served"), {"": "recorded"}, OFFICIALS, JURISDICTION,
             "AMB-24", asks=("reason",)),
        Step("release_record", "放行公示", _states("notice_served"), {"": "published"}, OFFICIALS, JURISDICTION,
             "四(四)", asks=("statement_read",)),
        Step("comment_on_record", "机构说明", _states("published"), {"": "published"}, COMPANY, UNIT, "AMB-41",
             asks=("comment",)),
        Step("propose_correction", "提出更正", _states("recorded", "notice_served", "published"),
             {"recorded": "recorded", "notice_served": "notice_served", "published": "published"},
             OFFICIALS, JURISDICTION, "AMB-25", asks=("kind", "reason")),
        Step("confirm_correction", "批准更正", _states("recorded", "notice_served", "published"),
             {"recorded": "recorded", "notice_served": "notice_served", "published": "published",
              "annulled": "annulled"},
             OFFICIALS, JURISDICTION, "AMB-25", barred="proposer",
             choices={"recorded": "更正内容", "notice_served": "更正内容", "published": "更正内容", "annulled": "撤下"}),
        Step("archive_record", "归档", _states("recorded", "withdrawn", "expired", "annulled"), {"": "archived"},
             OFFICIALS, JURISDICTION, "四(四)"),
    ),
)  # fmt: skip

GOOD_RECORD = Process(
    name="good_record",
    matter="这条良好行为记录",
    states={
        NEW: "尚未报送",
        "submitted": "待核实",
        "returned": "退回补正",
        "rejected": "未通过",
        "published": "公示中",
        "expired": "公示期满",
        "revoked": "已撤销",
    },
    places=PLACES,
    barred={},
    steps=(
        Step("submit_good_record", "报送良好行为", _states(NEW, "returned"), {"": "submitted"}, COMPANY, UNIT,
             "二(二)", asks=("material",)),
        Step("propose_good_record", "报送良好行为", _states(NEW), {"": "submitted"},
             frozenset({Role.PRECHECKER}), COMMITTEE, "四(二)", asks=("material",)),
        Step("enter_good_record", "记入良好行为", _states(NEW), {"": "submitted"}, OFFICIALS, JURISDICTION, "四(二)",
             asks=("material",)),
        Step("verify_good_record", "核实通过", _states("submitted"), {"": "published"}, OFFICIALS, JURISDICTION,
             "二(二)"),
        Step("return_good_record", "退回补正", _states("submitted"), {"": "returned"}, OFFICIALS, JURISDICTION,
             "二(二)", asks=("reason",)),
        Step("reject_good_record", "不予载入", _states("submitted"), {"": "rejected"}, OFFICIALS, JURISDICTION,
             "二(二)", asks=("reason",)),
        Step("revoke_good_record", "撤销良好行为", _states("published", "expired"), {"": "revoked"}, OFFICIALS,
             JURISDICTION, "二(二)", asks=("reason", "forged")),
    ),
)  # fmt: skip

APPLICATION = Process(
    name="application",
    matter="这份申请",
    states={
        NEW: "尚未提出",
        "applied": "待处理",
        "assessing": "考核验收中",
        "passed": "验收通过",
        "failed": "验收未通过",
        "consented": "已同意",
        "refused": "不同意",
        "upheld": "异议成立",
        "rejected": "异议不成立",
    },
    places=PLACES,
    barred={"recorder": "异议须由未经手该记录的人处理，您经手过"},
    steps=(
        Step("ask_for_assessment", "提请考核验收", _states(NEW), {"": "applied"}, COMPANY, UNIT, "四(四)",
             asks=("text", "evidence")),
        Step("begin_assessment", "组织考核验收", _states("applied"), {"": "assessing"}, OFFICIALS, JURISDICTION,
             "四(四)", asks=("assessed_on", "assessors")),
        Step("conclude_assessment", "考核验收结论", _states("assessing"), {"passed": "passed", "failed": "failed"},
             OFFICIALS, JURISDICTION, "四(四)", asks=("result",),
             choices={"passed": "通过，公布整改结果", "failed": "未通过，继续整改"}),
        Step("apply_for_withdrawal", "申请撤销公示", _states(NEW), {"": "applied"}, COMPANY, UNIT, "四(四)",
             asks=("text",)),
        Step("apply_for_repair", "申请信用修复", _states(NEW), {"": "applied"}, COMPANY, UNIT, "AMB-40",
             asks=("text", "commitment", "evidence")),
        Step("consent_to_withdrawal", "同意撤销公示", _states("applied"), {"": "consented"}, OFFICIALS, JURISDICTION,
             "四(四)"),
        Step("refuse_withdrawal", "不同意撤销公示", _states("applied"), {"": "refused"}, OFFICIALS, JURISDICTION,
             "四(四)", asks=("reason",)),
        Step("object_to_record", "提出异议", _states(NEW), {"": "applied"}, COMPANY, UNIT, "AMB-41",
             asks=("text", "evidence")),
        Step("decide_objection", "处理异议", _states("applied"), {"upheld": "upheld", "rejected": "rejected"},
             OFFICIALS, JURISDICTION, "AMB-41", asks=("reason",), barred="recorder",
             choices={"upheld": "异议成立，转更正", "rejected": "异议不成立"}),
    ),
)  # fmt: skip

ROUND = Process(
    name="round",
    matter="这一轮评价",
    states={
        NEW: "尚未开始",
        "open": "已开始",
        "computing": "计算中",
        "computed": "已计算",
        "reviewed": "已复核",
        "announced": "已告知，异议期",
        "final": "定案",
    },
    places=PLACES,
    barred={"computer": "计算和复核须由两个人经手，您是计算人"},
    steps=(
        Step("try_scheme", "试算方案", _states(NEW), {"": NEW}, OFFICIALS, PROVINCE, "三(三)", asks=("scheme",)),
        Step("open_round", "开始一轮评价", _states(NEW), {"": "open"}, OFFICIALS, PROVINCE, "三(三)",
             asks=("scheme", "since", "until")),
        Step("compute_round", "计算", _states("open", "computed", "reviewed"), {"": "computing"}, OFFICIALS, PROVINCE,
             "三(三)"),
        Step("resume_computing", "继续计算", _states("computing"), {"": "computing"}, OFFICIALS, PROVINCE, "三(三)"),
        Step("complete_computing", "计算完成", _states("computing"), {"": "computed"}, OFFICIALS, PROVINCE, "三(三)"),
        Step("review_round", "复核", _states("computed"), {"": "reviewed"}, OFFICIALS, PROVINCE, "三(三)",
             barred="computer"),
        Step("announce_round", "告知各机构", _states("reviewed"), {"": "announced"}, OFFICIALS, PROVINCE, "AMB-43"),
        Step("object_to_score", "对评分提出异议", _states("announced"), {"": "announced"}, COMPANY, UNIT, "AMB-43",
             asks=("text",)),
        Step("answer_objection", "答复评分异议", _states("announced"), {"": "announced"}, OFFICIALS, PROVINCE, "AMB-43",
             asks=("answer", "recount")),
        Step("finish_round", "定案", _states("announced"), {"": "final"}, OFFICIALS, PROVINCE, "三(三)"),
        Step("publish_scores", "公布评分", _states("final"), {"": "final"}, OFFICIALS, PROVINCE, "三(三)"),
    ),
)  # fmt: skip

PROCESSES = (BAD_RECORD, GOOD_RECORD, APPLICATION, ROUND)
