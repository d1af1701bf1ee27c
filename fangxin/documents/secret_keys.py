"""The secrets no database holds: the master keys and the index key, from the environment or from files."""

import os
import re
import secrets
import threading
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from django.conf import settings

NAMES = ("sealing_key", "index_key")


class SealingNotReady(Exception):
    """There is no key to seal with; the message says what the administrator should do."""


def master_keys() -> list[bytes]:
    """The master keys; the first wraps, all unwrap. Raises SealingNotReady."""
    return _wanted("sealing_key")


def index_secret() -> bytes:
    """What the blind indexes are keyed with. Raises SealingNotReady."""
    return _wanted("index_key")[0]


def fingerprint(master: bytes) -> str:
    """Eight digits that tell one master key from another and give nothing away."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"fangxin master key" + master)
    return digest.finalize()[:4].hex()


def missing() -> list[str]:
    """The names of the secrets that are neither in the environment nor in a file."""
    return [name for name in NAMES if not _read(name)]


def make_missing() -> None:
    """Every secret exists; those that are there stay."""
    for name in missing():
        _write(name, [secrets.token_hex(32)], only_if_absent=True)


def add_master_key() -> str:
    """A new master key stands first in its file, before the old ones; returns its fingerprint.

    Raises SealingNotReady when the key comes from the environment, which only the administrator can change.
    """
    _refuse_environment()
    _write("sealing_key", [secrets.token_hex(32), *_read("sealing_key")])
    return fingerprint(master_keys()[0])


def forget_old_master_keys() -> int:
    """Only the first master key is left in its file; returns how many went. Raises SealingNotReady."""
    _refuse_environment()
    first, *old = _read("sealing_key")
    _write("sealing_key", [first])
    return len(old)


def _refuse_environment() -> None:
    if os.environ.get("FANGXIN_SEALING_KEY"):
        raise SealingNotReady(
            "主密钥来自环境变量 FANGXIN_SEALING_KEY：请把新密钥写在旧密钥之前（用逗号隔开），"
            "重启后运行 fangxin rotate-keys rewrap；旧密钥也请在那里删去。"
        )


def _wanted(name: str) -> list[bytes]:
    keys = _read(name)
    if not keys and not settings.PRODUCTION:
        make_missing()
        keys = _read(name)
    if not keys:
        raise SealingNotReady(
            f"没有密钥 {name}：请设置 FANGXIN_{name.upper()}，或运行 fangxin rotate-keys init 在 "
            f"{settings.SECRETS_DIR} 生成。密钥一经使用，遗失即无法找回已封存的内容，请另行备份。"
        )
    return [bytes.fromhex(key) for key in keys]


def _read(name: str) -> list[str]:
    path = Path(settings.SECRETS_DIR) / name
    text = (os.environ.get(f"FANGXIN_{name.upper()}") or (path.read_text() if path.is_file() else "")).strip()
    keys = re.split(r"[,\s]+", text) if text else []
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", key) for key in keys):
        raise SealingNotReady(
            f"密钥 {name} 写得不对：每个密钥须为64位十六进制数字，多个密钥以逗号或换行隔开。"
        )
    return keys


def _write(name: str, keys: list[str], *, only_if_absent: bool = False) -> None:
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
