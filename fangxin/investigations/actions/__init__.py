"""Everything that writes an investigation: opinion, order, check, files, and asking others to look into it."""

from fangxin.investigations.actions.deciding import (
    check_rectification,
    hand_in_rectification,
    order_rectification,
    quarantine_file,
    recount_due_days,
    register_report,
    release_file,
    submit_opinion,
)
from fangxin.investigations.actions.inquiries import (
    ask_more,
    close_inquiry,
    draft_inquiry,
    drop_inquiry,
    print_inquiry,
    recall_inquiry,
    revise_inquiry,
    send_back_inquiry,
    sign_inquiry,
    submit_inquiry,
)
from fangxin.investigations.actions.inquiry_answers import (
    answer_inquiry,
    decline_inquiry,
    receive_inquiry,
    register_answer,
    register_decline,
    register_dispatch,
)

__all__ = [
    "answer_inquiry", "ask_more", "check_rectification", "close_inquiry", "decline_inquiry", "draft_inquiry",
    "drop_inquiry", "hand_in_rectification", "order_rectification", "print_inquiry", "quarantine_file", "recall_inquiry",
    "receive_inquiry", "recount_due_days", "register_answer", "register_decline", "register_dispatch", "register_report", "release_file",
    "revise_inquiry", "send_back_inquiry", "sign_inquiry", "submit_inquiry", "submit_opinion",
]  # fmt: skip
