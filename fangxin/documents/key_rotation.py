"""Changing the keys: a new data key and the renewal of what is sealed, a new master key and the rewrapping.

Both may be interrupted at any point and run again; at every moment everything sealed can be opened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from fangxin.documents import secret_keys, storage
from fangxin.documents.ciphers import Suite
from fangxin.documents.key_ring import add_key, forget_keys, newest_key, own_connection, unwrap, wrap
from fangxin.documents.sealing import SealBroken, reseal
from fangxin.documents.secret_keys import SealingNotReady, fingerprint, master_keys

_RESEALED_AT_ONCE = 500
_BROKEN_NAMED = 5


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
    """There are secrets and a first data key; what is there stays.

    Raises SealingNotReady when the database has keys and a secret is missing: a new one would open nothing.
    """
    with own_connection() as cursor:
        cursor.execute("SELECT count(*) FROM documents_sealingkey")
        is_new = not cursor.fetchone()[0]
        missing = secret_keys.missing()
        if missing and not is_new:
            raise SealingNotReady(
                f"数据库中已有封存密钥，却缺少密钥 {'、'.join(missing)}："
                f"请把原来的密钥放回 {settings.SECRETS_DIR}。"
            )
        secret_keys.make_missing()
        forget_keys()
        if is_new:
            add_key(cursor, 1)


def add_data_key() -> int:
    """A new data key seals from now on; returns its number. Other processes follow within five minutes."""
    with own_connection() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM documents_sealingkey")
        number = int(cursor.fetchone()[0])
        add_key(cursor, number)
    forget_keys()
    return number


def reseal_all(progress: Callable[[int], None] | None = None) -> int:
    """Every declared column and every stored file lies under the newest data key; returns how many were renewed.

    May be interrupted and run again. A value somebody changes meanwhile is left as they wrote it. A damaged
    file stops nothing: SealBroken names it when all the others are done.
    """
    renewed = 0
    for where in SEALED_TABLES:
        for column in where.columns:
            for batch in _renewals(where, column):
                renewed += batch
                if progress:
                    progress(batch)
    return renewed + _renew_files(progress)


def _renew_files(progress: Callable[[int], None] | None) -> int:
    renewed, broken = 0, []
    for path in storage.stored():
        try:
            done = storage.renew(path)
        except FileNotFoundError:  # removed meanwhile
            continue
        except SealBroken:
            broken.append(path)
            continue
        renewed += done
        if done and progress:
            progress(1)
    if broken:
        raise SealBroken(
            f"其余内容已重新封存；有 {len(broken)} 个文件被改动或已残缺，未能开启，保持原样："
            f"{'、'.join(broken[:_BROKEN_NAMED])}{'……' if len(broken) > _BROKEN_NAMED else ''}。"
            "请从备份恢复这些文件，再运行 fangxin rotate-keys reseal。"
        )
    return renewed


def add_master_key() -> str:
    """A new master key wraps from now on, the old ones still unwrap; returns its fingerprint.

    Raises SealingNotReady when the key comes from the environment, which only the administrator can change.
    """
    made = secret_keys.add_master_key()
    forget_keys()
    return made


def rewrap() -> int:
    """Every data key is wrapped under the first master key; returns how many were wrapped anew."""
    masters = master_keys()
    first = fingerprint(masters[0])
    with own_connection() as cursor:
        cursor.execute(
            "SELECT id, suite, master, wrapped FROM documents_sealingkey WHERE master <> %s", [first]
        )
        rows = cursor.fetchall()
        for number, suite, master, wrapped in rows:
            key = unwrap(number, Suite(suite), master, bytes(wrapped), masters)
            cursor.execute(
                "UPDATE documents_sealingkey SET master = %s, wrapped = %s WHERE id = %s",
                [first, wrap(key, masters[0]), number],
            )
    forget_keys()
    return len(rows)


def forget_old_master_keys() -> int:
    """Only the newest master key is left; returns how many were taken out.

    Backups made before the last rewrapping can then no longer be opened. Raises SealingNotReady while a
    data key still needs an old one.
    """
    first = fingerprint(master_keys()[0])
    if any(row["master"] != first for row in key_rows()):
        raise SealingNotReady("仍有封存密钥由旧主密钥保护：先运行 fangxin rotate-keys rewrap。")
    taken_out = secret_keys.forget_old_master_keys()
    forget_keys()
    return taken_out


def key_rows() -> list[dict[str, Any]]:
    """The data keys without their content: number, suite, master (fingerprint), made_at."""
    with own_connection() as cursor:
        cursor.execute("SELECT id, suite, master, made_at FROM documents_sealingkey ORDER BY id")
        return [
            {"number": number, "suite": Suite(suite).title, "master": master, "made_at": made_at}
            for number, suite, master, made_at in cursor.fetchall()
        ]


def under_older_keys() -> int:
    """How many declared values and stored files are not yet sealed under the newest data key."""
    newest = newest_key().number.to_bytes(4, "big")
    count = sum(1 for path in storage.stored() if _under_older(path))
    with connection.cursor() as cursor:
        for where in SEALED_TABLES:
            for column in where.columns:
                table, field = connection.ops.quote_name(where.table), connection.ops.quote_name(column)
                cursor.execute(
                    f"SELECT count(*) FROM {table} WHERE substring({field} FROM 3 FOR 4) <> %s",  # noqa: S608
                    [newest],
                )
                count += cursor.fetchone()[0]
    return count


def _under_older(path: str) -> bool:
    try:
        return storage.key_of(path) != newest_key().number
    except (SealBroken, FileNotFoundError):
        return False


def _renewals(where: SealedTable, column: str) -> Iterator[int]:
    """Renews batch after batch; yields how many each renewed."""
    quote = connection.ops.quote_name
    table, key, field = quote(where.table), quote(where.key), quote(column)
    newest = newest_key().number
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
