"""The people of Fujian founded once for a module: ninety-four bodies cost more than most tests."""

from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.fujian_cast import FujianCast, fujian_cast


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker) -> Iterator[FujianCast]:
    """Everybody, founded once; what each test does to them is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fujian_cast()
        transaction.set_rollback(True)


def paper(name: str = "核准变更登记通知书.pdf") -> SimpleUploadedFile:
    """A piece of evidence."""
    return SimpleUploadedFile(name, b"%PDF-1.4\n%%EOF\n", "application/pdf")
