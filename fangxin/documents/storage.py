"""Where the octets of a file lie: sealed, under a name that says nothing, outside what the web serves."""

import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from fangxin.documents.sealing import HEADER_LENGTH, key_number, open_bytes, reseal, seal_bytes

ORIGINALS, SHOWN = "originals", "shown"
# As `put` names them; what a cut-short renewal left beside one is none of ours.
_OURS = re.compile(r"[0-9a-f]{32}")


def put(folder: str, content: bytes) -> str:
    """The content lies sealed in the store, on the disk if the store is one; returns its path there."""
    name = secrets.token_hex(16)
    path = f"{folder}/{name[:2]}/{name}"
    default_storage.save(path, ContentFile(seal_bytes(content, _aad(path))))
    _reach_the_disk(path)
    return path


def get(path: str) -> bytes:
    """The content in the clear. Raises SealBroken when it is not what was put there, FileNotFoundError."""
    with default_storage.open(path) as sealed:
        return open_bytes(sealed.read(), _aad(path))


def remove(path: str) -> None:
    """The store no longer has it; nothing happens when it never did."""
    default_storage.delete(path)


def stored_before(moment: datetime) -> Iterator[str]:
    """The paths of everything put there before the moment."""
    for folder in (ORIGINALS, SHOWN):
        with suppress(FileNotFoundError):
            for part in default_storage.listdir(folder)[0]:
                for name in default_storage.listdir(f"{folder}/{part}")[1]:
                    path = f"{folder}/{part}/{name}"
                    if default_storage.get_modified_time(path) < moment:
                        yield path


def stored() -> Iterator[str]:
    """The paths of everything that was ever put there and not removed, whoever put it."""
    folders: list[str] = []
    with suppress(FileNotFoundError):
        folders = default_storage.listdir("")[0]
    for folder in folders:
        for part in default_storage.listdir(folder)[0]:
            for name in default_storage.listdir(f"{folder}/{part}")[1]:
                if _OURS.fullmatch(name):
                    yield f"{folder}/{part}/{name}"


def key_of(path: str) -> int:
    """The number of the data key it lies under. Raises SealBroken, FileNotFoundError."""
    with default_storage.open(path) as sealed:
        return key_number(sealed.read(HEADER_LENGTH))


def renew(path: str) -> bool:
    """It lies under the newest data key; False when it already did. Raises SealBroken, FileNotFoundError.

    Whoever reads meanwhile has the whole old or the whole new file, and so does a disk after a power cut.
    """
    with default_storage.open(path) as file:
        sealed = reseal(file.read(), _aad(path))
    if sealed is None:
        return False
    try:
        place = Path(default_storage.path(path))
    except NotImplementedError:
        with default_storage.open(path, "wb") as file:
            file.write(sealed)
        return True
    _put_in_place(place, sealed)
    return True


def _put_in_place(place: Path, content: bytes) -> None:
    descriptor, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), place.stat().st_mode)
            os.fsync(file.fileno())
        Path(beside).replace(place)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _aad(path: str) -> str:
    return f"attachment.file:{path}"


def _reach_the_disk(path: str) -> None:
    # A row that was acknowledged must not point at octets that a power cut took away.
    try:
        file = Path(default_storage.path(path))
    except NotImplementedError:
        return
    for place in (file, file.parent, file.parent.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
