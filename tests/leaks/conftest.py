"""A store of files for one test, and every log at its most talkative."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from fangxin.config.log_lines import LineFormatter


class Talk(logging.Handler):
    """Everything that would be written to a log, with the traceback that follows it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(LineFormatter())
        self.lines: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.add(f"{self.format(record)} {record.__dict__}")


@pytest.fixture
def talk() -> Iterator[Talk]:
    """Loggers that the settings keep quiet stay quiet: that they do is part of what is tested."""
    handler, root, own = Talk(), logging.getLogger(), logging.getLogger("fangxin")
    before = root.level, own.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before[0])
    own.setLevel(before[1])


@pytest.fixture(autouse=True)
def file_store(tmp_path: Path, settings: object) -> Path:
    """Everything that is put in the store lies under this folder."""
    folder = tmp_path / "files"
    folder.mkdir()
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        },
    }
    settings.FANGXIN_TODAY = ""  # type: ignore[attr-defined]
    return folder
