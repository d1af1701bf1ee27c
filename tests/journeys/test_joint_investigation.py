"""EX-08: 需其他部门配合协查 (二(六)4): a sheet goes from the case to another body and its answer comes back, on the pages."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fangxin.documents.tests.conftest import file_store  # noqa: F401
from fangxin.documents.tests.hostile_files import pdf
from fangxin.investigations.models import Inquiry
from fangxin.journal.models import Entry
from fangxin.organisations.models import User
from fangxin.organisations.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("file_store")]


def sit(username):
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def do(client, inquiry, verb, **filled):
    address = reverse("inquiry_step", args=[inquiry.pk, verb])
    filled["act_key"] = uuid4()
    assert client.get(address).status_code == 200
    done = client.post(address, filled)
    assert done.status_code == 302, done.content.decode()
    # The same form once more is the same act; a file was read to its end the first time.
    if "papers" not in filled:
        assert client.post(address, filled).status_code == 302
    return Inquiry.objects.get(pk=inquiry.pk)


def begun(stage, case, whom, **cells):
    address = reverse("new_inquiry", args=[case.number])
    officer = sit("chentao")
    assert "请其他部门协查" in officer.get(reverse("case", args=[case.number])).content.decode()
    shown = officer.get(address, whom)
    assert shown.status_code == 200, shown.content.decode()
    initial = {name: field.initial for name, field in shown.context["form"].fields.items()}
    filled = {**shown.context["form"].initial, **{k: v for k, v in initial.items() if v}, **cells}
    saved = officer.post(f"{address}?{shown.request['QUERY_STRING']}", filled)
    assert saved.status_code == 302, saved.content.decode()
    return Inquiry.objects.get(state="draft")


def test_a_notice_inside_the_commission(stage):
    asked = stage.at("city.market", Role.DEPARTMENT_CLERK, "郑平")
    case = stage.answered()
    inquiry = begun(stage, case, {"asked_code": "city.market"}, **{"F1-03": "核实备案情况"})
    assert inquiry.form == "F1"
    officer, head, clerk = sit("chentao"), sit("zhaogang"), sit("city.market-department_clerk")
    assert clerk.get(reverse("inquiry", args=[inquiry.pk])).status_code == 404
    do(officer, inquiry, "submit_inquiry")
    assert "待我办理" in head.get(reverse("inquiries")).content.decode()
    inquiry = do(head, inquiry, "sign_inquiry", opinion="请市场处协查。")
    assert inquiry.number in clerk.get(reverse("inquiries")).content.decode()
    page = clerk.get(reverse("inquiry", args=[inquiry.pk])).content.decode()
    assert "核实备案情况" in page
    assert "张敏" not in page
    assert "13800138000" not in page
    assert case.title not in page
    # The sheet, and not the case.
    assert clerk.get(reverse("case", args=[case.number])).status_code == 404
    do(clerk, inquiry, "receive_inquiry")
    inquiry = do(clerk, inquiry, "answer_inquiry", text="经查，未备案。", contact="郑平")
    assert inquiry.state == "answered"
    page = officer.get(reverse("case", args=[case.number])).content.decode()
    assert "已答复" in page
    do(officer, inquiry, "ask_more", reason="请附合同")
    do(clerk, inquiry, "answer_inquiry", text="合同附后。", papers=SimpleUploadedFile("合同.pdf", pdf()))
    inquiry = do(officer, inquiry, "close_inquiry")
    page = officer.get(reverse("inquiry", args=[inquiry.pk])).content.decode()
    assert page.count("处理意见</h2>") == 2
    link = next(part.split('"')[0] for part in page.split('href="') if "/files/" in part[:120])
    assert officer.get(link).status_code == 200
    told = [entry.kind for entry in Entry.objects.filter(kind__startswith="inquiry:").order_by("pk")]
    assert told == [f"inquiry:{verb}" for verb in (
        "draft", "submit", "sign", "receive", "answer", "ask_more", "answer", "close",
    )]  # fmt: skip
    assert asked.body_code == "city.market"


def test_a_letter_outside_it_answered_on_paper(stage):
    case = stage.answered()
    inquiry = begun(stage, case, {"asked_name": "北京市市场监督管理局"}, **{"F2-03": "核实广告"})
    officer, head, clerk = sit("chentao"), sit("zhaogang"), sit("wangfang")
    inquiry = do(officer, inquiry, "revise_inquiry", **{**inquiry.cells, "F2-03": "核实房源广告"})
    do(officer, inquiry, "submit_inquiry")
    do(head, inquiry, "send_back_inquiry", reason="写明哪一则")
    do(officer, inquiry, "submit_inquiry")
    inquiry = do(head, inquiry, "sign_inquiry", opinion="同意发出。")
    do(clerk, inquiry, "register_dispatch", served_on=stage.day, served_how="机要交换")
    refused = clerk.post(
        reverse("inquiry_step", args=[inquiry.pk, "register_answer"]),
        {"act_key": uuid4(), "answered_on": stage.day, "text": "属实。"},
    )
    assert refused.status_code == 422
    inquiry = do(
        clerk, inquiry, "register_answer", answered_on=stage.day, text="属实。",
        papers=SimpleUploadedFile("复函.pdf", pdf()),
    )  # fmt: skip
    assert (inquiry.state, inquiry.cells["F2-03"]) == ("answered", "核实房源广告")


def test_what_is_declined_recalled_or_dropped(stage):
    stage.at("city.market", Role.DEPARTMENT_CLERK)
    officer, head, clerk = sit("chentao"), sit("zhaogang"), sit("city.market-department_clerk")
    first = begun(stage, stage.answered(), {"asked_code": "city.market"}, **{"F1-03": "核实"})
    do(officer, first, "submit_inquiry")
    do(head, first, "sign_inquiry", opinion="请协查。")
    assert do(clerk, first, "decline_inquiry", reason="不属本处职责").state == "declined"
    second = begun(stage, stage.answered(), {"asked_name": "某局"}, **{"F2-03": "核实"})
    do(officer, second, "submit_inquiry")
    do(head, second, "sign_inquiry", opinion="请协查。")
    assert do(head, second, "recall_inquiry", reason="误发").state == "recalled"
    third = begun(stage, stage.answered(), {"asked_name": "某局"}, **{"F2-03": "核实"})
    assert do(officer, third, "drop_inquiry", reason="已查明").state == "dropped"
    fourth = begun(stage, stage.answered(), {"asked_name": "某局"}, **{"F2-03": "核实"})
    do(officer, fourth, "submit_inquiry")
    do(head, fourth, "sign_inquiry", opinion="请协查。")
    done = do(
        sit("wangfang"), fourth, "register_decline", answered_on=stage.day, reason="无管辖权",
        papers=SimpleUploadedFile("复函.pdf", pdf()),
    )  # fmt: skip
    assert done.state == "declined"


def test_whom_to_ask_is_one_of_two(stage):
    case = stage.answered()
    address = reverse("new_inquiry", args=[case.number])
    officer = sit("chentao")
    assert officer.get(address).status_code == 200
    both = officer.get(address, {"asked_code": "city.market", "asked_name": "某局"})
    assert both.status_code == 422
    assert "两者择一" in both.content.decode()
    assert sit("wangfang").get(address).status_code == 409
