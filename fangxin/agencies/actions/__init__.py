"""Every write on the register, named as an officer would say it."""

from fangxin.agencies.actions.bulk import Collected, Entered, enter_declarations, may_import
from fangxin.agencies.actions.changes import (
    give_filing_opinion,
    merge_agency,
    propose_change,
    record_change,
    set_head_office,
)
from fangxin.agencies.actions.claims import (
    Application,
    approve_claim,
    claim_account,
    refuse_claim,
    send_link_again,
)
from fangxin.agencies.actions.declaring import (
    add_picture,
    begin_declaration,
    correct_declaration,
    recall_declaration,
    remove_picture,
    remove_row,
    save_row,
    save_table,
    submit_declaration,
)
from fangxin.agencies.actions.entering import enter_agency
from fangxin.agencies.actions.publishing import publish_roster
from fangxin.agencies.actions.quarters import confirm_no_change, open_quarter, recount_duties, run_quarters
from fangxin.agencies.actions.reviewing import (
    LONGEST_OPINION,
    approve_declaration,
    confirm_declaration,
    precheck_declaration,
    return_declaration,
)

__all__ = [
    "LONGEST_OPINION",
    "Application",
    "Collected",
    "Entered",
    "add_picture",
    "approve_claim",
    "approve_declaration",
    "begin_declaration",
    "claim_account",
    "confirm_declaration",
    "confirm_no_change",
    "correct_declaration",
    "enter_agency",
    "enter_declarations",
    "give_filing_opinion",
    "may_import",
    "merge_agency",
    "open_quarter",
    "precheck_declaration",
    "propose_change",
    "publish_roster",
    "recall_declaration",
    "record_change",
    "recount_duties",
    "refuse_claim",
    "remove_picture",
    "remove_row",
    "return_declaration",
    "run_quarters",
    "save_row",
    "save_table",
    "send_link_again",
    "set_head_office",
    "submit_declaration",
]
