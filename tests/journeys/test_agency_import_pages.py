"""成批导入机构 on the office's pages: template, trial, faults given back, entering, going on after a stop."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from benchmarks.province import declarations
from fangxin.agencies.models import PublishedAgency, Version
from fangxin.deadlines.clock import today
from fangxin.documents import storage
from fangxin.exchange.actions import declarations as importing
from fangxin.exchange.declarations.layout import Shape, layout_of
from fangxin.exchange.declarations.template import template
from fangxin.exchange.models import ImportRun
from fangxin.exchange.tasks import run_import
from fangxin.organisations.models import User
from tests.fujian_cast import FujianCast, fujian_cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        },
    }


@pytest.fixture
def cast() -> FujianCast:
    return fujian_cast()


@pytest.fixture
def province(cast) -> Client:
    """叶岚 of the province's department."""
    return sit("yelan")


def sit(username: str) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def workbook(count: int = 3, **spoilt: Any) -> bytes:
    rows = list(declarations(count))
    rows[-1]["J1"] |= spoilt
    return template(layout_of(Shape.PROVINCE), on=today(), rows=rows)


def upload(client: Client, content: bytes, name: str = "全省.xlsx", **sent: str):
    given = {"file": SimpleUploadedFile(name, content), "act_key": str(uuid4()), **sent}
    return client.post(reverse("agency_imports"), given)


def work() -> None:
    for args in ProcrastinateJob.objects.filter(task_name="exchange.run_import").values_list(
        "args", flat=True
    ):
        run_import(**args)


def text(answer: Any) -> str:
    return answer.content.decode()


def test_a_workbook_is_tried_given_back_with_its_faults_mended_and_entered(province):
    assert reverse("agency_imports") in text(province.get(reverse("register_imports")))
    assert province.get(reverse("agency_import_template")).content.startswith(b"PK")
    sent = upload(province, workbook(full_time_broker_count=99), dry_run="1")
    assert sent.status_code == 302
    url = sent["Location"]
    waiting = text(province.get(url))
    assert "正在读取文件" in waiting
    assert 'hx-trigger="every 2s"' in text(province.get(url, headers={"HX-Request": "true"}))
    work()
    assert province.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = text(province.get(url))
    assert "这是试导入" in page
    assert "J1-20-01" in page
    assert not Version.objects.exists()
    returned = province.get(reverse("agency_import_returned", args=[url.rstrip("/").split("/")[-1]]))
    marked = openpyxl.load_workbook(BytesIO(returned.content))
    comments = [cell.comment.text for row in marked["J1 机构基本情况"] for cell in row if cell.comment]
    assert any("J1-20-01" in comment for comment in comments)
    # The sound ones of the file that was tried; then the file with the last one mended.
    assert province.post(url).status_code == 302
    work()
    run = ImportRun.objects.get()
    assert (run.state, run.dry_run, run.read, run.added, run.refused, run.stored_at) == (
        "done", False, 3, 2, 1, "",
    )  # fmt: skip
    assert Version.objects.count() == 2
    mended = upload(province, workbook())
    work()
    assert "没有问题" in text(province.get(mended["Location"]))
    assert (Version.objects.count(), PublishedAgency.objects.count()) == (3, 3)
    latest = ImportRun.objects.order_by("-created_at").first()
    assert (latest.added, latest.known) == (1, 2)


def test_stopped_half_way_it_goes_on_from_the_page(province, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    url = upload(province, workbook())["Location"]
    whole, stopping = importing.enter_declarations, iter([False, True])

    def enter(*args: Any, **given: Any) -> Any:
        if next(stopping, False):
            raise OSError("the disk is full")
        return whole(*args, **given)

    monkeypatch.setattr(importing, "enter_declarations", enter)
    with pytest.raises(OSError, match="disk"):
        work()
    page = text(province.get(url))
    assert "已导入的" in page
    assert "继续导入" in page
    assert Version.objects.count() == 1
    province.post(url)
    work()
    run = ImportRun.objects.get()
    assert (run.state, run.added, run.known) == ("done", 2, 1)
    assert Version.objects.count() == 3


def test_a_worker_that_died_is_noticed(province):
    url = upload(province, workbook())["Location"]
    ImportRun.objects.update(
        state="running", total=3, read=1, touched_at=timezone.now() - timedelta(minutes=3)
    )
    page = text(province.get(url))
    assert "已办 1 家，共 3 家" in page
    assert "继续导入" in page
    province.post(url)
    assert ImportRun.objects.get().state == "queued"


def test_an_agency_with_another_record_keeps_it_and_the_row_says_why(province):
    upload(province, workbook(1))
    work()
    url = upload(province, workbook(1, business_scope="房地产经纪"))["Location"]
    work()
    page = text(province.get(url))
    assert "没有覆盖" in page
    assert "工作表“J1 机构基本情况”第" in page


def test_what_is_no_workbook_of_the_province_is_said_in_one_sentence(province):
    assert "请" in text(upload(province, b"", "全省.xlsx"))
    assert upload(province, b"name,code\n", "全省.csv").status_code == 422
    own = template(layout_of(Shape.AGENCY), on=today(), rows=list(declarations(1)))
    url = upload(province, own)["Location"]
    work()
    assert "一家机构的模板" in text(province.get(url))
    assert ImportRun.objects.get().state == "failed"


def test_the_same_form_twice_is_one_import(province):
    key = str(uuid4())
    assert upload(province, workbook(), act_key=key).status_code == 302
    assert upload(province, workbook(), act_key=key).status_code == 302
    assert ImportRun.objects.count() == 1


def test_nobody_else_finds_the_page_and_the_file_lies_sealed(cast, province):
    content = workbook()
    url = upload(province, content)["Location"]
    run = ImportRun.objects.get()
    assert storage.get(run.stored_at) == content
    for stranger in ("huangmin", "wujian", "zhenghua"):
        for address in (url, reverse("agency_imports"), reverse("agency_import_template"), f"{url}returned/"):
            assert sit(stranger).get(address).status_code == 404
    assert upload(sit("huangmin"), content).status_code == 404
