"""Several files in one field."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.http import content_disposition_header


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes more than one."""

    allow_multiple_selected = True


class Files(forms.FileField):
    """A list of uploaded files; the rules of what may come in are those of documents.inspection."""

    def __init__(self, label: str, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault(
            "widget",
            SeveralFiles(attrs={"accept": ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.mp3,.m4a,.wav,.mp4"}),
        )
        options.setdefault("help_text", "最多10个，每个不超过10MB：图片、PDF、Word、Excel、录音、录像。")
        super().__init__(label=label, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one: Callable[..., Any] = super().clean
        given = data if isinstance(data, list | tuple) else [data]
        return [cleaned for item in given if item and (cleaned := one(item, initial))]


def pdf(name: str, content: bytes) -> HttpResponse:
    """The PDF to be kept under this name; what it holds is asked for anew each time."""
    named = content_disposition_header(True, name) or ""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": named, "Cache-Control": "no-store"},
    )
