"""Sealed values: what lies in the database cannot be read, moved to another row, or altered unnoticed.

Each value is sealed under a data key. Data keys lie in the database, wrapped under a master key, which does
not: it comes from FANGXIN_SEALING_KEY or the file `sealing_key` in the secrets folder (several keys there:
the first wraps, the others still unwrap). Equal values are found through a blind index, keyed by a second
secret (FANGXIN_INDEX_KEY, `index_key`), because a telephone number is soon guessed by whoever has that key.

A sealed value is: version, suite, number of the data key (4 bytes), nonce (12), ciphertext, tag (16).
"""

import os
import re
import secrets
import struct
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection, connections

_FORMAT = 1
_HEADER = struct.Struct(">BBI")
_NONCE, _TAG = 12, 16
# A process goes on sealing under the key it knows; within this time it notices a newer one.
_RING_SECONDS = 300
_RESEALED_AT_ONCE = 500


class Suite(IntEnum):
    """The ciphers; the number stands in every sealed value. GB/T 32907 with RFC 8998, and AES."""

    SM4_GCM = 1
    AES_256_GCM = 2

    @property
    def key_bytes(self) -> int:
        return 16 if self is Suite.SM4_GCM else 32

    @property
    def title(self) -> str:
        return self.name.replace("_", "-")


class SealBroken(Exception):
    """The sealed value cannot be opened: altered, moved from another row or field, or its key is missing."""


class SealingNotReady(Exception):
    """There is no key to seal with; the message says what the administrator should do."""


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


def seal_text(plain: str, aad: str) -> bytes:
    """The text, sealed for one place only: `aad` names it, as "complainant.name:<uuid of the row>".

    Raises SealingNotReady.
    """
    return seal_bytes(plain.encode(), aad)


def open_text(sealed: bytes, aad: str) -> str:
    """The text that was sealed for this place. Raises SealBroken."""
    return open_bytes(sealed, aad).decode()


def seal_bytes(plain: bytes, aad: str) -> bytes:
    """As `seal_text`, for the content of a file."""
    key = _keys().newest
    header = _HEADER.pack(_FORMAT, key.suite, key.number)
    return header + _encrypt(key.suite, key.secret, plain, header + aad.encode())


def open_bytes(sealed: bytes, aad: str) -> bytes:
    """As `open_text`, for the content of a file. Raises SealBroken."""
    sealed = bytes(sealed)
    if len(sealed) < _HEADER.size + _NONCE + _TAG or sealed[0] != _FORMAT:
        raise SealBroken("封存内容无法开启：不是本平台的封存格式，或已残缺。")
    header, body = sealed[: _HEADER.size], sealed[_HEADER.size :]
    _, suite, number = _HEADER.unpack(header)
    key = _key(number)
    if key is None or key.suite != suite:
        raise SealBroken(f"封存内容无法开启：第 {number} 号封存密钥不在密钥表中。请核对数据库备份是否完整。")
    try:
        return _decrypt(key.suite, key.secret, body, header + aad.encode())
    except InvalidTag:
        raise SealBroken("封存内容无法开启：内容被改动，或被移到了别的记录或字段。") from None


def reseal(sealed: bytes, aad: str) -> bytes | None:
    """The value under the newest data key; None when it already is. Raises SealBroken."""
    if _HEADER.unpack(bytes(sealed)[: _HEADER.size])[2] == _keys().newest.number:
        return None
    return seal_bytes(open_bytes(sealed, aad), aad)


def blind_index(field: str, value: str) -> bytes:
    """Sixteen bytes, equal for equal values of the field; without the index key they say nothing more.

    `field` is telephone, id_number, name or email; the value is normalised as `normalised` does.
    Raises ValueError when nothing is left of it, and SealingNotReady.
    """
    plain = normalised(field, value)
    if not plain:
        raise ValueError("内容为空，不能按它查找。")
    mac = hmac.HMAC(_index_key(field), hashes.SM3())
    mac.update(plain.encode())
    return mac.finalize()[:16]


def normalised(field: str, value: str) -> str:
    """The value as it is compared: ＋８６ 138-0013-8000 is 13800138000; 阿依古丽·买买提 loses its dot."""
    return _NORMALISERS[field](unicodedata.normalize("NFKC", value))


def _telephone(text: str) -> str:
    digits = "".join(mark for mark in text if mark.isdigit())
    is_abroad = text.lstrip().startswith("+")
    for prefix in ("0086", "86"):
        rest = digits.removeprefix(prefix)
        if rest != digits and (is_abroad or prefix == "0086" or re.fullmatch(r"1[3-9]\d{9}", rest)):
            # +86 10 … is written 010 … at home; a mobile number has no such nought.
            return rest if re.fullmatch(r"1[3-9]\d{9}", rest) or rest.startswith("0") else f"0{rest}"
    return digits


_NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "telephone": _telephone,
    "id_number": lambda text: "".join(mark for mark in text if mark.isalnum()).upper(),
    "name": lambda text: re.sub(r"[\s·•・‧∙⋅]", "", text).casefold(),
    "email": lambda text: text.strip().casefold(),
}


@dataclass(frozen=True, slots=True)
class SealedTable:
    """Where sealed values lie; `aad` has {column} and {key}. Key rotation walks through these."""

    table: str
    key: str
    columns: tuple[str, ...]
    aad: str


SEALED_TABLES: list[SealedTable] = []


def declare_sealed(table: str, key: str, columns: tuple[str, ...], aad: str) -> None:
    """Key rotation renews these columns too."""
    SEALED_TABLES.append(SealedTable(table, key, columns, aad))


def prepare() -> None:
    """There are secrets and a first data key; what is there stays."""
    for name in ("sealing_key", "index_key"):
        if not _secrets(name):
            _write_secrets(name, [secrets.token_hex(32)])
    forget_keys()
    with _own_connection() as cursor:
        cursor.execute("SELECT count(*) FROM documents_sealingkey")
        if not cursor.fetchone()[0]:
            _add_key(cursor, 1, _masters()[0])


def add_data_key() -> int:
    """A new data key seals from now on; returns its number. Other processes follow within five minutes."""
    with _own_connection() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM documents_sealingkey")
        number = int(cursor.fetchone()[0])
        _add_key(cursor, number, _masters()[0])
    forget_keys()
    return number


def reseal_all(progress: Callable[[int], None] | None = None) -> int:
    """Every declared column lies under the newest data key; returns how many values were renewed.

    May be interrupted and run again. A value somebody changes meanwhile is left as they wrote it.
    """
    renewed = 0
    for where in SEALED_TABLES:
        for column in where.columns:
            for batch in _sealed_under_older_keys(where, column):
                renewed += batch
                if progress:
                    progress(batch)
    return renewed


def add_master_key() -> str:
    """A new master key stands first in the secrets file, before the old ones; returns its fingerprint.

    Raises SealingNotReady when the key comes from the environment, which only the administrator can change.
    """
    if os.environ.get("FANGXIN_SEALING_KEY"):
        raise SealingNotReady(
            "主密钥来自环境变量 FANGXIN_SEALING_KEY：请把新密钥写在旧密钥之前（用逗号隔开），"
            "重启后运行 fangxin rotate-keys rewrap。"
        )
    _write_secrets("sealing_key", [secrets.token_hex(32), *_secrets("sealing_key")])
    forget_keys()
    return fingerprint(_masters()[0])


def rewrap() -> int:
    """Every data key is wrapped under the first master key; returns how many were wrapped anew."""
    masters = _masters()
    first = fingerprint(masters[0])
    with _own_connection() as cursor:
        cursor.execute(
            "SELECT id, suite, master, wrapped FROM documents_sealingkey WHERE master <> %s", [first]
        )
        rows = cursor.fetchall()
        for number, suite, master, wrapped in rows:
            key = _unwrap(number, Suite(suite), master, bytes(wrapped), masters)
            cursor.execute(
                "UPDATE documents_sealingkey SET master = %s, wrapped = %s WHERE id = %s",
                [first, _wrap(key, masters[0]), number],
            )
    forget_keys()
    return len(rows)


def forget_old_masters() -> int:
    """Only the first master key is left in the secrets file; returns how many were taken out.

    Raises SealingNotReady while a data key still needs one of them.
    """
    first, *old = _secrets("sealing_key")
    if any(row["master"] != fingerprint(bytes.fromhex(first)) for row in key_rows()):
        raise SealingNotReady("仍有封存密钥由旧主密钥保护：先运行 fangxin rotate-keys rewrap。")
    _write_secrets("sealing_key", [first])
    return len(old)


def key_rows() -> list[dict[str, Any]]:
    """The data keys without their content: number, suite, master (fingerprint), made_at."""
    with _own_connection() as cursor:
        cursor.execute("SELECT id, suite, master, made_at FROM documents_sealingkey ORDER BY id")
        return [
            {"number": number, "suite": Suite(suite).title, "master": master, "made_at": made_at}
            for number, suite, master, made_at in cursor.fetchall()
        ]


def fingerprint(master: bytes) -> str:
    """Eight digits that tell one master key from another and give nothing away."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"fangxin master key" + master)
    return digest.finalize()[:4].hex()


def forget_keys() -> None:
    """The next use reads secrets and data keys afresh."""
    global _ring  # noqa: PLW0603 - one ring for the process, guarded by its lock
    with _turn:
        _ring = None
        _index_key.cache_clear()


def _keys() -> _Ring:
    ring = _ring
    if ring is not None and time.monotonic() - ring.read_at < _RING_SECONDS:
        return ring
    return _read_ring(ring)


def _key(number: int) -> DataKey | None:
    ring = _keys()
    if number not in ring.keys and time.monotonic() - ring.read_at > 1:
        ring = _read_ring(ring)
    return ring.keys.get(number)


def _read_ring(stale: _Ring | None) -> _Ring:
    global _ring  # noqa: PLW0603
    with _turn:
        if _ring is not None and _ring is not stale:
            return _ring
        if not settings.PRODUCTION:
            _make_missing_secrets()
        masters = _masters()
        # Its own connection, so that a request in an audience's role can seal without seeing this table,
        # and so that a first key never vanishes with the transaction that happened to need it.
        with _own_connection() as cursor:
            rows = _key_table(cursor)
            if not rows and not settings.PRODUCTION:
                _add_key(cursor, 1, masters[0])
                rows = _key_table(cursor)
        if not rows:
            raise SealingNotReady("数据库中没有封存密钥：请先运行 fangxin rotate-keys init。")
        keys = {
            number: DataKey(
                number, Suite(suite), _unwrap(number, Suite(suite), master, bytes(wrapped), masters)
            )
            for number, suite, master, wrapped in rows
        }
        _ring = _Ring(keys, keys[max(keys)], time.monotonic())
        return _ring


def _key_table(cursor: Any) -> list[tuple[int, int, str, bytes]]:
    cursor.execute("SELECT id, suite, master, wrapped FROM documents_sealingkey")
    return list(cursor.fetchall())


def _add_key(cursor: Any, number: int, master: bytes) -> None:
    suite = _chosen_suite()
    key = DataKey(number, suite, secrets.token_bytes(suite.key_bytes))
    # Two processes may start at once; the one that comes second uses the first one's key.
    cursor.execute(
        "INSERT INTO documents_sealingkey (id, suite, master, wrapped) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [number, suite.value, fingerprint(master), _wrap(key, master)],
    )


def _chosen_suite() -> Suite:
    name = os.environ.get("FANGXIN_CIPHER", Suite.SM4_GCM.title)
    for suite in Suite:
        if suite.title == name.upper():
            return suite
    raise SealingNotReady(
        f"FANGXIN_CIPHER 为“{name}”，只能是 {'、'.join(suite.title for suite in Suite)} 之一。"
    )


def _wrap(key: DataKey, master: bytes) -> bytes:
    return _encrypt(
        key.suite, _wrapping_key(master, key.suite), key.secret, _wrapping_aad(key.number, key.suite)
    )


def _unwrap(number: int, suite: Suite, master: str, wrapped: bytes, masters: list[bytes]) -> bytes:
    for candidate in masters:
        if fingerprint(candidate) == master:
            try:
                return _decrypt(suite, _wrapping_key(candidate, suite), wrapped, _wrapping_aad(number, suite))
            except InvalidTag:
                raise SealBroken(f"第 {number} 号封存密钥被改动，无法取用。请从备份恢复密钥表。") from None
    raise SealingNotReady(
        f"第 {number} 号封存密钥由主密钥 {master} 保护，而现有主密钥中没有它："
        "请核对 FANGXIN_SEALING_KEY 或密钥文件 sealing_key 是否为本数据库所用。"
    )


def _wrapping_key(master: bytes, suite: Suite) -> bytes:
    return _derived(master, suite.key_bytes, f"fangxin data key wrapping {suite.title}")


def _wrapping_aad(number: int, suite: Suite) -> bytes:
    return f"dek:{number}:{suite.value}".encode()


@cache
def _index_key(field: str) -> bytes:
    if not settings.PRODUCTION:
        _make_missing_secrets()
    keys = _secrets("index_key")
    if not keys:
        raise SealingNotReady(_missing("index_key"))
    return _derived(bytes.fromhex(keys[0]), 32, f"fangxin blind index {field}")


def _derived(secret: bytes, length: int, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SM3(), length=length, salt=None, info=purpose.encode()).derive(secret)


def _encrypt(suite: Suite, key: bytes, plain: bytes, aad: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + gcm_encrypt(suite, key, nonce, plain, aad)


def _decrypt(suite: Suite, key: bytes, body: bytes, aad: bytes) -> bytes:
    nonce, cipher_text, tag = body[:_NONCE], body[_NONCE:-_TAG], body[-_TAG:]
    if suite is Suite.AES_256_GCM:
        return AESGCM(key).decrypt(nonce, cipher_text + tag, aad)
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(aad)
    plain = decryptor.update(cipher_text)
    return plain + decryptor.finalize()


def gcm_encrypt(suite: Suite, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    """Ciphertext and tag. The nonce must never have been used with this key."""
    if suite is Suite.AES_256_GCM:
        return AESGCM(key).encrypt(nonce, plain, aad)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    cipher_text = encryptor.update(plain) + encryptor.finalize()
    return cipher_text + encryptor.tag


def _masters() -> list[bytes]:
    keys = [bytes.fromhex(key) for key in _secrets("sealing_key")]
    if not keys:
        raise SealingNotReady(_missing("sealing_key"))
    return keys


def _missing(name: str) -> str:
    return (
        f"没有密钥 {name}：请设置 FANGXIN_{name.upper()}，或运行 fangxin rotate-keys init 在 "
        f"{Path(settings.SECRETS_DIR)} 生成。密钥一经使用，遗失即无法找回已封存的内容，请另行备份。"
    )


def _secrets(name: str) -> list[str]:
    """The keys, newest first, each 64 hexadecimal digits."""
    path = Path(settings.SECRETS_DIR) / name
    text = os.environ.get(f"FANGXIN_{name.upper()}") or (path.read_text() if path.is_file() else "")
    keys = re.split(r"[,\s]+", text.strip()) if text.strip() else []
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", key) for key in keys):
        raise SealingNotReady(
            f"密钥 {name} 写得不对：每个密钥须为64位十六进制数字，多个密钥以逗号或换行隔开。"
        )
    return keys


def _make_missing_secrets() -> None:
    for name in ("sealing_key", "index_key"):
        if not _secrets(name):
            _write_secrets(name, [secrets.token_hex(32)], only_if_absent=True)


def _write_secrets(name: str, keys: list[str], *, only_if_absent: bool = False) -> None:
    folder = Path(settings.SECRETS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400), "w") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if only_if_absent:
        # A link fails where a name exists: of two processes that start at once, one makes the key.
        try:
            os.link(draft, folder / name)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    else:
        draft.replace(folder / name)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def _own_connection() -> Iterator[Any]:
    own = connections[connection.alias].copy()
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()


def _sealed_under_older_keys(where: SealedTable, column: str) -> Iterator[int]:
    """Renews batch after batch; yields how many each renewed."""
    quote = connection.ops.quote_name
    table, key, field = quote(where.table), quote(where.key), quote(column)
    newest = _keys().newest.number
    last: Any = None
    while True:
        with connection.cursor() as cursor:
            after = f"AND {key} > %s" if last is not None else ""
            cursor.execute(
                f"SELECT {key}, {field} FROM {table} WHERE {field} IS NOT NULL"  # noqa: S608 - quoted names
                f" AND substring({field} FROM 3 FOR 4) <> %s {after}"
                f" ORDER BY {key} LIMIT {_RESEALED_AT_ONCE}",
                [newest.to_bytes(4, "big"), *([last] if last is not None else [])],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            renewed = 0
            for row_key, sealed in rows:
                aad = where.aad.format(column=column, key=row_key)
                cursor.execute(
                    f"UPDATE {table} SET {field} = %s WHERE {key} = %s AND {field} = %s",  # noqa: S608
                    [reseal(sealed, aad), row_key, sealed],
                )
                renewed += cursor.rowcount
            last = rows[-1][0]
        yield renewed


__all__ = [
    "SealBroken",
    "SealingNotReady",
    "blind_index",
    "open_bytes",
    "open_text",
    "seal_bytes",
    "seal_text",
]
