"""The seal: a Merkle root over each batch of committed entries, chained, and its head kept outside.

Sealing runs behind the acts, because a chain that every act must extend takes two thirds of the write
rate. A chain alone does not notice when its end is cut off; the anchors do.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

LARGEST_BATCH = 50_000
ANCHOR_FILE = "journal.log"
# No act's transaction lasts so long: an entry this much older than the seal before its own was put in later.
LONGEST_ACT = "1 hour"
_BEIJING_TIME = ZoneInfo("Asia/Shanghai")
_LEAVES_AT_ONCE = 200_000
_NAMED_ONE_BY_ONE = 200

Progress = Callable[[int, int], None]


def seal() -> int:
    """Every entry whose transaction, like all before it, has ended lies under a seal.

    Returns how many entries were sealed now. Entries behind a transaction still open wait for the next time.
    """
    sealed = 0
    while batch := int(_rows("SELECT journal_seal_next(%s)", LARGEST_BATCH)[0][0]):
        sealed += batch
        if batch < LARGEST_BATCH:
            break
    return sealed


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain at one moment, as it stands outside the database.

    `check` depends on every line before, so a line altered or taken from the middle shows.
    """

    number: int
    total: int
    hash: str
    at: str
    check: str

    def line(self) -> str:
        return f"{self.number} {self.total} {self.hash} {self.at} {self.check}"

    def letter(self) -> str:
        """The anchor to be mailed or printed, and kept where no administrator of the database writes."""
        groups = " ".join(self.hash[i : i + 8] for i in range(0, len(self.hash), 8))
        return (
            "房信平台日志锚点\n"
            f"封存号：第 {self.number} 号\n"
            f"累计封存：{self.total} 条\n"
            f"散列（SHA-256）：{groups}\n"
            f"记录时间：{self.at}\n"
            f"请留存本件。日后运行 fangxin verify-journal --seal {self.number}，所示散列应与本件相同；\n"
            "不同，或没有这一号封存，即表明日志被改写或截去。\n"
        )


def anchor(folder: Path) -> Anchor | None:
    """The head of the chain is the last line of `folder`/journal.log, flushed to disk.

    Returns the anchor (the existing one when the head has not moved), or None when nothing is sealed yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ANCHOR_FILE, "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        head = _head()
        if head is None:
            return None
        file.seek(0)
        complete, newline, torn = file.read().rpartition(b"\n")
        if torn:
            # A power cut left half a line, which was never reported as written.
            file.truncate(len(complete) + len(newline))
        lines = complete.decode(errors="replace").split("\n") if complete else []
        before = _parse(lines[-1]) if lines else None
        if before and (before.number, before.total, before.hash) == head:
            return before
        at = datetime.now(_BEIJING_TIME).isoformat(timespec="seconds")
        new = Anchor(*head, at, _check(before.check if before else "", *head, at))
        file.write(new.line().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return new


def last_anchor(folder: Path) -> Anchor | None:
    """The newest anchor in `folder`/journal.log, unverified; None when there is none."""
    return max(_read_anchors(folder, Findings()), key=lambda each: each.number, default=None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: `code` for machines, `sentence` for the audit officer."""

    code: str
    sentence: str
    entry: int | None = None
    seal: int | None = None


@dataclass(slots=True)
class Findings:
    """What a verification saw; `intact` when nothing was found."""

    found: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    anchors: int = 0
    head: str = ""

    @property
    def intact(self) -> bool:
        return not self.found

    def as_dict(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return {"intact": self.intact, **asdict(self)}

    def add(self, code: str, sentence: str, *, entry: int | None = None, seal: int | None = None) -> None:
        self.found.append(Finding(code, sentence, entry, seal))


def verify(folder: Path, progress: Progress | None = None) -> Findings:
    """Everything sealed is computed afresh and compared, and the anchors in `folder` with the chain.

    Finds entries changed, removed or put in behind a seal, a chain broken or cut off, and altered anchors.
    An entry not yet sealed has nothing to be compared with. `progress` is told leaves done and leaves in all.
    """
    findings = Findings()
    # Read first: what is anchored now must be in the chain when the chain is read.
    anchors = _read_anchors(folder, findings)
    head = _head()
    newest, findings.sealed, findings.head = head or (0, 0, "")
    _look_at_chain(newest, findings)
    _look_at_leaves(newest, findings, progress)
    _look_behind_the_seals(newest, findings)
    _look_at_anchors(anchors, newest, folder, findings)
    return findings


def _look_at_chain(newest: int, findings: Findings) -> None:
    rows = _rows(
        """
        SELECT s.number, s.hash = journal_seal_hash(s),
               s.number = coalesce(lag(s.number) OVER w, 0) + 1,
               s.previous = coalesce(lag(s.hash) OVER w, '\\x'::bytea),
               s.total = coalesce(lag(s.total) OVER w, 0) + s.count,
               s.system <> coalesce(lag(s.system) OVER w, s.system), s.sealed_at
          FROM journal_seal s WHERE s.number <= %s WINDOW w AS (ORDER BY s.number) ORDER BY s.number
        """,
        newest,
    )
    findings.seals = len(rows)
    for number, is_itself, follows, is_linked, adds_up, has_moved, sealed_at in rows:
        if not is_itself:
            findings.add("seal-changed", f"第 {number} 号封存被改动：内容与其散列不符。", seal=number)
        if not follows:
            findings.add("seal-removed", f"第 {number} 号封存之前缺号：封存被删除。", seal=number)
        elif not is_linked:
            findings.add("chain-broken", f"第 {number} 号封存与前一号不相接：链条被改写。", seal=number)
        elif not adds_up:
            findings.add("seal-changed", f"第 {number} 号封存的累计条数不对。", seal=number)
        if has_moved:
            day = sealed_at.astimezone(_BEIJING_TIME).date()
            findings.remarks.append(
                f"自第 {number} 号封存（{day}）起换了数据库集群，应能找到当日恢复备份或迁移的记录。"
            )


def _look_at_leaves(newest: int, findings: Findings, progress: Progress | None) -> None:
    parts = _rows(
        """
        SELECT min(number), max(number), sum(count) FROM (
            SELECT number, count, sum(count::bigint) OVER (ORDER BY number) / %s AS part
              FROM journal_seal WHERE number <= %s) AS numbered
         GROUP BY part ORDER BY min(number)
        """,
        _LEAVES_AT_ONCE,
        newest,
    )
    in_all, done = sum(leaves for _, _, leaves in parts), 0
    for first, last, leaves in parts:
        _look_at_entries(first, last, findings)
        _look_at_roots(first, last, findings)
        done += leaves
        if progress:
            progress(done, in_all)


def _look_at_entries(first: int, last: int, findings: Findings) -> None:
    rows = _rows(
        """
        SELECT l.entry_id, l.seal, e.id IS NULL, e.id IS NOT NULL AND journal_leaf_hash(e) <> l.hash
          FROM journal_leaf l
          JOIN journal_seal s ON s.number = l.seal
          LEFT JOIN journal_seal p ON p.number = l.seal - 1
          LEFT JOIN journal_entry e ON e.id = l.entry_id
         WHERE l.seal BETWEEN %s AND %s
           AND (e.id IS NULL OR journal_leaf_hash(e) <> l.hash
                OR e.at > s.sealed_at OR e.at < p.sealed_at - %s::interval)
         ORDER BY l.entry_id
        """,
        first,
        last,
        LONGEST_ACT,
    )
    for entry, number, is_gone, is_changed in rows[:_NAMED_ONE_BY_ONE]:
        where = f"（第 {number} 号封存）"
        if is_gone:
            findings.add("entry-removed", f"第 {entry} 条日志被删除{where}。", entry=entry, seal=number)
        elif is_changed:
            findings.add("entry-changed", f"第 {entry} 条日志被改动{where}。", entry=entry, seal=number)
        else:
            findings.add(
                "entry-inserted",
                f"第 {entry} 条日志是事后插入的：所记时间与封存时间不合{where}。",
                entry=entry,
                seal=number,
            )
    if len(rows) > _NAMED_ONE_BY_ONE:
        findings.add("more", f"第 {first} 至 {last} 号封存内共有 {len(rows)} 条日志不符，其余未逐条列出。")


def _look_at_roots(first: int, last: int, findings: Findings) -> None:
    rows = _rows(
        """
        SELECT s.number FROM journal_seal s LEFT JOIN (
            SELECT seal, count(*) AS leaves, min(position) AS lowest, max(position) AS highest,
                   min(entry_id) AS first_id, max(entry_id) AS last_id,
                   journal_root(array_agg(hash ORDER BY position)) AS root
              FROM journal_leaf WHERE seal BETWEEN %s AND %s GROUP BY seal) AS l ON l.seal = s.number
         WHERE s.number BETWEEN %s AND %s
           AND (s.count, 1, s.count, s.first_id, s.last_id, s.root)
               IS DISTINCT FROM (l.leaves, l.lowest, l.highest, l.first_id, l.last_id, l.root)
         ORDER BY s.number
        """,
        first,
        last,
        first,
        last,
    )
    for (number,) in rows:
        findings.add("leaves-changed", f"第 {number} 号封存的叶与根不符：叶被改动、删除或添加。", seal=number)


def _look_behind_the_seals(newest: int, findings: Findings) -> None:
    orphans = _rows(
        """
        SELECT l.seal, count(*) FROM journal_leaf l
         WHERE NOT EXISTS (SELECT FROM journal_seal s WHERE s.number = l.seal) GROUP BY l.seal ORDER BY l.seal
        """
    )
    for number, leaves in orphans:
        findings.add("seal-removed", f"第 {number} 号封存被删除，留下 {leaves} 片叶。", seal=number)
    unsealed = _rows(
        """
        SELECT e.id, e.xid < h.below_xid AND h.system = (SELECT system_identifier FROM pg_control_system())
                     OR e.at < h.sealed_at - %s::interval
          FROM journal_entry e LEFT JOIN journal_seal h ON h.number = %s
         WHERE NOT EXISTS (SELECT FROM journal_leaf l WHERE l.entry_id = e.id) ORDER BY e.id
        """,
        LONGEST_ACT,
        newest,
    )
    for entry, is_behind in unsealed:
        if is_behind:
            findings.add(
                "entry-inserted", f"第 {entry} 条日志是在封存之后插入的，不在任何封存之内。", entry=entry
            )
        else:
            findings.unsealed += 1


def _look_at_anchors(anchors: list[Anchor], newest: int, folder: Path, findings: Findings) -> None:
    findings.anchors = len(anchors)
    if newest and not anchors:
        findings.add(
            "anchor-missing",
            f"{folder / ANCHOR_FILE} 里没有锚点，日志尾部若被截去将无从发现。"
            "首次使用请运行 fangxin anchor-journal；曾有锚点而今没有，即是被删除，请与外存的锚点核对。",
        )
    if anchors and anchors[-1].number > newest:
        last = anchors[-1]
        findings.add(
            "tail-lost",
            f"日志尾部被截去：锚点记有第 {last.number} 号封存（累计 {last.total} 条，{last.at}），"
            f"数据库只到第 {newest} 号。",
            seal=last.number,
        )
    seals = {
        number: (total, hash_)
        for number, total, hash_ in _rows(
            "SELECT number, total, encode(hash, 'hex') FROM journal_seal WHERE number = ANY(%s)",
            [each.number for each in anchors],
        )
    }
    for each in anchors:
        if each.number <= newest and seals.get(each.number) != (each.total, each.hash):
            findings.add(
                "anchor-differs",
                f"第 {each.number} 号封存与 {each.at} 的锚点不符：封存链被整体改写，或锚点被改动。"
                "请与外存的锚点核对。",
                seal=each.number,
            )


def _read_anchors(folder: Path, findings: Findings) -> list[Anchor]:
    path = folder / ANCHOR_FILE
    if not path.is_file():
        return []
    content = path.read_bytes().decode(errors="replace")
    if content and not content.endswith("\n"):
        findings.add(
            "anchor-torn", "锚点文件最后一行不完整（或因断电）：再运行一次 fangxin anchor-journal 即可补全。"
        )
        content = content[: content.rfind("\n") + 1]
    anchors, check = [], ""
    for place, line in enumerate(content.split("\n")[:-1], 1):
        each = _parse(line)
        if each is None or each.check != _check(check, each.number, each.total, each.hash, each.at):
            findings.add("anchor-altered", f"锚点文件第 {place} 行或其前一行被改动或删除。")
        if each is not None:
            anchors.append(each)
            check = each.check
    return sorted(anchors, key=lambda each: each.number)


def _parse(line: str) -> Anchor | None:
    parts = line.split(" ")
    try:
        number, total, hash_, at, check = parts
        parsed = Anchor(int(number), int(total), hash_, at, check)
    except ValueError:
        return None
    return parsed if parsed.line() == line else None


def _check(before: str, number: int, total: int, hash_: str, at: str) -> str:
    return hashlib.sha256(f"{before} {number} {total} {hash_} {at}".encode()).hexdigest()[:16]


def _head() -> tuple[int, int, str] | None:
    rows = _rows("SELECT number, total, encode(hash, 'hex') FROM journal_seal ORDER BY number DESC LIMIT 1")
    return rows[0] if rows else None


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchall()
