"""Writing to the journal: once per act, in the act's own transaction."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.transaction import TransactionManagementError

from fangxin.journal.actors import Actor
from fangxin.journal.kinds import DetailNotAllowed, Kind
from fangxin.journal.statements import ask, tell

_INSERT = """
INSERT INTO journal_entry (
    kind, jurisdiction, actor_user_id, actor_label, actor_role, actor_body, actor_company,
    subject_kind, subject_id, summary, details, clause, rule_key, rulebook_version, act_key
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
# Officers type reasons, and reasons quote telephones: nothing recognisable is kept here for ever.
_RECOGNISABLE = [
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "［电话］"),
    (
        re.compile(
            r"(?<!\d)\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
        ),
        "［证件号］",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "［邮箱］"),
]


class AlreadyDone(Exception):
    """This very act, known by its key, has been done before; nothing was written now."""

    def __init__(self, verb: str, subject_kind: str, subject_id: str) -> None:
        super().__init__("这一步已经办理过了，没有重复办理。请刷新页面查看结果。")
        self.verb = verb
        self.subject_kind = subject_kind
        self.subject_id = subject_id


def record(
    kind: Kind | str,
    subject_kind: str,
    subject_id: object,
    *,
    by: Actor,
    summary: str,
    details: Mapping[str, Any] | None = None,
    clause: str = "",
    rule_key: str = "",
    rulebook_version: str = "",
    act_key: UUID | None = None,
    jurisdiction: str = "",
) -> None:
    """The act stands in the journal if, and only if, the transaction around it commits.

    The kind and the keys of `details` are those declared in `kinds.py`. Mobile numbers, id numbers and e-mail
    addresses in texts are replaced by a word. Raises UnknownKind, DetailNotAllowed, and
    TransactionManagementError outside a transaction.
    """
    declared = Kind.named(kind)
    if unknown := set(details or ()) - declared.details:
        raise DetailNotAllowed(
            f"日志“{declared.title}”（{declared.value}）不得记录细目：{'、'.join(sorted(unknown))}。"
            f"允许的细目：{'、'.join(sorted(declared.details)) or '无'}。"
        )
    _needs_a_transaction()
    # No RETURNING: intake and the enterprises may write here and not read.
    tell(
        _INSERT,
        [
            declared.value,
            jurisdiction,
            by.user_id,
            by.label,
            by.role,
            by.body_id,
            by.company_id,
            subject_kind,
            str(subject_id),
            without_identity(summary),
            json.dumps(_plain(details or {}), ensure_ascii=False),
            clause,
            rule_key,
            rulebook_version,
            act_key,
        ],
    )


def claim_act(act_key: UUID | None, verb: str, subject_kind: str, subject_id: object) -> None:
    """The act with this key is ours to do, once, until the transaction ends; without a key, nothing happens.

    A second request with the same key waits for the first to end, then meets AlreadyDone, which says what
    the first was done to (or goes on itself, if the first was rolled back). The transaction stays usable.
    """
    _needs_a_transaction()
    if act_key is None:
        return
    claimed = ask(
        "INSERT INTO journal_act (key, verb, subject_kind, subject_id) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [act_key, verb, subject_kind, str(subject_id)],
    )
    if not claimed.count:
        earlier = ask("SELECT verb, subject_kind, subject_id FROM journal_act_subject(%s)", [act_key])
        raise AlreadyDone(*earlier.rows[0])


def without_identity(text: str) -> str:
    """The text, with mobile numbers, id numbers and e-mail addresses replaced by a word for each."""
    if text.isascii() and not any(mark.isdigit() or mark == "@" for mark in text):
        return text
    # Full-width digits are folded one to one, so positions stay the same; other text stays as written.
    folded = "".join(unicodedata.normalize("NFKC", c) if "！" <= c <= "～" else c for c in text)
    for pattern, word in _RECOGNISABLE:
        for found in reversed(list(pattern.finditer(folded))):
            text = text[: found.start()] + word + text[found.end() :]
            folded = folded[: found.start()] + word + folded[found.end() :]
    return text


def _plain(value: Any) -> Any:
    match value:
        case str():
            return without_identity(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [
                _plain(inner) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)
            ]
        case _:
            return str(value)


def _needs_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("日志须与所记的办理在同一事务内写入。")
