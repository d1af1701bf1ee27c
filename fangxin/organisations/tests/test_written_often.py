"""An INSERT put together once leaves the same row as Django's own."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from fangxin.cases.models import Case, CompanyTask
from fangxin.complaints.models import Complaint, Progress
from fangxin.deadlines.models import Deadline
from fangxin.notices.models import Notice
from fangxin.organisations.models import Membership
from fangxin.organisations.written_often import insert

pytestmark = pytest.mark.django_db


def test_the_row_is_the_one_that_save_writes():
    for title in ("回访", "𠮷㛃'; drop table", ""):
        ours, djangos = (Notice(to_user_id=None, to_complainant_of=uuid4(), title=title) for _ in range(2))
        insert(ours)
        djangos.save(force_insert=True)
        kept, other = (Notice.objects.filter(pk=row.pk).values().get() for row in (ours, djangos))
        assert kept.keys() == other.keys()
        assert kept["created_at"] == ours.created_at
        own = ("id", "to_complainant_of", "created_at")
        assert [kept[name] for name in kept if name not in own] == [
            other[name] for name in kept if name not in own
        ]
        assert not ours._state.adding


def test_a_row_that_may_not_be_there_is_refused():
    notice = Notice(to_complainant_of=uuid4(), title="一")
    insert(notice)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Notice(pk=notice.pk, to_complainant_of=uuid4(), title="二"))


def test_a_key_that_the_database_gives_is_not_for_it():
    with pytest.raises(TypeError, match="gives its key"):
        insert(Membership())


@pytest.mark.parametrize("model", [Case, CompanyTask, Complaint, Deadline, Notice, Progress])
def test_no_column_is_left_to_the_database(model):
    assert not any(field.generated or field.has_db_default() for field in model._meta.local_concrete_fields)
