"""Where the octets of a file lie: sealed, under a name that says nothing, outside what the web serves."""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from fangxin.documents.sealing import open_bytes, seal_bytes

ORIGINALS, SHOWN = "originals", "shown"


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
