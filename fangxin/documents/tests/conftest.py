"""A store of files for one test."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage


@pytest.fixture
def file_store(tmp_path: Path, settings: object) -> Path:
    """Everything that is put in the store lies under this folder."""
    folder = tmp_path / "files"
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        },
    }
    assert Path(default_storage.path("x")).parent == folder
    return folder
