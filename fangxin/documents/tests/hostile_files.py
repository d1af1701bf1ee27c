"""Files as people send them, and as attackers do; built here, so that nothing dangerous lies in git."""

import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image, PngImagePlugin

# A person who must not survive in anything that is shown.
CANARY = {"name": "龘靐齉", "telephone": "13981746253", "author": "canary-author"}


def photo(size: tuple[int, int] = (64, 48), orientation: int = 1, quality: int = 90) -> bytes:
    """A JPEG with owner, device, place and a comment written beside the picture."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = CANARY["author"]
    exif[0x010F] = "PHONE-" + CANARY["telephone"]
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (26.0, 53.0, 0.0)
    out = io.BytesIO()
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (0, 0, size[0] // 2, size[1] // 2))
    picture.save(out, "JPEG", exif=exif, quality=quality, comment=CANARY["name"].encode())
    return out.getvalue()


def png_with_words() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_itxt("Author", CANARY["name"])
    words.add_text("Comment", CANARY["telephone"])
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG", pnginfo=words)
    return out.getvalue()


def webp() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (1, 2, 3)).save(out, "WEBP", exif=Image.Exif().tobytes())
    return out.getvalue()


def pixel_flood(side: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that claims billions of pixels."""
    rows = zlib.compress(b"\0" * (side // 8 + 1) * 200)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n + 4, thing) for n, thing in enumerate(objects))
    return (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>\nendobj\n"
        + body
        + b"trailer\n<<"
        + trailer
        + b">>\nstartxref\n9\n%%EOF\n"
    )


def stream(body: bytes, dictionary: bytes = b"/Filter/FlateDecode") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(body), body)


def deflated_zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    pieces = [packer.compress(bytes(1024 * 1024)) for _ in range(megabytes)]
    return b"".join([*pieces, packer.flush()])


def office(
    kind: str = "docx",
    *more: tuple[str, bytes],
    main: bytes | None = None,
    words: bytes = b"",
    macros: bool = False,
) -> bytes:
    part, folder, content = {
        "docx": ("word/document.xml", "word", "wordprocessingml.document"),
        "xlsx": ("xl/workbook.xml", "xl", "spreadsheetml.sheet"),
    }[kind]
    media = f"application/vnd.openxmlformats-officedocument.{content}.main+xml"
    if macros:
        media = (
            f"application/vnd.ms-{'word.document' if kind == 'docx' else 'excel.sheet'}.macroEnabled.main+xml"
        )
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{part}" ContentType="{media}"/></Types>'
    )
    author = f"<cp:coreProperties><dc:creator>{CANARY['author']}</dc:creator></cp:coreProperties>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr("docProps/core.xml", author)
        archive.writestr(part, main if main is not None else b"<w:document>" + words + b"</w:document>")
        for name, body in more:
            archive.writestr(name.format(folder=folder), body)
    return out.getvalue()


def zip_bomb(megabytes: int = 300) -> bytes:
    out = io.BytesIO(office())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for n in range(4):
            with archive.open(f"word/media/{n}.xml", "w") as part:
                for _ in range(megabytes // 4):
                    part.write(bytes(1024 * 1024))
    return out.getvalue()


def overlapping_zip() -> bytes:
    """Two entries of the directory that point at the same compressed octets."""
    plain = office("docx", ("word/a.xml", b"<a/>" * 100), ("word/b.xml", b"<a/>" * 100))
    directory = plain.index(b"PK\x01\x02")
    at, entries = directory, []
    while plain[at : at + 4] == b"PK\x01\x02":
        name, extra, note = struct.unpack_from("<HHH", plain, at + 28)
        entries.append(at)
        at += 46 + name + extra + note
    altered = bytearray(plain)
    altered[entries[-1] + 42 : entries[-1] + 46] = altered[entries[-2] + 42 : entries[-2] + 46]
    return bytes(altered)


def locked_zip() -> bytes:
    altered = bytearray(office())
    at = altered.rindex(b"PK\x01\x02")
    altered[at + 8] |= 1
    first = altered.rindex(b"PK\x03\x04")
    altered[first + 6] |= 1
    return bytes(altered)


def wav(seconds: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(bytes(16_000 * seconds))
    return out.getvalue()


def mp3(tagged: bool = True) -> bytes:
    # MPEG 1 layer III, 128 kbit/s, 44,100 Hz: 417 octets a frame.
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"TIT2" + bytes(6) if tagged else b""
    return tag + frame * 20


def mp4(brand: bytes = b"isom") -> bytes:
    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body) + 8) + kind + body

    place = box(b"udta", box(b"\xa9xyz", b"+39.9+116.4/"))
    return (
        box(b"ftyp", brand + b"\x00\x00\x02\x00" + brand + b"mp42")
        + box(b"moov", box(b"mvhd", bytes(100)) + place)
        + box(b"mdat", bytes(500))
    )


HARMLESS: dict[str, Callable[[], bytes]] = {
    "合同.jpg": photo,
    "合同.JPEG": photo,
    "聊天记录.png": png_with_words,
    "房屋.webp": webp,
    "收据.pdf": lambda: pdf(stream(zlib.compress(b"BT (contract) Tj ET"))),
    "说明.docx": office,
    "明细.xlsx": lambda: office("xlsx", ("xl/printerSettings/printerSettings1.bin", b"x")),
    "通话.mp3": mp3,
    "通话2.mp3": lambda: mp3(tagged=False),
    "通话.wav": wav,
    "通话.m4a": lambda: mp4(b"M4A "),
    "现场.mp4": mp4,
}

# name → (content, a word of the reason)
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "空.jpg": (lambda: b"", "空的"),
    "大.jpg": (lambda: photo() + bytes(10 * 1024 * 1024), "10 MB"),
    "程序.exe": (lambda: b"MZ\x90\x00" + bytes(100), "扩展名"),
    "程序.jpg": (lambda: b"MZ\x90\x00" + bytes(100), "可执行程序"),
    "没有扩展名": (photo, "扩展名"),
    "图.svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "扩展名"),
    "图.png": (
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "网页或脚本",
    ),
    "页.pdf": (lambda: b"<script>alert(1)</script>", "网页或脚本"),
    "照片.png": (photo, "JPG 图片"),
    "合同.pdf": (photo, "不符"),
    "表.docx": (lambda: office("xlsx"), "不符"),
    "旧.docx": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版"),
    "包.docx": (lambda: b"PK\x03\x04broken", "损坏"),
    "夹带.jpg": (lambda: photo() + b"PK\x03\x04<script>" + CANARY["name"].encode(), "夹带"),
    "夹带脚本.png": (lambda: png_with_words() + b"<script>alert(1)</script>", "夹带"),
    "夹带包.jpg": (lambda: photo() + office(), "夹带"),
    "密码.pdf": (lambda: pdf(trailer=b"/Root 1 0 R/Encrypt 9 0 R"), "密码"),
    "密码隐写.pdf": (lambda: pdf(trailer=b"/Root 1 0 R/#45ncrypt 9 0 R"), "密码"),
    "脚本.pdf": (lambda: pdf(b"<</S/JavaScript/JS(app.alert(1))>>"), "脚本"),
    "脚本隐写.pdf": (lambda: pdf(b"<</S/#4aavaScript/#4a#53(app.alert(1))>>"), "脚本"),
    "脚本压缩.pdf": (
        lambda: pdf(
            stream(zlib.compress(b"4 0 <</S/JavaScript/JS(x)>>"), b"/Type/ObjStm/Filter/FlateDecode")
        ),
        "脚本",
    ),
    "启动.pdf": (lambda: pdf(b"<</S/Launch/F(cmd.exe)>>"), "自动执行"),
    "附带.pdf": (lambda: pdf(b"<</Names<</EmbeddedFiles 5 0 R>>>>"), "夹带"),
    "炸弹.pdf": (lambda: pdf(stream(deflated_zeros(230))), "大得异常"),
    "双重.pdf": (lambda: pdf(stream(b"x", b"/Filter[/FlateDecode /FlateDecode]")), "多重压缩"),
    "半个.pdf": (lambda: pdf()[:-8], "不完整"),
    "尾巴.pdf": (lambda: pdf() + bytes(2_000), "夹带"),
    "兼包.pdf": (lambda: pdf() + office()[-40:], "夹带"),
    "炸弹.docx": (zip_bomb, "炸弹"),
    "重叠.docx": (overlapping_zip, "异常"),
    "密码.docx": (locked_zip, "密码"),
    "宏.docx": (lambda: office("docx", ("word/vbaProject.bin", b"x")), "宏"),
    "宏类型.docx": (lambda: office(macros=True), "宏"),
    "宏.xlsx": (lambda: office("xlsx", ("xl/macrosheets/sheet1.xml", b"<x/>")), "宏"),
    "套包.docx": (lambda: office("docx", ("word/embeddings/a.zip", b"PK")), "嵌入"),
    "套表.docx": (lambda: office("docx", ("word/embeddings/a.xlsx", b"PK")), "嵌入"),
    "实体.docx": (lambda: office(main=b'<!DOCTYPE x [<!ENTITY a "b">]><w:document/>'), "定义"),
    "路径.docx": (lambda: office("docx", ("../../etc/cron.d/x", b"x")), "路径"),
    "尾巴.docx": (lambda: office() + b"tail", "夹带"),
    "零件.docx": (lambda: office("docx", *((f"word/{n}.xml", b"") for n in range(2_100))), "多得异常"),
    "半个.mp4": (lambda: mp4()[:-100], "不完整"),
    "夹带.mp4": (lambda: mp4() + b"PK\x03\x04 and more of it", "夹带"),
    "坏.mp3": (lambda: b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(500), "MP3"),
    "坏.wav": (lambda: b"RIFF\x00\x10\x00\x00WAVE" + bytes(200), "WAV"),
}
HOSTILE_PICTURES: dict[str, tuple[Callable[[], bytes], str]] = {
    "洪水.png": (pixel_flood, "像素"),
    "半张.jpg": (lambda: photo((640, 480))[:900], "损坏"),
    "四千万.png": (lambda: pixel_flood(6_400), "像素"),
    "假.webp": (lambda: b"RIFF\x40\x00\x00\x00WEBPVP8 " + bytes(52), "损坏"),
}
