"""Every write on a case, named as an officer would say it."""

from fangxin.cases.actions.closing import (
    record_callback,
    reopen_case,
    tell_complainant,
)
from fangxin.cases.actions.companies import ask_again, open_task, reply_to_task
from fangxin.cases.actions.days import ask_extension, decide_extension, explain_delay, report_delay
from fangxin.cases.actions.handling import (
    accept_case,
    approve_proposal,
    propose_refusal,
    propose_return,
    reassign_officer,
    reject_proposal,
)
from fangxin.cases.actions.identity import ask_for_identity, consent_to_identity, open_identity
from fangxin.cases.actions.intake import Entry, receive_web_complaint, register_case, register_cases
from fangxin.cases.actions.paper import (
    record_rectification,
    register_reply,
    take_over_online,
    tell_company,
)
from fangxin.cases.actions.sorting import dispatch_case, forward_from_hub, reopen_refused
from fangxin.cases.actions.steps import take_step
from fangxin.cases.actions.supervising import (
    acknowledge_supervision,
    answer_own_supervision,
    answer_supervision,
    close_supervision,
    issue_supervision,
    open_own_supervision,
    raise_unanswered,
)
from fangxin.cases.actions.triage import keep_training
from fangxin.cases.actions.urging import record_answer, urge_company, urge_department

__all__ = [
    "Entry",
    "accept_case",
    "acknowledge_supervision",
    "answer_own_supervision",
    "answer_supervision",
    "approve_proposal",
    "ask_again",
    "ask_extension",
    "ask_for_identity",
    "close_supervision",
    "consent_to_identity",
    "decide_extension",
    "dispatch_case",
    "explain_delay",
    "forward_from_hub",
    "issue_supervision",
    "keep_training",
    "open_identity",
    "open_own_supervision",
    "open_task",
    "propose_refusal",
    "propose_return",
    "raise_unanswered",
    "reassign_officer",
    "receive_web_complaint",
    "record_answer",
    "record_callback",
    "record_rectification",
    "register_case",
    "register_cases",
    "register_reply",
    "reject_proposal",
    "reopen_case",
    "reopen_refused",
    "reply_to_task",
    "report_delay",
    "take_over_online",
    "take_step",
    "tell_company",
    "tell_complainant",
    "urge_company",
    "urge_department",
]
