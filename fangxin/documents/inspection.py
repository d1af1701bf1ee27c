"""What a file really is, and whether it may come in. Nothing here writes, and nothing runs a file.

The extension, the structure of the content and libmagic must agree on one of the allowed types; then each
type is looked through for what makes it dangerous: bombs, passwords, macros, a second file in the first.
"""

import hashlib
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

# Brings libmagic itself, so that a bare system needs no package for it; must come before `magic`.
import pylibmagic  # noqa: F401  # isort: skip
import magic

from fangxin.organisations.refusals import ActRefused

MEGABYTE = 1024 * 1024
FILE_LIMIT = 10 * MEGABYTE
BATCH_LIMIT = 50 * MEGABYTE
FILES_LIMIT = 10
PIXEL_LIMIT = 40_000_000

_UNPACKED_LIMIT = 200 * MEGABYTE
_UNPACKED_RATIO = 150
_ARCHIVE_ENTRIES = 2_000


class AttachmentRefused(ActRefused):
    """The file does not come in; the message names it, the reason, and the way on."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that may come in. `words` is how a person calls it."""

    extension: str
    media_type: str
    words: str
    is_image: bool = False


_TYPES = (
    FileType("jpg", "image/jpeg", "JPG 图片", is_image=True),
    FileType("png", "image/png", "PNG 图片", is_image=True),
    FileType("webp", "image/webp", "WEBP 图片", is_image=True),
    FileType("pdf", "application/pdf", "PDF 文件"),
    FileType(
        "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word 文档（docx）"
    ),
    FileType(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 表格（xlsx）"
    ),
    FileType("mp3", "audio/mpeg", "MP3 录音"),
    FileType("wav", "audio/wav", "WAV 录音"),
    FileType("m4a", "audio/mp4", "M4A 录音"),
    FileType("mp4", "video/mp4", "MP4 视频"),
)
TYPES = {kind.extension: kind for kind in _TYPES}
_SPELLINGS = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg"}
ACCEPTED = "、".join(kind.extension for kind in _TYPES)

# What libmagic may call each type; it calls some office files plain zip, some recordings plain bytes.
_LIBMAGIC = {
    "jpg": {"image/jpeg"},
    "png": {"image/png", "image/apng"},
    "webp": {"image/webp"},
    "pdf": {"application/pdf"},
    "docx": {TYPES["docx"].media_type, "application/zip", "application/octet-stream"},
    "xlsx": {TYPES["xlsx"].media_type, "application/zip", "application/octet-stream"},
    "mp3": {"audio/mpeg", "application/octet-stream", "audio/mpegurl"},
    "wav": {"audio/x-wav", "audio/wav", "audio/vnd.wave"},
    "m4a": {"audio/x-m4a", "video/mp4", "audio/mp4", "video/quicktime", "video/3gpp"},
    "mp4": {"video/mp4", "audio/x-m4a", "audio/mp4", "video/quicktime", "video/3gpp", "video/x-m4v"},
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may come in: its type by content, its size in octets, its SHA-256."""

    name: str
    kind: FileType
    size: int
    sha256: str


def inspect_file(name: str, content: bytes) -> Inspected:
    """The file is of an allowed type, whole, unlocked and harmless to keep. Raises AttachmentRefused."""
    name = plain_name(name)

    def refuse(reason: str) -> AttachmentRefused:
        return AttachmentRefused(f"附件“{shortened(name)}”未上传：{reason}", field="files")

    extension = name.rpartition(".")[2].lower() if "." in name else ""
    kind = TYPES.get(_SPELLINGS.get(extension, extension))
    if kind is None:
        raise refuse(f"不接收这种扩展名的文件。请改用以下格式之一：{ACCEPTED}。")
    if not content:
        raise refuse("文件是空的（0 字节）。请检查后重新选择。")
    if len(content) > FILE_LIMIT:
        raise refuse("超过单个文件 10 MB 的上限。请压缩图片、分段录音或拆分文件后重新上传。")
    actual = _kind_by_structure(content)
    if actual is None or actual.extension != kind.extension:
        # A broken picture still begins like one; saying so helps more than naming a type.
        really = f"内容是{actual.words}" if actual else _what_else(content)
        raise refuse(f"扩展名是 {extension}，{really}，两者不符。请用原来的格式重新保存后上传。")
    if (told := _libmagic(content)) not in _LIBMAGIC[kind.extension]:
        raise refuse(f"扩展名是 {extension}，但内容识别为 {told}，两者不符。请用原来的格式重新保存后上传。")
    try:
        _LOOK_THROUGH[kind.extension](content)
    except _Harmful as found:
        raise refuse(str(found)) from None
    return Inspected(name, kind, len(content), hashlib.sha256(content).hexdigest())


def check_batch(sizes: list[int]) -> None:
    """So many files of these sizes (octets) may come in together. Raises AttachmentRefused."""
    if len(sizes) > FILES_LIMIT:
        raise AttachmentRefused(
            f"附件：一次最多上传 {FILES_LIMIT} 个文件，现有 {len(sizes)} 个。请合并或分次提交。",
            field="files",
        )
    if sum(sizes) > BATCH_LIMIT:
        raise AttachmentRefused(
            f"附件：合计不得超过 50 MB，现有 {sum(sizes) / MEGABYTE:.1f} MB。请压缩或分次提交。",
            field="files",
        )


def plain_name(name: str) -> str:
    """The file's own name: no folders, no invisible or turning characters, at most 200 characters."""
    name = name.encode("utf-8", "replace").decode("utf-8")[-4_000:]
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029")
    name = re.sub(r'[<>:"|?*]', "_", unicodedata.normalize("NFC", name)).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: 199 - len(extension)] or '未命名'}.{extension}"
    return name[:200] or "未命名"


def shortened(name: str, most: int = 40) -> str:
    """The name as a message shows it."""
    return name if len(name) <= most else f"{name[: most - 12]}…{name[-11:]}"


class _Harmful(Exception):
    """What is wrong inside the file; the text follows “未上传：”."""


# --- what it is -----------------------------------------------------------------------------------------


def _kind_by_structure(content: bytes) -> FileType | None:
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return TYPES["jpg"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return TYPES["png"]
    if head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"WAVE"}:
        return TYPES["webp" if head[8:12] == b"WEBP" else "wav"]
    if head.startswith(b"%PDF-"):
        return TYPES["pdf"]
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    if head[4:8] == b"ftyp":
        return TYPES["m4a" if head[8:11] in {b"M4A", b"M4B"} else "mp4"]
    if head.startswith(b"ID3") or _mp3_frame(content, 0):
        return TYPES["mp3"]
    return None


def _office_kind(content: bytes) -> FileType | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeDecodeError, EOFError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    for extension, part in (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")):
        if part in names:
            return TYPES[extension]
    return None


def _what_else(content: bytes) -> str:
    """A few words on content that is no allowed type."""
    head = content[:512].lstrip().lower()
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return "内容是旧版或加了密码的 Office 文件"
    if content.startswith(b"PK"):
        return "内容是压缩包或已损坏的 Office 文件"
    if content.startswith((b"MZ", b"\x7fELF")):
        return "内容是可执行程序"
    if head.startswith((b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")):
        return "内容是网页或脚本"
    return "内容无法识别或已损坏"


def _libmagic(content: bytes) -> str:
    return str(magic.from_buffer(content[: 256 * 1024], mime=True))


# --- pictures -------------------------------------------------------------------------------------------

# A second file behind or within a picture: what a browser or an unpacker would take it for.
_SECOND_FILE = re.compile(rb"<script|<html|<!doctype|<\?php|%PDF-\d|PK\x05\x06|PK\x03\x04|MZ\x90\x00", re.I)


def _look_through_picture(content: bytes) -> None:
    # Only outside the compressed pixels may such bytes be no chance: so only text marks, or at the end.
    if _SECOND_FILE.search(content, _picture_end(content)) or re.search(
        rb"<script[\s>]|<\?php", content, re.I
    ):
        raise _Harmful("图片里夹带了另一个文件或脚本。请重新拍照或另存为图片后上传。")


def _picture_end(content: bytes) -> int:
    if content.startswith(b"\x89PNG"):
        end = content.find(b"IEND\xaeB`\x82")
        return end + 8 if end >= 0 else len(content)
    if content.startswith(b"RIFF"):
        return min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    end = content.rfind(b"\xff\xd9")
    return end + 2 if end >= 0 else len(content)


# --- PDF ------------------------------------------------------------------------------------------------

_LOCKED = "设置了密码或权限保护。请去掉密码后重新保存。"
_SCRIPTED = "含有脚本。请打印成不带脚本的 PDF 后上传。"
_RUNS = "含有会自动执行的内容。请打印成普通 PDF 后上传。"
_CARRIES = "夹带了其他文件。请把各文件分开上传。"
# Long enough never to occur in compressed pixels by chance, so they are looked for everywhere.
_PDF_DANGERS = (
    (re.compile(rb"/Encrypt(?![A-Za-z])"), _LOCKED),
    (re.compile(rb"/JavaScript(?![A-Za-z])"), _SCRIPTED),
    (re.compile(rb"/(?:RichMedia|SubmitForm|ImportData)(?![A-Za-z])"), _RUNS),
    (re.compile(rb"/EmbeddedFiles?(?![A-Za-z])"), _CARRIES),
)
_PDF_SHORT_DANGERS = (
    (re.compile(rb"/JS(?![A-Za-z])"), _SCRIPTED),
    (re.compile(rb"/(?:Launch|XFA)(?![A-Za-z])"), _RUNS),
)
_STREAM = re.compile(rb"stream\r?\n")
_DOUBLE_FLATE = re.compile(rb"/Filter\s{0,9}\[[^\]]{0,200}Fl[^\]]{0,200}Fl")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


def _look_through_pdf(content: bytes) -> None:
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise _Harmful("PDF 不完整，没有结尾。请重新保存或重新扫描后上传。")
    if len(content) - end > 1_024 or b"PK\x05\x06" in content[end:]:
        raise _Harmful("PDF 后面夹带了其他内容。请重新保存后上传。")
    _refuse_pdf_dangers(content, _PDF_DANGERS)
    unpacked, at = 0, 0
    while found := _STREAM.search(content, at):
        between = _names_plain(content[at : found.start()])
        _refuse_pdf_dangers(between, _PDF_DANGERS + _PDF_SHORT_DANGERS)
        if _DOUBLE_FLATE.search(between):
            raise _Harmful("内容经过多重压缩，展开后可能极大。请重新打印成 PDF 后上传。")
        # Objects may lie in compressed streams; a danger hidden there is looked for as well.
        kept = io.BytesIO() if b"ObjStm" in between[-2_048:] else None
        for piece in _inflated(content, found.end()):
            unpacked += len(piece)
            if unpacked > _UNPACKED_LIMIT or unpacked > _UNPACKED_RATIO * len(content) + 20 * MEGABYTE:
                raise _Harmful("展开后的内容大得异常。请重新打印成 PDF 后上传。")
            if kept is not None and kept.tell() < 8 * MEGABYTE:
                kept.write(piece)
        if kept is not None:
            _refuse_pdf_dangers(_names_plain(kept.getvalue()), _PDF_DANGERS + _PDF_SHORT_DANGERS)
        closed = content.find(b"endstream", found.end())
        at = closed if closed >= 0 else len(content)
    _refuse_pdf_dangers(_names_plain(content[at:]), _PDF_DANGERS + _PDF_SHORT_DANGERS)


def _names_plain(content: bytes) -> bytes:
    """/#4aS is /JS to a reader."""
    if b"#" not in content:
        return content
    return _NAME_ESCAPE.sub(lambda escape: bytes([int(escape[1], 16)]), content)


def _refuse_pdf_dangers(content: bytes, dangers: tuple[tuple[re.Pattern[bytes], str], ...]) -> None:
    for pattern, reason in dangers:
        if pattern.search(content):
            raise _Harmful(f"PDF {reason}")


def _inflated(content: bytes, start: int) -> Iterator[bytes]:
    """The stream unpacked piece by piece, if it is compressed; its dictionary is not believed."""
    if content[start : start + 1] not in {
        b"\x78",
        b"\x58",
        b"\x68",
        b"\x48",
        b"\x38",
        b"\x28",
        b"\x18",
        b"\x08",
    }:
        return
    unpacker = zlib.decompressobj()
    view = memoryview(content)
    at = start
    try:
        while at < len(content) and not unpacker.eof:
            piece = view[at : at + 64 * 1024]
            at += len(piece)
            yield unpacker.decompress(piece, MEGABYTE)
            while unpacker.unconsumed_tail and not unpacker.eof:
                yield unpacker.decompress(unpacker.unconsumed_tail, MEGABYTE)
    except zlib.error:
        # A stream that is not what its dictionary says opens in no reader either.
        return


# --- office files ---------------------------------------------------------------------------------------

_MACRO_PARTS = re.compile(r"vbaproject|vbadata|macrosheets|activex|\.bin$", re.I)
_HARMLESS_BIN = re.compile(r"printersettings\d*\.bin$", re.I)
_NESTED = re.compile(
    r"\.(?:zip|rar|7z|gz|bz2|xz|tar|jar|cab|iso|docx?|docm|xlsx?|xlsm|xlsb|pptx?|exe|dll|bat|cmd|js|vbs|ps1|lnk)$",
    re.I,
)
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_MAIN_PART = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
}


def _look_through_office(extension: str) -> Callable[[bytes], None]:
    def look_through(content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_odd_archive(content, archive, entries)
            unpacked = 0
            for entry in entries:
                if entry.flag_bits & 0x1:
                    raise _Harmful("设置了密码。请去掉密码后重新保存。")
                if _MACRO_PARTS.search(entry.filename) and not _HARMLESS_BIN.search(entry.filename):
                    raise _Harmful("含有宏或控件。请另存为不含宏的文件后上传。")
                if _NESTED.search(entry.filename):
                    raise _Harmful("嵌入了其他文件。请把各文件分开上传。")
                unpacked = _look_through_entry(archive, entry, unpacked, len(content))
            if _MAIN_PART[extension] not in archive.read("[Content_Types].xml"):
                raise _Harmful("内容与扩展名不符，可能含有宏。请另存为不含宏的文件后上传。")

    def guarded(content: bytes) -> None:
        try:
            look_through(content)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            ValueError,
        ):
            raise _Harmful("文件已损坏，无法打开。请用 Office 重新保存后上传。") from None

    return guarded


def _refuse_odd_archive(content: bytes, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _ARCHIVE_ENTRIES:
        raise _Harmful("内部零件多得异常。请用 Office 重新保存后上传。")
    if content.rfind(b"PK\x05\x06") != len(content) - 22 or archive.comment:
        raise _Harmful("文件后面夹带了其他内容。请用 Office 重新保存后上传。")
    if len({entry.filename for entry in entries}) != len(entries):
        raise _Harmful("内部有重名的零件。请用 Office 重新保存后上传。")
    spans = sorted((entry.header_offset, entry.header_offset + 30 + entry.compress_size) for entry in entries)
    # Overlapping parts: a small file that unpacks to any size.
    if spans and (spans[0][0] != 0 or any(a[1] > b[0] for a, b in pairwise(spans))):
        raise _Harmful("内部结构异常。请用 Office 重新保存后上传。")
    for entry in entries:
        if (
            entry.filename.startswith(("/", "\\"))
            or ".." in re.split(r"[/\\]", entry.filename)
            or ":" in entry.filename
        ):
            raise _Harmful("内部路径异常。请用 Office 重新保存后上传。")


def _look_through_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, unpacked: int, size: int) -> int:
    """The octets unpacked so far, this entry included; its declared size is not believed."""
    markup = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    entity_before = b""
    with archive.open(entry) as part:
        while piece := part.read(256 * 1024):
            unpacked += len(piece)
            if unpacked > _UNPACKED_LIMIT or unpacked > _UNPACKED_RATIO * size + 2 * MEGABYTE:
                raise _Harmful("展开后的内容大得异常（压缩炸弹）。请用 Office 重新保存后上传。")
            if markup and _ENTITY.search(entity_before + piece):
                raise _Harmful("内部含有不允许的定义。请用 Office 重新保存后上传。")
            if markup and b"attachedTemplate" in piece and b"External" in piece:
                raise _Harmful("引用了外部模板。请另存为普通文档后上传。")
            entity_before = piece[-16:]
    return unpacked


# --- sound and moving pictures -----------------------------------------------------------------------------


def _mp3_frame(content: bytes, at: int) -> int:
    """The octets of the MPEG audio frame at this place; 0 if there is none."""
    if len(content) < at + 4 or content[at] != 0xFF or content[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = content[at + 1] >> 3 & 3, content[at + 1] >> 1 & 3
    bits, sampling, padding = content[at + 2] >> 4, content[at + 2] >> 2 & 3, content[at + 2] >> 1 & 1
    if version == 1 or layer != 1 or bits in {0, 15} or sampling == 3:
        return 0
    rates = _MPEG1_RATES if version == 3 else _MPEG2_RATES
    frequency = (44_100, 48_000, 32_000)[sampling] >> (0, 1, 0, 2)[3 - version]
    return (144 if version == 3 else 72) * rates[bits] * 1_000 // frequency + padding


_MPEG1_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)


def _look_through_mp3(content: bytes) -> None:
    at = 0
    if content.startswith(b"ID3") and len(content) > 10:
        at = 10 + sum(
            (octet & 0x7F) << shift for octet, shift in zip(content[6:10], (21, 14, 7, 0), strict=True)
        )
        # Some recorders pad the tag.
        at += len(content[at : at + 4_096]) - len(content[at : at + 4_096].lstrip(b"\0"))
    for _ in range(3):
        step = _mp3_frame(content, at)
        if not step:
            raise _Harmful("不是有效的 MP3 录音，或已损坏。请重新导出录音后上传。")
        at += step
        if at >= len(content) - 4:
            break


def _look_through_riff(content: bytes) -> None:
    declared = int.from_bytes(content[4:8], "little") + 8
    if b"fmt " not in content[:4_096] or not len(content) - 4_096 <= declared <= len(content) + 4_096:
        raise _Harmful("不是完整的 WAV 录音。请重新导出录音后上传。")


def _look_through_mp4(content: bytes) -> None:
    at, boxes = 0, set()
    while at + 8 <= len(content):
        size, box = struct.unpack_from(">I4s", content, at)
        if size == 1 and at + 16 <= len(content):
            size = struct.unpack_from(">Q", content, at + 8)[0]
        elif size == 0:
            size = len(content) - at
        if size < 8 or at + size > len(content) or not re.fullmatch(rb"[ -~\xa9]{4}", box):
            raise _Harmful("录音或视频不完整，或夹带了其他内容。请重新导出后上传。")
        boxes.add(box)
        at += size
    if at != len(content) or not {b"ftyp", b"moov"} <= boxes:
        raise _Harmful("录音或视频不完整。请重新导出后上传。")


_LOOK_THROUGH: dict[str, Callable[[bytes], None]] = {
    "jpg": _look_through_picture,
    "png": _look_through_picture,
    "webp": _look_through_picture,
    "pdf": _look_through_pdf,
    "docx": _look_through_office("docx"),
    "xlsx": _look_through_office("xlsx"),
    "mp3": _look_through_mp3,
    "wav": _look_through_riff,
    "m4a": _look_through_mp4,
    "mp4": _look_through_mp4,
}
