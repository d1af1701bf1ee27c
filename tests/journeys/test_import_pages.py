"""工单导入 on the office's pages: upload, confirm the columns, try, import, read the report."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from fangxin.cases.models import Case
from fangxin.complaints.models import Complaint
from fangxin.exchange.models import ImportRun
from fangxin.exchange.tasks import run_import
from fangxin.exchange.tests.files import HEADER, as_csv, as_xlsx, line, lines
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import beijing_cast, member

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
    return tmp_path / "files"


@pytest.fixture
def cast():
    return beijing_cast()


@pytest.fixture
def dispatcher(cast) -> Client:
    return signed_in(cast, "liqiang")


def signed_in(cast, username: str) -> Client:
    client = Client()
    client.force_login(cast.users[username])
    return client


def upload(client: Client, content: bytes, name: str = "工单.csv"):
    return client.post(
        reverse("import_new"), {"file": SimpleUploadedFile(name, content), "act_key": str(uuid4())}
    )


def confirm(client: Client, url: str, button: str = "import", **changes: str):
    page = client.get(url).context["form"]
    given = {name: page[name].value() or "" for name in page.fields}
    return client.post(url, {**given, button: "1", **changes})


def work() -> None:
    """What the worker does with the jobs that wait."""
    for args in ProcrastinateJob.objects.filter(task_name="exchange.run_import").values_list(
        "args", flat=True
    ):
        run_import(**args)


def test_a_file_goes_from_upload_to_cases(dispatcher, files):
    sent = upload(dispatcher, as_csv([*lines(60), line(61, 创建时间="?")]))
    assert sent.status_code == 302
    url = sent["Location"]
    page = dispatcher.get(url).content.decode()
    assert "1号楼电梯经常停运" in page
    assert not Complaint.objects.exists()
    assert confirm(dispatcher, url).status_code == 302
    assert "排队中" in dispatcher.get(url).content.decode()
    work()
    page = dispatcher.get(url).content.decode()
    assert "已完成" in page
    assert "没有这样的日期" in page or "不是日期时间" in page
    assert Case.objects.count() == 60
    assert not [path for path in files.rglob("*") if path.is_file()]


def test_a_dry_run_enters_nothing_and_can_be_followed_by_the_import(dispatcher):
    url = upload(dispatcher, as_xlsx(lines(5)), "工单.xlsx")["Location"]
    confirm(dispatcher, url, "dry_run")
    work()
    page = dispatcher.get(url).content.decode()
    assert "这是试导入，没有录入任何案件" in page
    assert "将新增" in page
    assert not Complaint.objects.exists()
    confirm(dispatcher, url)
    work()
    assert Complaint.objects.count() == 5
    run = ImportRun.objects.get()
    assert (run.added, run.attempt, run.dry_run) == (5, 2, False)


def test_what_was_chosen_is_asked_with_next_time(dispatcher):
    header = ("单号", "事", "标题")
    url = upload(dispatcher, as_csv([["1", "事情", "名称"]], header))["Location"]
    confirm(dispatcher, url, "dry_run", column_1="text")
    url = upload(dispatcher, as_csv([["2", "事情", "名称"]], header))["Location"]
    assert dispatcher.get(url).context["form"]["column_1"].value() == "text"


def test_a_file_refused_as_a_whole_says_so_beside_the_field(dispatcher):
    for content, name, words in (
        (b"\x89PNG", "a.csv", "内容却是图片"), (b"", "a.csv", "0 字节"), (as_csv(lines(2)), "a.docx", "只能导入 CSV"),
        (b"a" * (10 * 1024 * 1024 + 1), "a.csv", "10 MB"),
    ):  # fmt: skip
        refused = upload(dispatcher, content, name)
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert dispatcher.post(reverse("import_new"), {"act_key": str(uuid4())}).status_code == 422
    assert not ImportRun.objects.exists()


def test_without_title_and_text_nothing_starts(dispatcher):
    url = upload(dispatcher, as_csv([["1", "朝阳区"]], ("工单编号", "被反映区")))["Location"]
    refused = confirm(dispatcher, url)
    assert refused.status_code == 422
    assert "没有认出“标题”或“主要内容”列" in refused.content.decode()
    assert not ProcrastinateJob.objects.exists()


def test_one_meaning_for_two_columns_is_refused_and_the_choices_stay(dispatcher):
    url = upload(dispatcher, as_csv(lines(2)))["Location"]
    refused = confirm(dispatcher, url, column_0="title")
    assert refused.status_code == 422
    assert "已经作为标题" in refused.content.decode()
    assert refused.context["form"]["column_0"].value() == "title"


def test_identities_are_shown_neither_before_nor_after(dispatcher, files):
    header = (*HEADER, "来电人", "来电人电话")
    rows = [[*line(1), "张敏明", "13800138000"], [*line(2, 创建时间="?"), "张敏明", "13800138000"]]
    url = upload(dispatcher, as_csv(rows, header))["Location"]
    stored = b"".join(path.read_bytes() for path in files.rglob("*") if path.is_file())
    before = dispatcher.get(url).content.decode()
    confirm(dispatcher, url)
    work()
    after = dispatcher.get(url).content.decode() + dispatcher.get(f"{url}report/").content.decode()
    for shown in (before, after, stored.decode("latin-1")):
        assert "张敏明" not in shown
        assert "13800138000" not in shown


def test_the_report_is_a_csv_file_of_every_row(dispatcher):
    url = upload(dispatcher, as_csv(lines(3)))["Location"]
    assert dispatcher.get(f"{url}report/").status_code == 404
    confirm(dispatcher, url)
    work()
    report = dispatcher.get(f"{url}report/")
    assert report["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in report["Content-Disposition"]
    assert len(report.content.decode("utf-8-sig").splitlines()) == 4


def test_progress_is_asked_for_in_pieces_and_the_end_brings_the_whole_page(dispatcher):
    url = upload(dispatcher, as_csv(lines(3)))["Location"]
    confirm(dispatcher, url)
    piece = dispatcher.get(url, headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert 'hx-trigger="every 2s"' in piece.content.decode()
    work()
    assert dispatcher.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_same_form_twice_is_one_import(dispatcher):
    url = upload(dispatcher, as_csv(lines(3)))["Location"]
    page = dispatcher.get(url).context["form"]
    given = {name: page[name].value() or "" for name in page.fields} | {"import": "1"}
    assert [dispatcher.post(url, given).status_code for _ in range(2)] == [302, 302]
    assert ProcrastinateJob.objects.count() == 1


def test_an_import_that_stood_still_can_be_continued(dispatcher):
    url = upload(dispatcher, as_csv(lines(3)))["Location"]
    confirm(dispatcher, url)
    assert "继续导入" not in dispatcher.get(url).content.decode()
    ImportRun.objects.update(touched_at=timezone.now() - timedelta(minutes=5))
    assert "继续导入" in dispatcher.get(url).content.decode()
    assert dispatcher.post(url, {"resume": "1"}).status_code == 302
    work()
    assert Case.objects.count() == 3


def test_a_file_that_is_gone_stops_the_import_with_a_reason(dispatcher, files):
    url = upload(dispatcher, as_csv(lines(3)))["Location"]
    confirm(dispatcher, url)
    for path in files.rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(FileNotFoundError):
        work()
    assert "导入已中止" in dispatcher.get(url).content.decode()


def test_an_administrator_may_try_and_not_import(cast):
    centre = Body.objects.get(code="city.research_centre")
    member("guanli", "管理", Role.ADMINISTRATOR, centre)
    cast = beijing_cast()
    client = signed_in(cast, "guanli")
    url = upload(client, as_csv(lines(3)))["Location"]
    assert confirm(client, url).status_code == 422
    assert confirm(client, url, "dry_run").status_code == 302
    work()
    assert ImportRun.objects.get().added == 3
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("username", ["wangfang", "chentao", "zhaogang", "sunli", "liuyang"])
def test_others_find_no_such_page(cast, username):
    client = signed_in(cast, username)
    for url in (reverse("import_list"), reverse("import_new"), reverse("import_run", args=[uuid4()])):
        assert client.get(url).status_code == 404


def test_a_stranger_is_sent_to_the_door(cast):
    assert Client().get(reverse("import_list")).status_code == 302


def test_another_body_finds_neither_the_import_nor_its_report(cast, dispatcher):
    url = upload(dispatcher, as_csv(lines(3)))["Location"]
    confirm(dispatcher, url)
    work()
    other = signed_in(cast, "wulei")
    assert other.get(url).status_code == 404
    assert other.get(f"{url}report/").status_code == 404
    assert other.post(url, {"resume": "1"}).status_code in {302, 404}
    assert "工单.csv" not in other.get(reverse("import_list")).content.decode()
    assert "工单.csv" in dispatcher.get(reverse("import_list")).content.decode()
