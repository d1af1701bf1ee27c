"""Every write on public complaints about agencies, named as an officer would say it."""

from fangxin.redress.actions.answering import give_feedback, record_finding
from fangxin.redress.actions.deciding import (
    decide_complaint,
    end_complaint_displays,
    publish_complaint,
    take_down_complaint,
    tell_respondent,
)
from fangxin.redress.actions.identity import open_complainant
from fangxin.redress.actions.lateness import find_late_feedback, judge_lateness
from fangxin.redress.actions.proposals import (
    accept_proposal,
    decline_proposal,
    propose_confirmed_violations,
    propose_record,
)
from fangxin.redress.actions.receiving import receive_agency_complaint
from fangxin.redress.actions.sorting import (
    refer_complaint,
    set_aside,
    sort_complaint,
    suggest_sorting,
    transfer_complaint,
)

__all__ = [
    "accept_proposal",
    "decide_complaint",
    "decline_proposal",
    "end_complaint_displays",
    "find_late_feedback",
    "give_feedback",
    "judge_lateness",
    "open_complainant",
    "propose_confirmed_violations",
    "propose_record",
    "publish_complaint",
    "receive_agency_complaint",
    "record_finding",
    "refer_complaint",
    "set_aside",
    "sort_complaint",
    "suggest_sorting",
    "take_down_complaint",
    "tell_respondent",
    "transfer_complaint",
]
