"""The test database has the same roles, rights and row policies as a real one."""

import pytest
from django.db import connection

from fangxin.config.database_roles import grant_on, role_statements


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for statement in role_statements():
            cursor.execute(statement)
        grant_on(cursor)
