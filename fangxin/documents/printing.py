"""Printing: a template and what is to stand in it become a PDF, with the fonts embedded.

What people wrote is data and never markup: it reaches the template as JSON and is set as text.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from fangxin.organisations.refusals import ActRefused

if TYPE_CHECKING:
    import typst


def print_pdf(template: Path, given: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF/A-2b of the Typst template with these values, dated `at`.

    ActRefused where the server has no Chinese font: a PDF of empty boxes is worse than none.
    """
    if not has_chinese_font():
        raise ActRefused("服务器上没有中文字体，暂时不能生成PDF；页面内容不受影响，可以直接打印页面。")
    import typst

    compiler = typst.Compiler(str(template), root=str(template.parent), font_paths=_fonts())
    printed = compiler.compile(
        format="pdf",
        sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
        pdf_standards="a-2b",
        timestamp=at.astimezone(timezone(at.utcoffset() or timedelta())).replace(microsecond=0),
    )
    assert isinstance(printed, bytes)  # noqa: S101 - one document, not a page each
    return printed


def has_chinese_font() -> bool:
    """Whether one of the fonts that the templates name is there."""
    return bool(set(settings.PDF_FONTS) & set(_fonts().families()))


@cache
def _fonts() -> "typst.Fonts":
    """Read once in a process; the same on every machine that has the same folders."""
    import typst

    folders = [str(folder) for folder in settings.PDF_FONT_FOLDERS if Path(folder).is_dir()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
