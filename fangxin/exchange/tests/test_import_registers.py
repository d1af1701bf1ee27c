"""Filing and practitioner tables are taken in row by row; the same file twice changes nothing (二（二））."""

import json

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from fangxin.agencies.models import FiledAgency, Practitioner, PublishedAgency
from fangxin.exchange.actions import FILING, PRACTITIONERS, import_register
from fangxin.exchange.models import ImportedRow
from fangxin.exchange.refusals import FileRefused
from fangxin.organisations.models import User
from fangxin.organisations.refusals import ActRefused
from tests import fujian_stage
from tests.fujian_cast import FujianCast, declared_and_accepted

pytestmark = pytest.mark.django_db
cast = fujian_stage.cast


def table(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def filing(cast: FujianCast, name: str = "林国强", capital: str = "123.45万元") -> bytes:
    return table(
        "统一社会信用代码,机构名称,J1-17 法定代表人,注册资本,备注",
        f"{cast.agency.code},福州诚信房产经纪有限公司,{name},{capital},旧",
        f"{cast.other_agency.code},厦门海润房产经纪有限公司,吴海,50,",
    )


ROSTER = "注册号,姓名,类别,注册机构代码,专职,有效期至"


def roster(cast: FujianCast, *rows: str) -> bytes:
    own = cast.agency.code
    return table(
        ROSTER,
        f"35200900123,张伟,房地产经纪人,{own},专职,2027-12-31",
        f"35200900124,赵敏,协理,{own},兼职,",
        *rows,
    )


def taken(cast: FujianCast, kind: str, content: bytes, **given):
    return import_register(kind, "表.csv", content, **{"by": cast.province, **given})


def test_the_filing_is_there_by_indicator_and_belongs_to_the_agencies_company(cast):
    run = taken(cast, FILING, filing(cast))
    assert (run.read, run.added, run.refused) == (2, 2, 0)
    filed = FiledAgency.objects.get(code=cast.agency.code)
    assert filed.values["J1"]["legal_representative"] == "林国强"
    assert filed.values["J1"]["registered_capital"] == "123.45"
    assert filed.company_id == cast.agency.company_id


def test_the_same_file_twice_changes_nothing(cast):
    for kind, content in ((FILING, filing(cast)), (PRACTITIONERS, roster(cast))):
        taken(cast, kind, content)
        moments = [
            *FiledAgency.objects.values_list("imported_at"),
            *Practitioner.objects.values_list("imported_at"),
        ]
        again = taken(cast, kind, content)
        assert (again.added, again.known, again.differing, again.refused) == (0, 2, 0, 0)
        assert moments == [
            *FiledAgency.objects.values_list("imported_at"), *Practitioner.objects.values_list("imported_at"),
        ]  # fmt: skip


def test_what_is_otherwise_now_is_renewed_and_said(cast):
    taken(cast, FILING, filing(cast))
    run = taken(cast, FILING, filing(cast, name="王大明"))
    assert (run.added, run.known, run.differing) == (0, 2, 1)
    assert FiledAgency.objects.get(code=cast.agency.code).values["J1"]["legal_representative"] == "王大明"


def test_a_cell_that_is_no_value_is_left_out_and_named(cast):
    run = taken(cast, FILING, filing(cast, capital="很多"))
    assert run.refused == 0
    assert "registered_capital" not in FiledAgency.objects.get(code=cast.agency.code).values["J1"]
    (row,) = ImportedRow.objects.filter(run=run).exclude(remarks=[])
    assert "J1-14" in row.remarks[0]["message"]


def test_each_wrong_row_is_refused_with_its_reason_and_the_others_are_taken(cast):
    own = cast.agency.code
    run = taken(
        cast,
        PRACTITIONERS,
        roster(
            cast,
            f",李四,经纪人,{own},,",
            f"35200900125,,经纪人,{own},,",
            f"35200900126,李四,经理,{own},,",
            "35200900127,李四,经纪人,91350102MA345XYZ00,,",
            f"35200900128,李四,经纪人,{own},也许,",
            f"35200900129,李四,经纪人,{own},专职,2027-02-30",
            f"35200900123,张三,经纪人,{own},,",
        ),
    )
    assert (run.read, run.added, run.refused) == (9, 2, 7)
    said = {row.row: row.remarks[0] for row in ImportedRow.objects.filter(run=run, result="refused")}
    assert [said[row]["column"] for row in sorted(said)] == [
        "注册号", "姓名", "类别", "注册机构代码", "专职", "有效期至", "",
    ]  # fmt: skip
    assert "与第2行重复" in said[10]["message"]


def test_a_trial_writes_nothing_but_its_report(cast):
    run = taken(cast, PRACTITIONERS, roster(cast), dry_run=True)
    assert (run.dry_run, run.added) == (True, 2)
    assert not Practitioner.objects.exists()
    assert ImportedRow.objects.filter(run=run).count() == 2


def test_the_public_reads_the_roster_anew(cast):
    declared_and_accepted(cast)
    taken(cast, PRACTITIONERS, roster(cast))
    people = PublishedAgency.objects.get(pk=cast.agency.pk).people
    assert set(people.values_list("name", flat=True)) == {"张伟", "赵敏"}
    moved = table(ROSTER, f"35200900124,赵敏,协理,{cast.other_agency.code},兼职,")
    taken(cast, PRACTITIONERS, moved)
    assert set(people.values_list("name", flat=True)) == {"张伟"}


def test_a_department_takes_in_its_own_place_only(cast):
    run = taken(cast, FILING, filing(cast), by=cast.reviewer)
    assert (run.added, run.refused) == (1, 1)
    assert not FiledAgency.objects.filter(code=cast.other_agency.code).exists()
    run = taken(
        cast,
        PRACTITIONERS,
        table(ROSTER, f"35200900130,李四,经纪人,{cast.other_agency.code},,"),
        by=cast.reviewer,
    )
    assert run.refused == 1


def test_committee_and_companies_take_nothing_in(cast):
    for stranger in (cast.prechecker, cast.filer):
        with pytest.raises(ActRefused, match="审核员导入"):
            taken(cast, FILING, filing(cast), by=stranger)


def test_a_file_without_the_needed_columns_is_refused_as_a_whole(cast):
    with pytest.raises(FileRefused, match="法人代码"):
        taken(cast, FILING, table("机构名称,法定代表人", "福州诚信,林国强"))
    with pytest.raises(FileRefused, match="注册机构代码"):
        taken(cast, PRACTITIONERS, table("注册号,姓名,类别", "1,张伟,经纪人"))


def test_on_the_page_a_trial_comes_before_the_import(cast):
    from uuid import uuid4

    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    client.force_login(
        User.objects.get(username="yelan"), backend="django.contrib.auth.backends.ModelBackend"
    )
    url = reverse("register_imports")
    for trial in (True, False):
        given = {"act_key": uuid4(), "kind": FILING, "file": SimpleUploadedFile("备案.csv", filing(cast))}
        answer = client.post(url, {**given, **({"dry_run": "1"} if trial else {})})
        assert answer.status_code == 302
        page = client.get(answer.headers["Location"]).content.decode()
        assert ("什么也没有写入" in page) is trial
        assert "没有导入的列：备注" in page
        assert FiledAgency.objects.exists() is not trial
    assert "备案.csv" in client.get(url).content.decode()
    assert client.post(url, {"act_key": uuid4()}).status_code == 422


def test_the_command_tells_what_it_did(cast, tmp_path):
    from fangxin.config.commands.import_practitioners import command

    file = tmp_path / "从业人员.csv"
    file.write_bytes(roster(cast, f",李四,经纪人,{cast.agency.code},,"))
    told = CliRunner().invoke(command, [str(file), "--as", "yelan", "--json"])
    assert told.exit_code == 1, told.output
    assert (json.loads(told.output)["added"], json.loads(told.output)["refused"]) == (2, 1)
    again = CliRunner().invoke(command, [str(file), "--as", "yelan", "--dry-run"])
    assert "将新增0行" in again.output
    stranger = CliRunner().invoke(command, [str(file), "--as", "zhenghua"])
    assert stranger.exit_code == 2
