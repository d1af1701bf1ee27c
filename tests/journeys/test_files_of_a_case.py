"""A complainant's picture on its way to a company, and out of everybody's reach: by the department, with a reason."""

from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fangxin.documents.actions import add_attachments
from fangxin.documents.models import Attachment
from fangxin.documents.tests.conftest import file_store  # noqa: F401
from fangxin.documents.tests.hostile_files import CANARY, pdf, photo
from fangxin.investigations.actions import quarantine_file, release_file
from fangxin.journal.actors import Actor
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.models import User
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("file_store")]
WHY = "企业须看到收据才能答复"


@pytest.fixture
def case(stage):
    return stage.accepted()


@pytest.fixture
def files(case):
    return add_attachments(
        "complaint", case.complaint_id,
        [SimpleUploadedFile("收据.jpg", photo()), SimpleUploadedFile("合同.pdf", pdf())],
        purpose="complaint_evidence", by=Actor.citizen(),
    )  # fmt: skip


def sit(username):
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def judge(case, row):
    return reverse("judge_file", args=[case.number, row.pk])


def releasing(task, **changes):
    return {
        "act": "release",
        "act_key": uuid4(),
        "tasks": [task.pk],
        "reason": WHY,
        "checked": "on",
        **changes,
    }


def test_the_company_sees_the_cleaned_picture_beside_its_task_and_is_told(stage, case, files):
    task, clerk, company = stage.task(case), sit("wangfang"), sit("liuyang")
    address = reverse("enterprise_task", args=[task.pk])
    assert "附件1.jpg" not in company.get(address).content.decode()
    assert judge(case, files[0]) in clerk.get(reverse("case", args=[case.number])).content.decode()
    assert clerk.post(judge(case, files[0]), releasing(task)).status_code == 302
    assert "已转给 1 家企业" in clerk.get(reverse("case", args=[case.number])).content.decode()
    assert "附件1.jpg" in company.get(address).content.decode()
    copy = Attachment.objects.get(released_from=files[0])
    content = company.get(reverse("enterprise_attachment", args=[copy.pk])).content
    for word in CANARY.values():
        assert word.encode() not in content
    assert Notice.objects.filter(to_company=stage.cast.company, title__contains="有新的附件").count() == 1
    entry = Entry.objects.get(kind="attachment:release")
    assert (entry.subject_kind, entry.subject_id) == ("case", str(case.pk))
    assert entry.details["reason"] == WHY
    assert entry.details["company"] == stage.cast.company.pk


def test_the_same_form_sent_twice_releases_once(stage, case, files):
    given, clerk = releasing(stage.task(case)), sit("chentao")
    assert [clerk.post(judge(case, files[0]), given).status_code for _ in range(2)] == [302, 302]
    assert Attachment.objects.filter(released_from=files[0]).count() == 1
    assert Entry.objects.filter(kind="attachment:release").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "请填写转给企业的理由"),
        ({"reason": "因" * 501}, "不得超过500字，现有501字"),
        ({"reason": "\x00"}, "U+0000"),
        ({"tasks": []}, "请选择须回复的企业"),
        ({"tasks": [uuid4()]}, "请在列表中选择"),
        ({"checked": ""}, "请先打开附件核对"),
    ],
)
def test_what_is_missing_is_named_and_nothing_goes(stage, case, files, changes, said):
    page = sit("wangfang").post(judge(case, files[0]), releasing(stage.task(case), **changes))
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Attachment.objects.filter(released_from=files[0]).exists()


def test_only_a_picture_may_be_sent_on(stage, case, files):
    page = sit("wangfang").get(judge(case, files[1])).content.decode()
    assert "只有图片有去除个人信息的副本" in page
    assert 'value="release"' not in page
    with refused("不能转给企业：只有图片"):
        release_file(case.pk, files[1].pk, task_ids=[stage.task(case).pk], reason=WHY, by=stage.cast.clerk)


def test_strangers_other_departments_and_the_head_judge_no_file(stage, case, files):
    for who in ("zhaogang", "qianjun", "liqiang", "sunli", "liuyang"):
        assert sit(who).get(judge(case, files[0])).status_code == 404
        assert sit(who).post(judge(case, files[0]), releasing(stage.task(case))).status_code == 404
    for by in (stage.cast.other_clerk, stage.cast.head, stage.cast.dispatcher):
        with refused("由本案经办部门的专人或经办人处置"):
            quarantine_file(case.pk, files[0].pk, reason="误传", by=by)
        with refused("由本案经办部门的专人或经办人处置"):
            release_file(case.pk, files[0].pk, task_ids=[stage.task(case).pk], reason=WHY, by=by)


def test_a_file_of_another_case_is_not_there(stage, case, files):
    other = stage.accepted()
    address = reverse("judge_file", args=[other.number, files[0].pk])
    assert sit("wangfang").get(address).status_code == 404
    with refused("没有这个附件"):
        release_file(other.pk, files[0].pk, task_ids=[stage.task(other).pk], reason=WHY, by=stage.cast.clerk)
    with refused("没有这个附件"):
        quarantine_file(other.pk, files[0].pk, reason="误传", by=stage.cast.clerk)


def test_a_company_that_has_nothing_to_answer_any_more_gets_nothing(stage, case, files):
    task = stage.task(case)
    stage.decided(case=stage.answered(case))
    with refused("请选择须回复的企业", "tasks"):
        release_file(case.pk, files[0].pk, task_ids=[task.pk], reason=WHY, by=stage.cast.clerk)


def test_a_quarantined_file_and_its_copy_are_opened_by_nobody(stage, case, files):
    clerk, company = sit("wangfang"), sit("liuyang")
    clerk.post(judge(case, files[0]), releasing(stage.task(case)))
    copy = Attachment.objects.get(released_from=files[0])
    given = {"act": "quarantine", "act_key": uuid4(), "reason": "图上有投诉人的面容"}
    assert clerk.post(judge(case, files[0]), given).status_code == 302
    page = clerk.get(reverse("case", args=[case.number])).content.decode()
    assert "已隔离" in page
    assert reverse("attachment", args=[case.number, files[0].pk]) not in page
    assert clerk.get(reverse("attachment", args=[case.number, files[0].pk])).status_code == 409
    assert company.get(reverse("enterprise_attachment", args=[copy.pk])).status_code in {404, 409}
    assert (
        "附件1.jpg"
        not in company.get(reverse("enterprise_task", args=[stage.task(case).pk])).content.decode()
    )
    entry = Entry.objects.get(kind="attachment:quarantine")
    assert (entry.subject_id, entry.details["reason"]) == (str(case.pk), "图上有投诉人的面容")
    assert "已隔离，任何人都不能打开" in clerk.get(judge(case, files[0])).content.decode().replace(
        "这个附件", ""
    )


def test_quarantine_asks_why_and_keeps_the_file_until_then(stage, case, files):
    page = sit("chentao").post(
        judge(case, files[0]), {"act": "quarantine", "act_key": uuid4(), "reason": " "}
    )
    assert page.status_code == 422
    assert "请填写隔离的理由" in page.content.decode()
    assert Attachment.objects.get(pk=files[0].pk).scan_state != "quarantined"


def test_what_a_company_sent_can_be_quarantined_and_not_passed_on(stage, case):
    from fangxin.cases.actions import reply_to_task

    reply = reply_to_task(
        stage.task(case).pk, answers=["合同约定。"], by=stage.cast.company_user,
        files=[SimpleUploadedFile("证据.jpg", photo())],
    )  # fmt: skip
    sent = Attachment.objects.get(subject_id=str(reply.pk))
    page = sit("wangfang").get(judge(case, sent)).content.decode()
    assert 'value="release"' not in page
    assert 'value="quarantine"' in page
    quarantine_file(case.pk, sent.pk, reason="含病毒", by=stage.cast.clerk)
    assert Attachment.objects.get(pk=sent.pk).scan_state == "quarantined"


def test_a_case_that_comes_to_the_same_company_again_shows_the_picture_with_the_new_task(stage, case, files):
    first = stage.task(case)
    release_file(case.pk, files[0].pk, task_ids=[first.pk], reason=WHY, by=stage.cast.clerk)
    stage.propose("return", stage.case(case))
    from fangxin.cases.actions import approve_proposal, dispatch_case

    approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    stage.accepted(stage.case(case))
    second = stage.task(case)
    assert second.pk != first.pk
    release_file(case.pk, files[0].pk, task_ids=[second.pk], reason=WHY, by=stage.cast.clerk)
    copy = Attachment.objects.get(released_from=files[0])
    assert UUID(copy.subject_id) == second.pk
    assert "附件1.jpg" in sit("liuyang").get(reverse("enterprise_task", args=[second.pk])).content.decode()


def test_an_officer_of_the_department_who_is_not_on_the_case_may_judge_too(stage, case, files):
    stage.at("district.110105.brokerage", Role.CASE_OFFICER, "第二位经办人")
    assert sit("district.110105.brokerage-case_officer").get(judge(case, files[0])).status_code == 200
