"""A complaint taken in, its author sealed apart, its progress read with number and secret and by nothing else."""

import re
from uuid import uuid4

import pytest
from django.db import connection

from fangxin.complaints.actions import (
    Grievance,
    identity_from,
    next_number,
    next_numbers,
    note_progress,
    note_progress_of,
    register_complaint,
    register_complaints,
)
from fangxin.complaints.complainant import Complainant, Identity, unseal_complainant
from fangxin.complaints.models import Complaint, Progress
from fangxin.complaints.queries import complaint_text, follow_complaint, masked_summary
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.receipts import ALPHABET, fresh_secret, secret_digest, secret_for
from tests.stage import ZHANG_MIN

pytestmark = pytest.mark.django_db
SAID = Grievance(
    title="定金", text="我叫张敏，定金不退。", respondent_name="诚信房产", project_name="望京花园"
)
EVERYTHING = Identity(
    name="张敏𠮷", telephone="13800138000", email="zhangmin@example.invalid", id_kind="居民身份证",
    id_number="11010519491231002X", address="朝阳区某路1号", postcode="100020",
)  # fmt: skip


def registered(identity=EVERYTHING, **more):
    return register_complaint(SAID, identity, jurisdiction="beijing", source="web", **more)


# Taking in


def test_the_words_are_kept_and_the_author_lies_apart(stage):
    receipt = registered()
    words = complaint_text(receipt.complaint_id)
    assert (words["title"], words["text"], words["has_complainant"]) == ("定金", "我叫张敏，定金不退。", True)
    assert str(Complaint.objects.get()) == receipt.number
    assert unseal_complainant(receipt.complaint_id) == EVERYTHING


def test_in_the_table_an_author_is_noise(stage):
    registered()
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(c)::text from complaints_complainant c")
        (row,) = cursor.fetchone()
    for field in ("张敏", "13800138000", "zhangmin", "11010519491231002X"):
        assert field not in row
        assert field.encode().hex() not in row
    assert str(Complainant.objects.get()) == "投诉人（密封）"


def test_an_anonymous_complaint_has_no_sealed_row(stage):
    receipt = registered(Identity())
    assert not Complainant.objects.exists()
    assert unseal_complainant(receipt.complaint_id) == Identity()
    assert not complaint_text(receipt.complaint_id)["has_complainant"]
    assert complaint_text(registered(Identity(), has_complainant=True).complaint_id)["has_complainant"]


def test_only_the_fields_that_were_given_are_sealed(stage):
    receipt = registered(Identity(name="张敏"))
    row = Complainant.objects.get(complaint_id=receipt.complaint_id)
    assert row.name is not None
    assert (row.telephone, row.telephone_index, row.id_number_index) == (None, None, None)


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.INTAKE, Audience.ENTERPRISE, Audience.OFFICE])
def test_opening_leaves_the_speaker_as_it_was(stage, audience):
    receipt = registered()
    with speaking_as(Speaker(audience, 7, 8)):
        assert unseal_complainant(receipt.complaint_id).name == "张敏𠮷"
        with connection.cursor() as cursor:
            cursor.execute("select current_user")
            assert cursor.fetchone() == (audience.value,)


def test_an_identity_does_not_print_itself_and_knows_its_strings():
    assert "张敏" not in repr(EVERYTHING) + str(EVERYTHING)
    assert set(EVERYTHING.known_strings) == {"name", "telephone", "email", "id_number", "address", "postcode"}
    assert not Identity()
    assert identity_from({**ZHANG_MIN, "name": " 张敏 ", "title": "投诉", "address": None}) == Identity(
        name="张敏", telephone="13800138000", email="zhangmin@example.invalid"
    )


def test_many_are_registered_with_a_number_and_a_secret_each(stage):
    given = [(SAID, EVERYTHING, True), (SAID, Identity(), False), (SAID, Identity(), True)]
    by = stage.cast.dispatcher
    receipts = register_complaints(
        given,
        jurisdiction="beijing",
        source="hotline",
        entered_by_id=by.body_id,
        entered_by_name=by.user_name,
    )
    assert len({receipt.number for receipt in receipts}) == len({receipt.secret for receipt in receipts}) == 3
    assert [receipt.number for receipt in receipts] == sorted(receipt.number for receipt in receipts)
    has = [Complaint.objects.get(pk=receipt.complaint_id).has_complainant for receipt in receipts]
    assert has == [True, False, True]
    assert Complainant.objects.count() == 1


# Number and secret


def test_numbers_rise_and_name_place_and_year(stage):
    first, second = next_number("beijing"), next_number("beijing")
    assert re.fullmatch(r"BJ-2026-\d{6}", first)
    assert first < second
    assert len(set(next_numbers("beijing", 50))) == 50
    assert next_numbers("beijing", 0) == []


def test_a_secret_has_eighty_nine_bits_and_no_letters_to_confuse():
    secrets = {fresh_secret() for _ in range(200)}
    assert len(secrets) == 200
    assert all(len(secret) == 18 and set(secret) <= set(ALPHABET) for secret in secrets)
    assert len(ALPHABET) ** 18 > 2**89
    assert not set("01OIL") & set(ALPHABET)


def test_an_acts_secret_is_the_same_each_time_and_another_acts_is_another():
    key = uuid4()
    assert secret_for(key) == secret_for(key)
    assert len(secret_for(key)) == 18
    assert secret_for(key) != secret_for(uuid4())


def test_only_the_digest_of_a_secret_is_kept(stage):
    receipt = registered()
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(c)::text from complaints_complaint c")
        (row,) = cursor.fetchone()
    assert receipt.secret not in row
    assert bytes(Complaint.objects.get().secret_hash) == secret_digest(receipt.number, receipt.secret)


# Following


@pytest.fixture
def receipt(stage):
    receipt = registered(act_key=uuid4())
    note_progress(receipt.complaint_id, "已受理", "经办部门已受理。", due_on=stage.day)
    return receipt


def follow(number, secret):
    with speaking_as(Speaker(Audience.INTAKE)):
        return follow_complaint(number, secret)


def test_number_and_secret_open_what_is_meant_for_the_author(receipt, stage):
    found = follow(receipt.number, receipt.secret)
    assert (found["number"], found["title"], found["respondent_name"]) == (receipt.number, "定金", "诚信房产")
    assert found["progress"] == [
        {"on": stage.day, "title": "已受理", "text": "经办部门已受理。", "due_on": stage.day}
    ]
    assert "text" not in found
    assert "张敏" not in str(found)


@pytest.mark.parametrize("written", ["grouped", "lower", "spaced", "fullwidth"])
def test_it_may_be_typed_as_it_was_copied(receipt, written):
    secret, number = receipt.secret, receipt.number
    match written:
        case "grouped":
            secret = "-".join([secret[:6], secret[6:12], secret[12:]])
        case "lower":
            secret, number = secret.lower(), number.lower()
        case "spaced":
            secret, number = f" {secret[:9]} {secret[9:]} ", f" {number} "
        case "fullwidth":
            secret = "".join(chr(ord(letter) + 0xFEE0) for letter in secret)
    assert follow(number, secret) is not None


@pytest.mark.parametrize("wrong", ["number", "secret", "empty", "another", "nul", "long"])
def test_a_wrong_pair_opens_nothing_whichever_is_wrong(receipt, stage, wrong):
    other = registered()
    number, secret = {
        "number": (other.number, receipt.secret), "secret": (receipt.number, other.secret), "empty": ("", ""),
        "another": (receipt.number, ""), "nul": ("BJ-0", "QQ"), "long": (receipt.number * 99, receipt.secret * 99),
    }[wrong]  # fmt: skip
    assert follow(number, secret) is None


def test_the_same_words_reach_several_authors(receipt, stage):
    other = registered()
    note_progress_of([receipt.complaint_id, other.complaint_id], "并案处理", "两件投诉一并调查。")
    for one in (receipt, other):
        assert follow(one.number, one.secret)["progress"][-1]["title"] == "并案处理"
    assert str(Progress.objects.order_by("at").last()) == "并案处理"


# The proposal for the company


def test_known_strings_are_masked_where_they_stand():
    proposal = masked_summary(
        "张敏的定金", "张敏住朝阳区某路1号，电话一三八。", {"name": "张敏", "address": "朝阳区某路1号"}
    )
    assert "张敏" not in proposal.text_masked
    assert "某路1号" not in proposal.text_masked
