"""Every kind of journal entry: its title, which details it may carry, and how it forgets a person.

An act that is not declared here cannot be recorded, and a detail that is not declared for its kind is
refused: that is how a complainant's name is kept from a table nobody can delete from. To add a kind, add
a line; details are codes, numbers, days, counts and row ids, never what a citizen wrote.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self


class Forgets(StrEnum):
    """What remains in an entry of this kind when a person must be forgotten."""

    NOTHING_TO_FORGET = "不含投诉人身份，只有案件编号、代码与日期"
    POINTS_ONLY = "只以编号指向投诉人；身份删除后编号不再指向任何人"
    OFFICIAL_ACT = "只含工作人员或企业账户的职务行为，依法留存"


class UnknownKind(LookupError):
    """The journal was asked to record something that is not declared in `kinds.py`."""


class DetailNotAllowed(ValueError):
    """A detail was given that its kind does not declare."""


_NOTHING, _POINTS, _OFFICIAL = Forgets.NOTHING_TO_FORGET, Forgets.POINTS_ONLY, Forgets.OFFICIAL_ACT
# What any step of a case may carry beside its own details.
_STEP = "before after choice reason reason_code due_on term body bodies company companies officer task number"

# What any step of a joint investigation may carry.
_INQUIRED = "inquiry form number before after"
# What any step of a declaration may carry.
_DECLARED = "declaration before after"
# What any step of a record or an application may carry.
_CONDUCT = "agency before after"
# What any entry of a quarter's duty may carry.
_QUARTER = "year quarter due_on"
# What any step of a complaint about an agency may carry.
_COMPLAINED = "number agency before after"
# What any step of an authorised query may carry.
_QUERIED = "number agency before after"


class Kind(StrEnum):
    """A kind of entry; its value is what stands in the table and is never changed."""

    title: str  # type: ignore[assignment]  # the Chinese title, in place of str.title()
    details: frozenset[str]
    forgets: Forgets
    looks_at_identity: bool

    def __new__(
        cls, value: str, title: str, forgets: Forgets, details: str = "", looks_at_identity: bool = False
    ) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.title = title
        kind.forgets = forgets
        kind.details = frozenset(details.split())
        kind.looks_at_identity = looks_at_identity
        return kind

    @classmethod
    def for_step(cls, verb: str) -> "Kind":
        """The kind that records a step of the case table. Raises UnknownKind."""
        return cls.named(f"case:{verb.removesuffix('_case')}")

    @classmethod
    def named(cls, value: str) -> "Kind":
        """The declared kind. Raises UnknownKind."""
        if value not in BY_VALUE:
            raise UnknownKind(
                f"日志种类“{value}”未登记：先在 fangxin/journal/kinds.py 写明名称、遗忘方式与可记的细目。"
            )
        return BY_VALUE[value]

    # Complaints and identity
    COMPLAINT_RECEIVE = "complaint:receive", "收到投诉", _POINTS, "source number link district attachments"
    COMPLAINT_CORRECT = "complaint:correct", "更正投诉要素", _POINTS, "fields number"
    COMPLAINT_SUPPLEMENT = "complaint:supplement", "补充投诉材料", _POINTS, "number attachments"
    COMPLAINT_WITHDRAW = "complaint:withdraw", "投诉人撤回", _POINTS, "number"
    COMPLAINT_FORGET = "complaint:forget", "删除投诉人身份", _POINTS, "number fields reason"
    DIGEST_APPROVE = "complaint:approve_digest", "核准转办摘要", _POINTS, "number digest marks removed added"
    IDENTITY_ASK = "identity:ask", "申请查看投诉人身份", _POINTS, "fields reason until number grant"
    IDENTITY_CONSENT = "identity:consent", "同意查看投诉人身份", _POINTS, "fields until number asked_by grant"
    IDENTITY_REFUSE = (
        "identity:refuse",
        "不同意查看投诉人身份",
        _POINTS,
        "fields number asked_by grant reason",
    )
    IDENTITY_OPEN = (
        "identity:open", "查看投诉人身份", _POINTS, "fields reason number grant until own_case", True,
    )  # fmt: skip
    IDENTITY_SEARCH = "identity:search", "按身份信息查找投诉", _POINTS, "field found reason", True

    # The case: one kind for each step of cases/workflow.py, and what happens beside the steps
    CASE_REGISTER = (
        "case:register", "案件录入", _NOTHING,
        f"{_STEP} source suggested_link certainty link district row",
    )  # fmt: skip
    CASE_KEEP = "case:keep", "本部门留办", _NOTHING, f"{_STEP} link"
    CASE_DISPATCH = (
        "case:dispatch", "分件", _NOTHING, f"{_STEP} link district route suggested_link certainty agreed",
    )  # fmt: skip
    CASE_FORWARD_FROM_HUB = (
        "case:forward_from_hub",
        "物导中心再分派",
        _NOTHING,
        f"{_STEP} link district route",
    )
    CASE_ACCEPT = "case:accept", "受理", _NOTHING, f"{_STEP} digest marks points respondents"
    CASE_REASSIGN_OFFICER = "case:reassign_officer", "改派经办人", _NOTHING, f"{_STEP} previous"
    CASE_PROPOSE_RETURN = "case:propose_return", "拟回退", _NOTHING, _STEP
    CASE_APPROVE_RETURN = "case:approve_return", "批准回退", _NOTHING, f"{_STEP} opinion"
    CASE_PROPOSE_REFUSAL = "case:propose_refusal", "拟不予受理", _NOTHING, _STEP
    CASE_APPROVE_REFUSAL = "case:approve_refusal", "批准不予受理", _NOTHING, f"{_STEP} opinion"
    CASE_REJECT_PROPOSAL = "case:reject_proposal", "不同意，继续办理", _NOTHING, f"{_STEP} opinion"
    CASE_REOPEN_REFUSED = "case:reopen_refused", "恢复不予受理的案件", _NOTHING, _STEP
    CASE_SUBMIT_OPINION = (
        "case:submit_opinion", "提出处理意见", _NOTHING, f"{_STEP} outcome findings violations legal_basis",
    )  # fmt: skip
    CASE_ORDER_RECTIFICATION = (
        "case:order_rectification", "责令整改", _NOTHING, f"{_STEP} order requirements served_on violations",
    )  # fmt: skip
    CASE_CHECK_RECTIFICATION = (
        "case:check_rectification", "验收整改", _NOTHING, f"{_STEP} order result opinion",
    )  # fmt: skip
    CASE_TELL_COMPLAINANT = "case:tell_complainant", "告知投诉人", _NOTHING, f"{_STEP} told_how outcome"
    CASE_RECORD_CALLBACK = (
        "case:record_callback", "回访登记", _NOTHING, f"{_STEP} contacted solved satisfaction",
    )  # fmt: skip
    CASE_REOPEN = "case:reopen", "重新办理", _NOTHING, f"{_STEP} satisfaction"
    CASE_SEND_TO_COMPANY = "case:send_to_company", "转企业回复", _NOTHING, f"{_STEP} digest link"
    CASE_COMPANY_OPENS = "case:company_opens", "企业签收", _OFFICIAL, _STEP
    CASE_COMPANY_REPLIES = "case:company_replies", "企业回复", _OFFICIAL, f"{_STEP} points attachments late"
    CASE_ASK_AGAIN = "case:ask_again", "要求企业补充回复", _NOTHING, f"{_STEP} points"
    CASE_TELL_COMPANY = "case:tell_company", "复印、传真告知企业", _OFFICIAL, f"{_STEP} channel told_on"
    CASE_REGISTER_REPLY = "case:register_reply", "登记书面回复", _OFFICIAL, f"{_STEP} late received_on"
    CASE_RECORD_RECTIFICATION = "case:record_rectification", "登记自行整改", _OFFICIAL, _STEP
    CASE_REGISTER_REPORT = (
        "case:register_report", "登记书面整改材料", _OFFICIAL, f"{_STEP} order kind late received_on",
    )  # fmt: skip
    CASE_URGE_COMPANY = "case:urge_company", "催办企业", _OFFICIAL, f"{_STEP} channel"
    CASE_URGE_DEPARTMENT = "case:urge_department", "督促、协调经办部门", _OFFICIAL, f"{_STEP} channel"
    CASE_RECORD_ANSWER = "case:record_answer", "登记催办答复", _OFFICIAL, _STEP
    CASE_ASK_EXTENSION = "case:ask_extension", "申请延期", _OFFICIAL, f"{_STEP} previous_due_on"
    CASE_DECIDE_EXTENSION = "case:decide_extension", "审批延期", _OFFICIAL, f"{_STEP} opinion previous_due_on"
    CASE_EXPLAIN_DELAY = "case:explain_delay", "注明逾期理由", _OFFICIAL, _STEP
    CASE_REPORT_DELAY = "case:report_delay", "逾期上报主管部门", _OFFICIAL, _STEP
    CASE_ISSUE_SUPERVISION = "case:issue_supervision", "发出督办", _OFFICIAL, _STEP
    CASE_ACKNOWLEDGE_SUPERVISION = "case:acknowledge_supervision", "签收督办", _OFFICIAL, _STEP
    CASE_ANSWER_SUPERVISION = "case:answer_supervision", "答复督办", _OFFICIAL, _STEP
    CASE_CLOSE_SUPERVISION = "case:close_supervision", "办结督办", _OFFICIAL, _STEP
    CASE_RAISE_SUPERVISION = "case:raise_supervision", "督办升级", _OFFICIAL, f"{_STEP} level"
    CASE_COMPANY_SEES_SUPERVISION = "case:company_sees_supervision", "企业签收督办", _OFFICIAL, _STEP
    CASE_COMPANY_ANSWERS_SUPERVISION = (
        "case:company_answers_supervision", "企业答复督办", _OFFICIAL, f"{_STEP} late",
    )  # fmt: skip
    CASE_EXTEND = "case:extend", "延长办理时限", _NOTHING, f"{_STEP} previous_due_on limit"
    CASE_ATTACH = "case:attach", "添加案件附件", _NOTHING, f"{_STEP} attachment kind size sha256"
    CASE_NOTE = "case:note", "添加办理记录", _NOTHING, f"{_STEP} note"
    CASE_REMIND = "case:remind", "催办", _NOTHING, _STEP
    CASE_READ = "case:read", "查阅案件", _OFFICIAL, _STEP

    # Rectification and joint investigation
    RECTIFICATION_PLAN = "rectification:plan", "企业提交整改方案", _OFFICIAL, f"{_STEP} order attachments"
    RECTIFICATION_RESULT = "rectification:result", "企业提交整改结果", _OFFICIAL, f"{_STEP} order attachments"
    EVIDENCE_ADD = "evidence:add", "登记证据", _NOTHING, f"{_STEP} attachment kind sha256"

    INQUIRY_DRAFT = "inquiry:draft", "发起协查", _OFFICIAL, f"{_INQUIRED} body"
    INQUIRY_REVISE = "inquiry:revise", "修改协查", _OFFICIAL, _INQUIRED
    INQUIRY_SUBMIT = "inquiry:submit", "送签处室意见", _OFFICIAL, _INQUIRED
    INQUIRY_DROP = "inquiry:drop", "不再发起协查", _OFFICIAL, f"{_INQUIRED} reason"
    INQUIRY_SIGN = "inquiry:sign", "签署并发出协查", _OFFICIAL, f"{_INQUIRED} due_on names_complainant reason"
    INQUIRY_SEND_BACK = "inquiry:send_back", "退回修改协查", _OFFICIAL, f"{_INQUIRED} reason"
    INQUIRY_RECEIVE = "inquiry:receive", "确认收到协查", _OFFICIAL, _INQUIRED
    INQUIRY_REGISTER_DISPATCH = (
        "inquiry:register_dispatch",
        "登记协查送达",
        _OFFICIAL,
        f"{_INQUIRED} served_on",
    )
    INQUIRY_ANSWER = "inquiry:answer", "反馈协查意见", _OFFICIAL, f"{_INQUIRED} late attachments"
    INQUIRY_REGISTER_ANSWER = (
        "inquiry:register_answer",
        "登记书面协查反馈",
        _OFFICIAL,
        f"{_INQUIRED} late attachments",
    )
    INQUIRY_DECLINE = "inquiry:decline", "不予协查", _OFFICIAL, f"{_INQUIRED} late attachments"
    INQUIRY_REGISTER_DECLINE = (
        "inquiry:register_decline",
        "登记不予协查",
        _OFFICIAL,
        f"{_INQUIRED} late attachments",
    )
    INQUIRY_ASK_MORE = "inquiry:ask_more", "请补充协查", _OFFICIAL, f"{_INQUIRED} due_on"
    INQUIRY_RECALL = "inquiry:recall", "撤回协查", _OFFICIAL, f"{_INQUIRED} reason"
    INQUIRY_CLOSE = "inquiry:close", "协查归入案卷", _OFFICIAL, _INQUIRED
    INQUIRY_PRINT = "inquiry:print", "印出写有投诉人的协查文书", _POINTS, _INQUIRED, True

    # The register of agencies: one kind for each step of agencies/workflow.py, and what happens beside the steps
    AGENCY_ENTER = "agency:enter", "经纪机构入册", _OFFICIAL, "code city county body"
    AGENCY_MERGE = "agency:merge", "记入机构合并", _OFFICIAL, "into reason"
    AGENCY_HEAD_OFFICE = "agency:set_head_office", "记入总机构", _OFFICIAL, "head_office reason"
    AGENCY_RECODE = "agency:recode", "机构代码变更", _OFFICIAL, "former code on"
    AGENCY_ENTER_MANY = "agency:enter_many", "成批导入经纪机构", _OFFICIAL, "codes known refused"
    CLAIM_APPLY = "claim:apply", "申领机构账号", _OFFICIAL, "number code body attachments"
    CLAIM_APPROVE = "claim:approve", "开通机构账号", _OFFICIAL, "number code user_id"
    CLAIM_REFUSE = "claim:refuse", "不予开通机构账号", _OFFICIAL, "number code"
    CLAIM_LINK_AGAIN = "claim:link_again", "重发设置密码的链接", _OFFICIAL, "number user_id"
    DECLARATION_BEGIN = "declaration:begin", "开始填报", _OFFICIAL, _DECLARED
    DECLARATION_SUBMIT = "declaration:submit", "提交申报", _OFFICIAL, f"{_DECLARED} warnings"
    DECLARATION_RECALL = "declaration:recall", "撤回申报", _OFFICIAL, _DECLARED
    DECLARATION_CORRECT = "declaration:correct", "补正申报", _OFFICIAL, _DECLARED
    DECLARATION_PRECHECK = "declaration:precheck", "预审申报", _OFFICIAL, _DECLARED
    DECLARATION_APPROVE = "declaration:approve", "审核通过申报", _OFFICIAL, _DECLARED
    DECLARATION_CONFIRM = "declaration:confirm", "市级复核通过申报", _OFFICIAL, _DECLARED
    DECLARATION_RETURN = "declaration:return", "退回申报", _OFFICIAL, f"{_DECLARED} codes"
    DECLARATION_RETURN_FROM_CITY = (
        "declaration:return_from_city", "市级退回申报", _OFFICIAL, f"{_DECLARED} codes",
    )  # fmt: skip
    CHANGE_PROPOSE = "declaration:propose_change", "起草情况变动", _OFFICIAL, f"{_DECLARED} codes"
    FILING_OPINION = "declaration:give_filing_opinion", "填写备案意见", _OFFICIAL, f"{_DECLARED} codes"
    CHANGE_RECORD = "declaration:record_change", "记入情况变动", _OFFICIAL, f"{_DECLARED} codes"

    # Disclosure: looks at what is not public, and the queries that lead to them
    RECORD_LOOK = "record:look", "查看授权查询信息", _OFFICIAL, "reader codes on grant way"
    QUERY_APPLY = "query:apply", "申请授权查询", _POINTS, f"{_QUERIED} ground codes days attachments"
    QUERY_GRANT = "query:grant", "批准授权查询", _OFFICIAL, f"{_QUERIED} codes from_on until_on told"
    QUERY_REFUSE = "query:refuse", "不予批准授权查询", _OFFICIAL, _QUERIED
    QUERY_REVOKE = "query:revoke", "收回授权查询", _OFFICIAL, _QUERIED
    QUERY_EXPIRE = "query:expire", "授权查询到期", _OFFICIAL, _QUERIED
    RULE_KEEP = "rule:keep", "发布管理制度", _OFFICIAL, "topic version"

    # Conduct and credit: one kind for each step of credit/workflow.py, and what happens by itself
    CREDIT_DRAFT_RECORD = (
        "credit:draft_record",
        "起草不良行为记录",
        _OFFICIAL,
        f"{_CONDUCT} source record_class",
    )
    CREDIT_PROPOSE_RECORD = (
        "credit:propose_record",
        "报送不良行为记录",
        _OFFICIAL,
        f"{_CONDUCT} source record_class",
    )
    CREDIT_CONFIRM_RECORD = "credit:confirm_record", "记入不良行为", _OFFICIAL, _CONDUCT
    CREDIT_DROP_RECORD = "credit:drop_record", "不予记入不良行为", _OFFICIAL, _CONDUCT
    CREDIT_SERVE_NOTICE = "credit:serve_notice", "公示前告知", _OFFICIAL, f"{_CONDUCT} served_on"
    CREDIT_STATE_CASE = "credit:state_case", "被公示单位陈述", _OFFICIAL, _CONDUCT
    CREDIT_CANCEL_NOTICE = "credit:cancel_notice", "撤回告知", _OFFICIAL, _CONDUCT
    CREDIT_RELEASE_RECORD = "credit:release_record", "放行公示", _OFFICIAL, f"{_CONDUCT} shown_until"
    CREDIT_COMMENT_ON_RECORD = "credit:comment_on_record", "机构说明", _OFFICIAL, _CONDUCT
    CREDIT_PROPOSE_CORRECTION = "credit:propose_correction", "提出更正", _OFFICIAL, f"{_CONDUCT} kind"
    CREDIT_CONFIRM_CORRECTION = "credit:confirm_correction", "批准更正", _OFFICIAL, f"{_CONDUCT} kind"
    CREDIT_ARCHIVE_RECORD = "credit:archive_record", "归档不良行为记录", _OFFICIAL, _CONDUCT
    CREDIT_SUBMIT_GOOD_RECORD = "credit:submit_good_record", "报送良好行为", _OFFICIAL, _CONDUCT
    CREDIT_PROPOSE_GOOD_RECORD = "credit:propose_good_record", "协会报送良好行为", _OFFICIAL, _CONDUCT
    CREDIT_ENTER_GOOD_RECORD = "credit:enter_good_record", "记入良好行为", _OFFICIAL, _CONDUCT
    CREDIT_VERIFY_GOOD_RECORD = "credit:verify_good_record", "核实良好行为", _OFFICIAL, _CONDUCT
    CREDIT_RETURN_GOOD_RECORD = "credit:return_good_record", "退回良好行为", _OFFICIAL, _CONDUCT
    CREDIT_REJECT_GOOD_RECORD = "credit:reject_good_record", "不予载入良好行为", _OFFICIAL, _CONDUCT
    CREDIT_REVOKE_GOOD_RECORD = "credit:revoke_good_record", "撤销良好行为", _OFFICIAL, f"{_CONDUCT} forged"
    CREDIT_ASK_FOR_ASSESSMENT = "credit:ask_for_assessment", "提请考核验收", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_BEGIN_ASSESSMENT = "credit:begin_assessment", "组织考核验收", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_CONCLUDE_ASSESSMENT = "credit:conclude_assessment", "考核验收结论", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_APPLY_FOR_WITHDRAWAL = (
        "credit:apply_for_withdrawal",
        "申请撤销公示",
        _OFFICIAL,
        f"{_CONDUCT} record",
    )
    CREDIT_APPLY_FOR_REPAIR = "credit:apply_for_repair", "申请信用修复", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_CONSENT_TO_WITHDRAWAL = (
        "credit:consent_to_withdrawal",
        "同意撤销公示",
        _OFFICIAL,
        f"{_CONDUCT} record",
    )
    CREDIT_REFUSE_WITHDRAWAL = "credit:refuse_withdrawal", "不同意撤销公示", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_OBJECT_TO_RECORD = "credit:object_to_record", "提出异议", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_DECIDE_OBJECTION = "credit:decide_objection", "处理异议", _OFFICIAL, f"{_CONDUCT} record"
    CREDIT_DRAFT_BY_ITSELF = (
        "credit:draft_by_itself",
        "自动起草不良行为记录",
        _OFFICIAL,
        f"{_CONDUCT} source record_class",
    )
    CREDIT_EXPIRE = "credit:expire", "公示期满", _OFFICIAL, f"{_CONDUCT} shown_until"
    CREDIT_WITHDRAW = "credit:withdraw", "撤销公示", _OFFICIAL, f"{_CONDUCT} application"
    # Public complaints about agencies: one kind for each step of redress/workflow.py
    REDRESS_RECEIVE = "redress:receive_complaint", "网上投诉经纪机构", _POINTS, f"{_COMPLAINED} kind place"
    REDRESS_SUGGEST = "redress:suggest_sorting", "初分建议", _POINTS, f"{_COMPLAINED} way"
    REDRESS_REFER = "redress:refer_complaint", "转有管辖权的部门", _POINTS, f"{_COMPLAINED} place body"
    REDRESS_SORT = "redress:sort_complaint", "分办投诉", _POINTS, f"{_COMPLAINED} way marks due_on"
    REDRESS_SET_ASIDE = "redress:set_aside", "投诉不属于受理范围", _POINTS, _COMPLAINED
    REDRESS_TRANSFER = "redress:transfer_complaint", "投诉转被投诉企业", _POINTS, f"{_COMPLAINED} due_on"
    REDRESS_FEEDBACK = "redress:give_feedback", "企业反馈处理意见", _POINTS, f"{_COMPLAINED} late attachments"
    REDRESS_FINDING = "redress:record_finding", "登记核查结果", _POINTS, f"{_COMPLAINED} finding"
    REDRESS_END_WAITING = "redress:end_waiting", "不再等待反馈", _POINTS, _COMPLAINED
    REDRESS_DECIDE = "redress:decide_complaint", "确定投诉公示、计入", _POINTS, f"{_COMPLAINED} publish count"
    REDRESS_TELL = (
        "redress:tell_respondent",
        "投诉公示前告知",
        _POINTS,
        f"{_COMPLAINED} served_on publishable_on",
    )
    REDRESS_PUBLISH = "redress:publish_complaint", "公示投诉", _POINTS, _COMPLAINED
    REDRESS_TAKE_DOWN = "redress:take_down_complaint", "投诉停止公示", _POINTS, _COMPLAINED
    REDRESS_END_DISPLAY = (
        "redress:end_complaint_display",
        "投诉公示期满",
        _POINTS,
        f"{_COMPLAINED} shown_until",
    )
    REDRESS_FIND_LATE = "redress:find_late", "发现逾期未反馈", _POINTS, f"{_COMPLAINED} due_on"
    REDRESS_JUDGE = "redress:judge_lateness", "判断逾期有无正当理由", _POINTS, f"{_COMPLAINED} record"
    REDRESS_PROPOSE = "redress:propose_record", "提示考虑记入不良行为", _OFFICIAL, f"{_COMPLAINED} source"
    REDRESS_ACCEPT = (
        "redress:accept_proposal",
        "按提示起草不良行为记录",
        _OFFICIAL,
        f"{_COMPLAINED} source record",
    )
    REDRESS_DECLINE = "redress:decline_proposal", "按提示不起草", _OFFICIAL, f"{_COMPLAINED} source"
    # What is owed after each quarter: an entry for each turn of the clock, and one for each confirmation
    QUARTER_OPEN = "quarter:open", "开放季度更新", _OFFICIAL, f"{_QUARTER} opened met missing"
    QUARTER_LATE = "quarter:late", "季度更新逾期", _OFFICIAL, f"{_QUARTER} late"
    QUARTER_RECOUNT = "quarter:recount", "放假通知后重新推算季度更新截止日", _OFFICIAL, f"{_QUARTER} old new"
    QUARTER_NO_CHANGE = "quarter:no_change", "确认季度无变化", _OFFICIAL, f"{_QUARTER} tables late"

    ROUND_OPEN = "round:open_round", "开始一轮评价", _OFFICIAL, "after scheme"
    ROUND_TRY_SCHEME = (
        "round:try_scheme",
        "试算方案",
        _OFFICIAL,
        "scheme since until sha256 subjects moved form",
    )
    ROUND_COMPUTE = "round:compute_round", "计算评分", _OFFICIAL, "before after"
    ROUND_RESUME_COMPUTING = "round:resume_computing", "继续计算评分", _OFFICIAL, "before after"
    ROUND_COMPLETE_COMPUTING = "round:complete_computing", "评分计算完成", _OFFICIAL, "before after scores"
    ROUND_REVIEW = "round:review_round", "复核评分", _OFFICIAL, "before after"
    ROUND_ANNOUNCE = "round:announce_round", "告知评分", _OFFICIAL, "before after due_on"
    ROUND_OBJECT_TO_SCORE = "round:object_to_score", "对评分提出异议", _OFFICIAL, "score"
    ROUND_ANSWER_OBJECTION = "round:answer_objection", "答复评分异议", _OFFICIAL, "score recount"
    ROUND_FINISH = "round:finish_round", "评价定案", _OFFICIAL, "before after"
    ROUND_PUBLISH_SCORES = "round:publish_scores", "公布评分", _OFFICIAL, "before after"

    # Due days
    DEADLINE_START = (
        "deadline:start",
        "期限起算",
        _NOTHING,
        "limit starts_on due_on n unit provisional matter_id",
    )
    DEADLINE_MET = "deadline:met", "期限内完成", _NOTHING, "limit due_on met_on late matter_id"
    DEADLINE_EXTEND = "deadline:extend", "期限延长", _NOTHING, "limit old new reason matter_id"
    DEADLINE_MISSED = "deadline:missed", "期限届满未完成", _NOTHING, "limit due_on matter_id"
    DEADLINE_CANCEL = "deadline:cancel", "期限终止", _NOTHING, "limit due_on reason matter_id"
    DEADLINE_REMIND = "deadline:remind", "期限提醒", _NOTHING, "limit due_on days_left matter_id"
    DEADLINE_RECOUNT = "deadline:recount", "放假通知后重新推算期限", _NOTHING, "limit old new year matter_id"

    # Notices and documents
    NOTICE_SEND = "notice:send", "发出通知", _OFFICIAL, "channel template recipient_kind"
    NOTICE_FAIL = "notice:fail", "通知未送达", _OFFICIAL, "channel template attempts"
    ATTACHMENT_ADD = "attachment:add", "上传附件", _NOTHING, "attachment kind size sha256 matter_id"
    ATTACHMENT_READ = "attachment:read", "查看附件", _NOTHING, "attachment kind matter_id"
    ATTACHMENT_RELEASE = (
        "attachment:release",
        "附件转企业",
        _NOTHING,
        "attachment company sha256 reason matter_id",
    )
    ATTACHMENT_QUARANTINE = "attachment:quarantine", "隔离附件", _NOTHING, "attachment reason matter_id"
    ATTACHMENT_REFUSE = "attachment:refuse", "拒收附件", _NOTHING, "kind size reason"
    DOCUMENT_ISSUE = "document:issue", "出具文书", _NOTHING, "form number sha256 version matter_id"
    DOCUMENT_VOID = "document:void", "作废文书", _NOTHING, "form number reason"

    # People, bodies, companies
    SIGNED_IN = "user:signed_in", "登录", _OFFICIAL, "address way"
    SIGNED_OUT = "user:signed_out", "退出", _OFFICIAL
    LOCKED_OUT = "user:locked_out", "登录锁定", _OFFICIAL, "address attempts"
    UNLOCKED = "user:unlocked", "解除锁定", _OFFICIAL, "reason"
    PASSWORD_CHANGED = "user:password_changed", "修改密码", _OFFICIAL
    MEMBERSHIP_SWITCHED = "user:membership_switched", "切换身份", _OFFICIAL, "membership previous"
    USER_CREATED = "user:created", "开设账号", _OFFICIAL
    USER_CLOSED = "user:closed", "停用账号", _OFFICIAL, "reason"
    MEMBERSHIP_BEGUN = "membership:begun", "任职", _OFFICIAL, "user_id body_id company_id role on is_deputy"
    MEMBERSHIP_ENDED = "membership:ended", "离任", _OFFICIAL, "user_id body_id company_id role on reason"
    BODY_CREATED = "body:created", "设立机构", _OFFICIAL, "code district"
    ENTRY_DEPARTMENT_DESIGNATED = "body:entry_department", "指定录入部门", _OFFICIAL, "code district"
    COMPANY_REGISTERED = "company:registered", "登记企业", _OFFICIAL, "uscc org_code licence_no links"
    COMPANY_RECODED = "company:recoded", "企业代码变更", _OFFICIAL, "former code on"
    COMPANY_RENAMED = "company:renamed", "企业更名", _OFFICIAL, "former name on"

    # Exchange and the platform itself
    IMPORT = (
        "exchange:import", "导入", _POINTS, "file sha256 rows accepted refused known mapping dry_run resumed",
    )  # fmt: skip
    EXPORT = "exchange:export", "导出", _POINTS, "form rows fields reason"
    TRIAGE_TRAIN = (
        "triage:train", "训练分拣模型", _NOTHING, "model messages macro_f1 accuracy adopted previous",
    )  # fmt: skip
    KEYS_ROTATED = "platform:keys_rotated", "更换封存密钥", _NOTHING, "key suite rows way"
    RESTORED = "platform:restored", "恢复备份", _NOTHING, "backup head entries"
    DEMONSTRATION = "platform:demonstration", "装入演示数据", _NOTHING, "rows"


BY_VALUE: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
