"""Every write on conduct and credit, named as an officer would say it."""

from fangxin.credit.actions.applications import (
    apply,
    begin_assessment,
    conclude_assessment,
    consent_to_withdrawal,
    decide_objection,
    refuse_withdrawal,
)
from fangxin.credit.actions.corrections import confirm_correction, propose_correction
from fangxin.credit.actions.counting import compute_round, count_batch, resume_computing
from fangxin.credit.actions.honours import (
    end_honours,
    resubmit_good_record,
    return_good_record,
    revoke_good_record,
    submit_good_record,
    verify_good_record,
)
from fangxin.credit.actions.records import (
    Conduct,
    archive_record,
    cancel_notice,
    comment_on_record,
    confirm_record,
    draft_by_itself,
    draft_record,
    drop_record,
    end_displays,
    release_record,
    serve_notice,
    state_case,
)
from fangxin.credit.actions.rounds import (
    announce_round,
    answer_objection,
    finish_round,
    object_to_score,
    open_round,
    publish_scores,
    review_round,
)
from fangxin.credit.actions.trying import try_scheme

__all__ = [
    "Conduct",
    "announce_round",
    "answer_objection",
    "apply",
    "archive_record",
    "begin_assessment",
    "cancel_notice",
    "comment_on_record",
    "compute_round",
    "conclude_assessment",
    "confirm_correction",
    "confirm_record",
    "consent_to_withdrawal",
    "count_batch",
    "decide_objection",
    "draft_by_itself",
    "draft_record",
    "drop_record",
    "end_displays",
    "end_honours",
    "finish_round",
    "object_to_score",
    "open_round",
    "propose_correction",
    "publish_scores",
    "refuse_withdrawal",
    "release_record",
    "resubmit_good_record",
    "resume_computing",
    "return_good_record",
    "review_round",
    "revoke_good_record",
    "serve_notice",
    "state_case",
    "submit_good_record",
    "try_scheme",
    "verify_good_record",
]
