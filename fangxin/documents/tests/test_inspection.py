"""Which files come in, and why the others do not."""

import io
import random
import resource
import time
import unicodedata

import pytest
from PIL import Image

from fangxin.documents.cleaning import LONGEST_SIDE, clean_picture
from fangxin.documents.inspection import (
    MEGABYTE,
    AttachmentRefused,
    check_batch,
    inspect_file,
    plain_name,
)
from fangxin.documents.tests.hostile_files import (
    CANARY,
    HARMLESS,
    HOSTILE,
    HOSTILE_PICTURES,
    deflated_zeros,
    pdf,
    photo,
    png_with_words,
    stream,
    webp,
)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_people_send_comes_in(name: str) -> None:
    found = inspect_file(name, HARMLESS[name]())
    assert found.kind.extension == {"jpeg": "jpg"}.get(
        name.rpartition(".")[2].lower(), name.rpartition(".")[2]
    )
    assert found.size > 0
    assert len(found.sha256) == 64


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_by_name_and_reason_in_a_second(name: str) -> None:
    make, reason = HOSTILE[name]
    content = make()
    began = time.process_time()
    with pytest.raises(AttachmentRefused) as refusal:
        inspect_file(name, content)
    assert time.process_time() - began < 2
    assert f"附件“{name}”未上传：" in str(refusal.value)
    assert reason in str(refusal.value)
    assert refusal.value.field == "files"


@pytest.mark.parametrize("name", HOSTILE_PICTURES)
def test_a_hostile_picture_is_refused_when_it_is_drawn_anew(name: str) -> None:
    make, reason = HOSTILE_PICTURES[name]
    with pytest.raises(AttachmentRefused, match=reason):
        clean_picture(name, make())


def test_bombs_take_little_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in ("炸弹.docx", "炸弹.pdf"):
        with pytest.raises(AttachmentRefused):
            inspect_file(name, HOSTILE[name][0]())
    for name, (make, _) in HOSTILE_PICTURES.items():
        with pytest.raises(AttachmentRefused):
            clean_picture(name, make())
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 100


def test_chance_octets_in_a_scanned_page_are_no_danger() -> None:
    pixels = random.Random(3).randbytes(6 * MEGABYTE) + b"/JS (/Launch /XFA"
    assert inspect_file("扫描.pdf", pdf(stream(pixels, b"/Subtype/Image/Filter/DCTDecode")))


def test_a_page_that_unpacks_to_ordinary_size_comes_in() -> None:
    assert inspect_file("大页.pdf", pdf(stream(deflated_zeros(15))))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_or_taken_but_never_crashes(seed: int) -> None:
    chance = random.Random(seed)
    for name, make in HARMLESS.items():
        content = bytearray(make())
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        damaged = bytes(content[: chance.choice([len(content), chance.randrange(len(content))])])
        try:
            found = inspect_file(name, damaged)
            if found.kind.is_image:
                clean_picture(name, damaged)
        except AttachmentRefused:
            continue


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\张敏\\合同.pdf", "合同.pdf"),
        ("a\x00b.jpg", "ab.jpg"),
        ("合同\u202egpj.exe", "合同gpj.exe"),
        ("\u200b\u2066照片\u2069.jpg", "照片.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie_ x.jpg"),
        ("", "未命名"),
        ("...", "未命名"),
        (".jpg", "jpg"),
        ("\ud800x.jpg", "_x.jpg"),
        ("𠮷㛃.jpg", "𠮷㛃.jpg"),
    ],
)
def test_a_name_keeps_its_words_and_loses_its_tricks(name: str, kept: str) -> None:
    assert plain_name(name) == kept


def test_a_name_of_ten_thousand_characters_is_cut_and_keeps_its_extension() -> None:
    name = plain_name("长" * 10_000 + ".jpg")
    assert len(name) == 200
    assert name.endswith("长.jpg")
    assert inspect_file("长" * 10_000 + ".jpg", photo()).name == name
    with pytest.raises(AttachmentRefused) as refusal:
        inspect_file("长" * 10_000 + ".exe", photo())
    assert len(str(refusal.value)) < 200


def test_a_name_that_turns_the_reading_direction_is_judged_by_its_true_ending() -> None:
    with pytest.raises(AttachmentRefused, match=r"扩展名"):
        inspect_file("合同\u202egpj.exe", photo())


def test_eleven_files_or_fifty_one_megabytes_do_not_come_in_together() -> None:
    check_batch([5 * MEGABYTE] * 10)
    with pytest.raises(AttachmentRefused, match="最多上传 10 个"):
        check_batch([1] * 11)
    with pytest.raises(AttachmentRefused, match="不得超过 50 MB"):
        check_batch([9 * MEGABYTE] * 6)


@pytest.mark.parametrize("content", [photo(), png_with_words(), webp()], ids=["jpg", "png", "webp"])
def test_nothing_but_the_picture_is_left(content: bytes) -> None:
    clean = clean_picture("x", content).content
    for word in CANARY.values():
        assert word.encode() not in clean
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_second_file_behind_the_picture_does_not_survive_the_drawing() -> None:
    clean = clean_picture("x", photo() + b"PK\x03\x04<script>").content
    assert b"script" not in clean
    assert b"PK\x03\x04" not in clean


def test_a_photo_taken_sideways_stands_upright() -> None:
    clean = clean_picture("x", photo((64, 48), orientation=6))
    assert (clean.width, clean.height) == (48, 64)
    with Image.open(io.BytesIO(clean.content)) as picture:
        # The blue corner of the upper left is turned to the upper right.
        red, _, blue = picture.getpixel((40, 8))
        assert blue > red


def test_a_large_photo_becomes_smaller_in_reasonable_time() -> None:
    content = photo((4_000, 3_000))
    began = time.process_time()
    clean = clean_picture("x", content)
    assert max(clean.width, clean.height) == LONGEST_SIDE
    assert time.process_time() - began < 2


def test_transparent_becomes_white_and_sixteen_bits_stay_visible() -> None:
    with Image.open(io.BytesIO(clean_picture("x", png_with_words()).content)) as picture:
        assert min(picture.getpixel((5, 5))) > 250
    out = io.BytesIO()
    Image.new("I;16", (8, 8), 32_768).save(out, "PNG")
    with Image.open(io.BytesIO(clean_picture("x", out.getvalue()).content)) as picture:
        assert 110 < picture.getpixel((4, 4))[0] < 145


def test_the_canary_is_in_the_photo_before_it_is_cleaned() -> None:
    assert CANARY["author"].encode() in photo()
    assert CANARY["name"].encode() in photo()
    assert unicodedata.normalize("NFC", CANARY["name"]).encode() in png_with_words()
