"""An application as a lawyer makes it: 方晴 of 海峡律师事务所 with an investigation order of the court."""

from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.agencies.models import Agency
from fangxin.deadlines.clock import today
from fangxin.disclosure.actions import Application, QueryReceipt, apply_for_query

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def papers(how_many: int = 2) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"材料{n}.pdf", PDF, "application/pdf") for n in range(1, how_many + 1)]


def application(agency: Agency, **changed: Any) -> Application:
    made = Application(
        agency_code=agency.code, ground="court_order", codes=["J1-04", "J1-07"], from_on=today(), days=7,
        applicant_name="方晴", id_kind="居民身份证", id_number="11010519491231002X", organisation="福建海峡律师事务所",
        telephone="0591-87001122", email="fangqing@example.com", purpose="办理民间借贷案件执行，核实被执行人办公地址",
        basis="（2026）闽0102执字第88号调查令",
    )  # fmt: skip
    return replace(made, **changed)


def applied(agency: Agency, how_many: int = 2, **changed: Any) -> QueryReceipt:
    return apply_for_query(application(agency, **changed), papers(how_many), jurisdiction="fujian")
