"""The data keys: wrapped in the database under a master key that is not there, unwrapped in memory.

Each process keeps the ring it has read; a new data key is noticed within five minutes, an unknown one now.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection

from fangxin.documents.ciphers import NotAuthentic, Suite, decrypt, derived, encrypt
from fangxin.documents.secret_keys import SealingNotReady, fingerprint, index_secret, master_keys

_RING_SECONDS = 300


class SealBroken(Exception):
    """The sealed value cannot be opened: altered, moved from another row or field, or its key is missing."""


@dataclass(frozen=True, slots=True)
class DataKey:
    number: int
    suite: Suite
    secret: bytes


@dataclass(frozen=True, slots=True)
class _Ring:
    keys: Mapping[int, DataKey]
    newest: DataKey
    read_at: float


_ring: _Ring | None = None
_turn = threading.Lock()


def newest_key() -> DataKey:
    """The data key that seals now. Raises SealingNotReady."""
    return _keys().newest


def key_numbered(number: int) -> DataKey | None:
    """The data key of that number, looked for in the database if this process does not know it yet."""
    ring = _keys()
    if number not in ring.keys and time.monotonic() - ring.read_at > 1:
        ring = _read_ring(ring)
    return ring.keys.get(number)


@cache
def index_key(field: str) -> bytes:
    """The key of one field's blind index. Raises SealingNotReady."""
    return derived(index_secret(), 32, f"fangxin blind index {field}")


def forget_keys() -> None:
    """The next use reads secrets and data keys afresh."""
    global _ring  # noqa: PLW0603 - one ring for the process, guarded by its lock
    with _turn:
        _ring = None
        index_key.cache_clear()


@contextmanager
def own_connection() -> Iterator[Any]:
    """A cursor of the login itself, outside any transaction under way.

    So a request in an audience's role seals without being able to see the table of keys, and a first key
    never vanishes with the transaction that happened to need it.
    """
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()


def add_key(cursor: Any, number: int) -> None:
    """A data key of that number lies wrapped in the database, this one or one that came a moment sooner."""
    suite, master = _chosen_suite(), master_keys()[0]
    key = DataKey(number, suite, secrets.token_bytes(suite.key_bytes))
    cursor.execute(
        "INSERT INTO documents_sealingkey (id, suite, master, wrapped) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [number, suite.value, fingerprint(master), wrap(key, master)],
    )


def wrap(key: DataKey, master: bytes) -> bytes:
    """The data key, sealed under the master key for its number."""
    return encrypt(key.suite, _wrapping_key(master, key.suite), key.secret, _place(key.number, key.suite))


def unwrap(number: int, suite: Suite, master: str, wrapped: bytes, masters: list[bytes]) -> DataKey:
    """The data key. Raises SealingNotReady when its master key is missing, SealBroken when it was altered."""
    for candidate in masters:
        if fingerprint(candidate) == master:
            wrapping_key = _wrapping_key(candidate, suite)
            try:
                return DataKey(number, suite, decrypt(suite, wrapping_key, wrapped, _place(number, suite)))
            except NotAuthentic:
                raise SealBroken(f"第 {number} 号封存密钥被改动，无法取用。请从备份恢复密钥表。") from None
    raise SealingNotReady(
        f"第 {number} 号封存密钥由主密钥 {master} 保护，而现有主密钥中没有它："
        "请核对 FANGXIN_SEALING_KEY 或密钥文件 sealing_key 是否为本数据库所用。"
    )


def _keys() -> _Ring:
    ring = _ring
    if ring is not None and time.monotonic() - ring.read_at < _RING_SECONDS:
        return ring
    return _read_ring(ring)


def _read_ring(stale: _Ring | None) -> _Ring:
    global _ring  # noqa: PLW0603
    with _turn:
        if _ring is not None and _ring is not stale:
            return _ring
        masters = master_keys()
        with own_connection() as cursor:
            rows = _key_table(cursor)
            if not rows and not settings.PRODUCTION:
                add_key(cursor, 1)
                rows = _key_table(cursor)
        if not rows:
            raise SealingNotReady("数据库中没有封存密钥：请先运行 fangxin rotate-keys init。")
        keys = {
            number: unwrap(number, Suite(suite), master, bytes(wrapped), masters)
            for number, suite, master, wrapped in rows
        }
        _ring = _Ring(keys, keys[max(keys)], time.monotonic())
        return _ring


def _key_table(cursor: Any) -> list[tuple[int, int, str, bytes]]:
    cursor.execute("SELECT id, suite, master, wrapped FROM documents_sealingkey")
    return list(cursor.fetchall())


def _chosen_suite() -> Suite:
    name = os.environ.get("FANGXIN_CIPHER", Suite.SM4_GCM.title)
    for suite in Suite:
        if suite.title == name.upper():
            return suite
    raise SealingNotReady(
        f"FANGXIN_CIPHER 为“{name}”，只能是 {'、'.join(suite.title for suite in Suite)} 之一。"
    )


def _wrapping_key(master: bytes, suite: Suite) -> bytes:
    return derived(master, suite.key_bytes, f"fangxin data key wrapping {suite.title}")


def _place(number: int, suite: Suite) -> bytes:
    return f"dek:{number}:{suite.value}".encode()
