"""Every write of disclosure, and every look that is written down."""

from fangxin.disclosure.actions.applying import Application, QueryReceipt, apply_for_query
from fangxin.disclosure.actions.deciding import expire_queries, grant_query, refuse_query, revoke_query
from fangxin.disclosure.actions.looking import read_record, read_table
from fangxin.disclosure.actions.rule_keeping import keep_rule, may_keep

__all__ = [
    "Application",
    "QueryReceipt",
    "apply_for_query",
    "expire_queries",
    "grant_query",
    "keep_rule",
    "may_keep",
    "read_record",
    "read_table",
    "refuse_query",
    "revoke_query",
]
