"""A picture drawn anew: what the camera wrote beside it (place, time, device, owner) is gone."""

import io
import threading
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from fangxin.documents.inspection import PIXEL_LIMIT, AttachmentRefused, shortened

LONGEST_SIDE = 2400
_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
# One at a time: a large picture unpacks to more than a hundred megabytes.
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class CleanedPicture:
    """A JPEG with nothing but the picture in it; sides in pixels."""

    content: bytes
    width: int
    height: int
    media_type: str = "image/jpeg"
    extension: str = "jpg"


def clean_picture(name: str, content: bytes) -> CleanedPicture:
    """The picture, upright, at most 2400 pixels wide or high, without any metadata. Raises AttachmentRefused.

    Pixels are decoded and encoded again, so nothing that is not a pixel survives. What the picture *shows*
    stays; whether a company may see it is an officer's decision.
    """
    try:
        with _turn, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(content)
    except (_TooManyPixels, Image.DecompressionBombWarning, Image.DecompressionBombError):
        reason = f"图片超过 {PIXEL_LIMIT // 10_000} 万像素。请缩小后重新上传。"
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        reason = "图片已损坏，无法完整打开。请重新拍照或另存后上传。"
    raise AttachmentRefused(f"附件“{shortened(name)}”未上传：{reason}", field="files")


class _TooManyPixels(Exception):
    pass


def _redrawn(content: bytes) -> CleanedPicture:
    # The size is in the header: it is judged before a single pixel is unpacked. Pillow's own limit is
    # global and would bind the whole program; its check at twice that limit stays as a second one.
    with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
        if picture.width * picture.height > PIXEL_LIMIT:
            raise _TooManyPixels
        # A JPEG is decoded no larger than needed: a quarter of the time, a tenth of the memory.
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.load()
        drawn = _flattened(ImageOps.exif_transpose(picture) or picture)
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # A fresh picture: `info` (EXIF, ICC, comments, text chunks) is not carried over.
    clean = Image.new("RGB", drawn.size)
    clean.paste(drawn)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY, subsampling=0 if _is_small(clean) else 2)
    return CleanedPicture(out.getvalue(), clean.width, clean.height)


def _is_small(picture: Image.Image) -> bool:
    """Screenshots of chats are small, and their coloured letters blur when colour is halved."""
    return picture.width * picture.height <= 2_000_000


def _flattened(picture: Image.Image) -> Image.Image:
    """In RGB, transparent parts white."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGB", layered.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    if picture.mode.startswith("I"):
        # 16 bits to 8; a plain conversion would clip nearly all of it to white.
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return picture.convert("RGB")
