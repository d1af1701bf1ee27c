"""Sealing: what is sealed opens in its own place and nowhere else, whatever becomes of the keys."""

import errno
import hashlib
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import LazySettings
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from fangxin.documents import key_ring, key_rotation, storage
from fangxin.documents.ciphers import NotAuthentic, Suite, decrypt, encrypt_with
from fangxin.documents.sealing import (
    SealBroken,
    SealingNotReady,
    blind_index,
    normalised,
    open_bytes,
    open_text,
    reseal,
    seal_bytes,
    seal_text,
)

PLACE = f"complainant.name:{uuid.UUID(int=1)}"


@pytest.fixture
def own_keys(db: None, settings: LazySettings, tmp_path: Path, file_store: Path) -> Iterator[Path]:
    """Secrets, a key table and a store of files of this test's own; the keys before come back."""
    settings.SECRETS_DIR = tmp_path / "secrets"
    with key_ring.own_connection() as cursor:
        cursor.execute("CREATE TABLE documents_sealingkey_kept AS TABLE documents_sealingkey")
        cursor.execute("DELETE FROM documents_sealingkey")
    key_ring.forget_keys()
    yield tmp_path / "secrets"
    with key_ring.own_connection() as cursor:
        cursor.execute("DELETE FROM documents_sealingkey")
        cursor.execute("INSERT INTO documents_sealingkey SELECT * FROM documents_sealingkey_kept")
        cursor.execute("DROP TABLE documents_sealingkey_kept")
    key_ring.forget_keys()


def test_sm4_answers_as_gbt_32907_says() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert (encryptor.update(key) + encryptor.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm3_answers_as_gbt_32905_says() -> None:
    assert hashlib.new("sm3", b"abc").hexdigest() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def test_sm4_gcm_answers_as_rfc_8998_says() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    )
    sealed = encrypt_with(Suite.SM4_GCM, key, nonce, plain, aad)
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert decrypt(Suite.SM4_GCM, key, nonce + sealed, aad) == plain
    with pytest.raises(NotAuthentic):
        decrypt(Suite.SM4_GCM, key, nonce + sealed, aad[:-1])


@pytest.mark.usefixtures("own_keys")
@pytest.mark.parametrize("suite", ["SM4-GCM", "AES-256-GCM"])
@pytest.mark.parametrize(
    "words", ["张敏", "𠮷野㛃", "13800138000", "", "朝阳区😀第1号楼\n2单元", "﨑 邉 ｱ", "阿依古丽·买买提"]
)
def test_what_is_sealed_opens_as_it_was(words: str, suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGXIN_CIPHER", suite)
    sealed = seal_text(words, PLACE)
    assert sealed[:2] == bytes([1, Suite[suite.replace("-", "_")]])
    assert open_text(sealed, PLACE) == words
    assert open_text(memoryview(sealed), PLACE) == words  # type: ignore[arg-type]


@pytest.mark.usefixtures("own_keys")
def test_a_telephone_takes_45_bytes_and_never_the_same_ones() -> None:
    first, second = (seal_text("13800138000", PLACE) for _ in range(2))
    assert len(first) == 45
    assert first != second
    assert b"13800138000" not in first


@pytest.mark.usefixtures("own_keys")
def test_a_value_moved_to_another_row_or_field_is_refused() -> None:
    sealed = seal_text("张敏", PLACE)
    for elsewhere in (f"complainant.name:{uuid.UUID(int=2)}", PLACE.replace("name", "address"), ""):
        with pytest.raises(SealBroken, match="移到了别的记录"):
            open_text(sealed, elsewhere)


@pytest.mark.usefixtures("own_keys")
def test_a_value_altered_anywhere_is_refused() -> None:
    sealed = seal_text("张敏", PLACE)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBroken):
            open_text(bytes(altered), PLACE)
    for shorter in range(len(sealed)):
        with pytest.raises(SealBroken):
            open_text(sealed[:shorter], PLACE)


@pytest.mark.django_db
@trying(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), place=st.text(max_size=20).filter(lambda text: text.isprintable()))
def test_any_content_opens_as_it_was(content: bytes, place: str) -> None:
    assert open_bytes(seal_bytes(content, place), place) == content


@pytest.mark.usefixtures("own_keys")
def test_values_under_an_older_data_key_still_open_and_can_be_renewed() -> None:
    old = seal_text("张敏", PLACE)
    assert reseal(old, PLACE) is None
    assert key_rotation.add_data_key() == 2
    assert open_text(old, PLACE) == "张敏"
    new = reseal(old, PLACE)
    assert new is not None
    assert new[5] == 2
    assert open_text(new, PLACE) == "张敏"


@pytest.mark.usefixtures("own_keys")
def test_a_data_key_made_by_another_process_is_found_when_it_is_met() -> None:
    seal_text("张敏", PLACE)
    before = key_ring._ring
    assert before is not None
    key_rotation.add_data_key()
    sealed = seal_text("李强", PLACE)
    key_ring._ring = key_ring._Ring(before.keys, before.newest, before.read_at - 2)
    assert open_text(sealed, PLACE) == "李强"


@pytest.mark.usefixtures("own_keys")
def test_resealing_renews_a_whole_table_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "SEALED_TABLES", [])
    monkeypatch.setattr(key_rotation, "_RESEALED_AT_ONCE", 3)
    key_rotation.declare_sealed("sealing_sample", "id", ("name", "telephone"), "sample.{column}:{key}")
    rows = [uuid.uuid4() for _ in range(10)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE sealing_sample (id uuid PRIMARY KEY, name bytea, telephone bytea)")
        for row in rows:
            cursor.execute(
                "INSERT INTO sealing_sample VALUES (%s, %s, NULL)",
                [row, seal_text("张敏", f"sample.name:{row}")],
            )
        key_rotation.add_data_key()
        assert key_rotation.under_older_keys() == 10
        counted: list[int] = []
        assert key_rotation.reseal_all(counted.append) == 10
        assert counted == [3, 3, 3, 1]
        assert (key_rotation.under_older_keys(), key_rotation.reseal_all()) == (0, 0)
        cursor.execute("SELECT id, name FROM sealing_sample")
        for row, sealed in cursor.fetchall():
            assert open_text(sealed, f"sample.name:{row}") == "张敏"
            assert bytes(sealed)[5] == 2


def put_under_an_older_key(count: int) -> list[str]:
    paths = [
        storage.put(folder, f"内容{at}".encode())
        for at, folder in enumerate(["originals", "imports"] * (count // 2))
    ]
    assert key_rotation.add_data_key() == 2
    return paths


@pytest.mark.usefixtures("own_keys", "file_store")
def test_resealing_renews_the_files_on_the_disk_too_and_tells_how_far_it_is() -> None:
    paths = put_under_an_older_key(6)
    assert key_rotation.under_older_keys() == 6
    counted: list[int] = []
    assert key_rotation.reseal_all(counted.append) == 6
    assert counted == [1] * 6
    assert (key_rotation.under_older_keys(), key_rotation.reseal_all()) == (0, 0)
    assert [storage.get(path).decode() for path in paths] == [f"内容{at}" for at in range(6)]
    assert {storage.key_of(path) for path in paths} == {2}


@pytest.mark.usefixtures("own_keys")
def test_an_interrupted_renewal_of_files_goes_on_where_it_was(file_store: Path) -> None:
    paths = put_under_an_older_key(6)
    counted: list[int] = []

    def interrupt(done: int) -> None:
        counted.append(done)
        if len(counted) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        key_rotation.reseal_all(interrupt)
    # What a power cut leaves beside a file is passed over.
    (file_store / paths[0]).with_name(f".{Path(paths[0]).name}.cut").write_bytes(b"half")
    assert key_rotation.under_older_keys() == 4
    assert [storage.get(path).decode() for path in paths] == [f"内容{at}" for at in range(6)]
    assert key_rotation.reseal_all() == 4
    assert {storage.key_of(path) for path in paths} == {2}


@pytest.mark.usefixtures("own_keys")
def test_a_full_disk_leaves_a_file_as_it_was(file_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path, _) = put_under_an_older_key(2)
    before = (file_store / path).read_bytes()

    def no_room(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        storage.renew(path)
    assert (file_store / path).read_bytes() == before
    assert [one.name for one in (file_store / path).parent.iterdir()] == [Path(path).name]


@pytest.mark.usefixtures("own_keys")
def test_a_damaged_file_is_named_when_all_the_others_are_renewed(file_store: Path) -> None:
    paths = put_under_an_older_key(6)
    (file_store / paths[2]).write_bytes((file_store / paths[2]).read_bytes()[:-1])
    (file_store / paths[3]).write_bytes(b"")
    with pytest.raises(SealBroken, match="有 2 个文件") as broken:
        key_rotation.reseal_all()
    assert paths[2] in str(broken.value)
    assert paths[3] in str(broken.value)
    assert [storage.key_of(path) for path in (*paths[:3], *paths[4:])] == [2, 2, 1, 2, 2]


def test_a_new_master_key_rewraps_and_the_old_one_may_then_go(own_keys: Path) -> None:
    sealed = seal_text("张敏", PLACE)
    first = (own_keys / "sealing_key").read_text()
    assert (own_keys / "sealing_key").stat().st_mode & 0o777 == 0o400
    key_rotation.add_master_key()
    with pytest.raises(SealingNotReady, match="rewrap"):
        key_rotation.forget_old_master_keys()
    assert open_text(sealed, PLACE) == "张敏"
    assert key_rotation.rewrap() == 1
    assert key_rotation.rewrap() == 0
    assert key_rotation.forget_old_master_keys() == 1
    assert first.strip() not in (own_keys / "sealing_key").read_text()
    assert open_text(sealed, PLACE) == "张敏"


def test_a_master_key_of_another_installation_is_refused_in_words(own_keys: Path) -> None:
    sealed = seal_text("张敏", PLACE)
    (own_keys / "sealing_key").unlink()
    key_ring.forget_keys()
    with pytest.raises(SealingNotReady, match="是否为本数据库所用"):
        open_text(sealed, PLACE)


def test_a_wrapped_key_altered_in_the_database_is_refused(own_keys: Path) -> None:
    seal_text("张敏", PLACE)
    with key_ring.own_connection() as cursor:
        cursor.execute(
            "UPDATE documents_sealingkey SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)"
        )
    key_ring.forget_keys()
    with pytest.raises(SealBroken, match="第 1 号封存密钥被改动"):
        seal_text("李强", PLACE)


def test_in_production_a_missing_key_is_named_with_the_way_on(own_keys: Path, settings: LazySettings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(SealingNotReady, match=r"没有密钥 sealing_key：.*fangxin rotate-keys init"):
        seal_text("张敏", PLACE)
    with pytest.raises(SealingNotReady, match="index_key"):
        blind_index("telephone", "13800138000")
    key_rotation.prepare()
    assert open_text(seal_text("张敏", PLACE), PLACE) == "张敏"
    assert sorted(path.name for path in own_keys.iterdir()) == ["index_key", "sealing_key"]


def test_a_lost_secret_is_not_replaced_when_the_database_has_keys(own_keys: Path) -> None:
    key_rotation.prepare()
    (own_keys / "index_key").unlink()
    with pytest.raises(SealingNotReady, match="缺少密钥 index_key"):
        key_rotation.prepare()


@pytest.mark.usefixtures("own_keys")
def test_keys_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = "11" * 32, "22" * 32
    monkeypatch.setenv("FANGXIN_SEALING_KEY", old)
    sealed = seal_text("张敏", PLACE)
    with pytest.raises(SealingNotReady, match="环境变量"):
        key_rotation.add_master_key()
    monkeypatch.setenv("FANGXIN_SEALING_KEY", f"{new}, {old}")
    assert key_rotation.rewrap() == 1
    monkeypatch.setenv("FANGXIN_SEALING_KEY", new)
    key_ring.forget_keys()
    assert open_text(sealed, PLACE) == "张敏"
    monkeypatch.setenv("FANGXIN_SEALING_KEY", "secret")
    key_ring.forget_keys()
    with pytest.raises(SealingNotReady, match="64位十六进制"):
        open_text(sealed, PLACE)


@pytest.mark.usefixtures("own_keys")
def test_many_threads_that_start_at_once_share_one_first_key() -> None:
    gate = threading.Barrier(8)
    sealed: list[bytes] = []

    def start() -> None:
        gate.wait()
        sealed.append(seal_text("张敏", PLACE))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [open_text(each, PLACE) for each in sealed] == ["张敏"] * 8
    assert [row["number"] for row in key_rotation.key_rows()] == [1]


@pytest.mark.usefixtures("own_keys")
def test_a_role_that_cannot_see_the_keys_can_still_seal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE sealing_test_intake")
        cursor.execute("SET LOCAL ROLE sealing_test_intake")
        sealed = seal_text("张敏", PLACE)
        cursor.execute("RESET ROLE")
    assert open_text(sealed, PLACE) == "张敏"


@pytest.mark.parametrize(
    ("field", "written", "compared"),
    [
        ("telephone", "＋８６ 138-0013-8000", "13800138000"),
        ("telephone", "008613800138000", "13800138000"),
        ("telephone", "86 13800138000", "13800138000"),
        ("telephone", "(010) 8888-6666", "01088886666"),
        ("telephone", "+86 10 8888 6666", "01088886666"),
        ("telephone", "8612345", "8612345"),
        ("id_number", " １１０１０５-1990-0307-888x ", "11010519900307888X"),
        ("name", "阿依古丽·买买提", "阿依古丽买买提"),
        ("name", " 张　敏 ", "张敏"),
        ("name", "𠮷㛃", "𠮷㛃"),
        ("email", " Zhang.Min@Example.com ", "zhang.min@example.com"),
    ],
)
def test_values_are_compared_however_they_are_written(field: str, written: str, compared: str) -> None:
    assert normalised(field, written) == compared
    assert blind_index(field, written) == blind_index(field, compared)


def test_a_blind_index_tells_nothing_across_fields_and_keys(settings: LazySettings, tmp_path: Path) -> None:
    here = blind_index("telephone", "13800138000")
    assert len(here) == 16
    assert blind_index("id_number", "13800138000") != here
    assert blind_index("telephone", "13800138001") != here
    settings.SECRETS_DIR = tmp_path
    key_ring.forget_keys()
    assert blind_index("telephone", "13800138000") != here
    key_ring.forget_keys()


def test_nothing_cannot_be_looked_for() -> None:
    with pytest.raises(ValueError, match="内容为空"):
        blind_index("telephone", " - ")


@pytest.mark.usefixtures("own_keys")
def test_the_command_makes_and_renews_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    from fangxin.config.commands.rotate_keys import command

    monkeypatch.setenv("DATABASE_URL", "postgresql:///connected-already")
    assert CliRunner().invoke(command, ["init"]).exit_code == 0
    for asked, told in [
        ("data", "第 2 号"),
        ("master", "2 把数据密钥"),
        ("forget-old", "1 把"),
        ("status", "SM4-GCM"),
    ]:
        answer = CliRunner().invoke(command, [asked])
        assert answer.exit_code == 0, answer.output
        assert told in answer.output


@pytest.mark.django_db
def test_rotation_knows_every_column_that_is_sealed() -> None:
    declared = {(where.table, column) for where in key_rotation.SEALED_TABLES for column in where.columns}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0"
            " AND a.atttypid = 'bytea'::regtype"
            " AND a.attname !~ '(_index|_hash|^hash|^root|^previous|^wrapped)$'"
        )
        # A published picture is anybody's to see.
        assert declared == set(cursor.fetchall()) - {("agencies_publishedpicture", "content")}
