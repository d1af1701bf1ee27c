"""What must be true before the first request."""

import pytest
from django.db import connection

from fangxin.config import checks


@pytest.mark.django_db
def test_a_login_that_bypasses_policies_is_refused(monkeypatch):
    # The tests' own login is a superuser. Closing its connection would end the test's transaction.
    monkeypatch.setattr(connection, "close", lambda: None)
    assert [wrong.id for wrong in checks.login_is_narrow()] == ["fangxin.E005"]


@pytest.mark.django_db
def test_a_login_that_owns_nothing_may_serve(monkeypatch):
    monkeypatch.setattr(connection, "close", lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("set local role fangxin_web")
    assert checks.login_is_narrow() == []


def test_a_moved_day_is_refused_in_production(settings):
    settings.FANGXIN_TODAY, settings.PRODUCTION = "2026-02-13", True
    assert [wrong.id for wrong in checks.day_is_real()] == ["fangxin.E002"]


def test_a_missing_key_is_refused_in_production(settings):
    settings.SECRET_KEY, settings.PRODUCTION = "unset", True
    assert [wrong.id for wrong in checks.secrets_are_set()] == ["fangxin.E003"]


def test_demonstrations_and_tests_may_start():
    assert checks.day_is_real() == checks.secrets_are_set() == checks.rulebook_loads() == []
