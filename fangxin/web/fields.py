"""Form fields for what strangers type: every character that can be stored is kept, the others are named."""

import unicodedata
from collections.abc import Callable
from html import escape
from typing import Any
from uuid import uuid4, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString, mark_safe

from fangxin.documents.inspection import FILE_LIMIT, MEGABYTE
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.queries import act_done
from fangxin.organisations.refusals import ActRefused
from fangxin.rules.identifiers import IdentifierWrong

LINE_BREAKS = "\r\n\t"
_SELECTED = " selected"
ONE_LINE = {f"django/forms/widgets/{kind}.html" for kind in ("text", "hidden", "email", "password", "number")}


def storable(text: str) -> None:
    """Passes text that PostgreSQL stores and a screen shows; ValidationError names what else there is."""
    for character in text:
        if character in LINE_BREAKS:
            continue
        category = unicodedata.category(character)
        if category in {"Cc", "Cs"} or character == "\ufffd":
            raise ValidationError(
                f"含有无法识别的字符（U+{ord(character):04X}），可能是复制时带入的，请删去或重新输入。",
                code="unstorable",
            )


def checked(check: Callable[[str], str], text: str) -> str:
    """The identifier in its normal form, "" for none; ValidationError says what is wrong with it."""
    if not text:
        return ""
    try:
        return check(text)
    except IdentifierWrong as wrong:
        raise ValidationError(f"{wrong}。") from wrong


class Line(forms.CharField):
    """One line of text."""

    def __init__(self, label: str, longest: int, **options: Any) -> None:
        options.setdefault("error_messages", {}).update(
            {
                "required": f"请填写{label}。",
                "max_length": f"{label}不得超过%(limit_value)d字，现有%(show_value)d字。",
            }
        )
        super().__init__(label=label, max_length=longest, **options)
        # Django's own NUL check speaks another language than our readers.
        self.validators = [
            *(v for v in self.validators if type(v).__name__ != "ProhibitNullCharactersValidator"),
            storable,
        ]


class Lines(Line):
    """Text of several lines."""

    def __init__(self, label: str, longest: int, *, rows: int = 6, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(label, longest, **options)

    def to_python(self, value: Any) -> str:
        # Sent as two characters, typed as one: the limit counts what was typed.
        return (super().to_python(value) or "").replace("\r\n", "\n")


class TableFile(forms.FileField):
    """A table that a page can take; `more` is the sentence that says how a larger one comes in."""

    default_error_messages = {
        "required": "请选择文件。",
        "empty": "文件是空的（0 字节），请检查后重新选择。",
        "invalid": "没有收到文件，请重新选择。",
        "missing": "没有收到文件，请重新选择。",
        "too_large": "超过网页上传 {limit} MB 的上限。{more}",
    }

    def __init__(self, label: str, *, accept: str, help_text: str, more: str) -> None:
        self.more = more
        widget = forms.ClearableFileInput(attrs={"accept": accept})
        limit = FILE_LIMIT // MEGABYTE
        super().__init__(label=label, widget=widget, help_text=help_text.format(limit=f"不超过 {limit} MB"))

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file; ValidationError for one above the limit."""
        file = super().clean(data, initial)
        if file and file.size > FILE_LIMIT:
            told = self.error_messages["too_large"].format(limit=FILE_LIMIT // MEGABYTE, more=self.more)
            raise ValidationError(told, code="too_large")
        return file


class FormTemplates(TemplatesSetting):
    """Django's templates of forms, but an input of one line is written in Python: three templates make one."""

    def render(self, template_name: str, context: Any, request: Any = None) -> SafeString:
        widget = context.get("widget", {})
        if template_name not in ONE_LINE:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308 - escaped by the template
        value = "" if widget["value"] is None else f' value="{escape(str(widget["value"]))}"'
        begun = f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{value}'
        return mark_safe(f"{begun}{flatatt(widget['attrs'])}>")  # noqa: S308 - escaped above


class ListBox(forms.Select):
    """A list box written in Python: Django's template costs a desk a millisecond for each list of districts."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        choices = list(self.choices)
        if any(isinstance(title, list | tuple) for _, title in choices):
            return super().render(name, value, attrs, renderer)
        chosen = set(self.format_value(value))
        options = "".join(
            f'<option value="{escape(str(key))}"{_SELECTED if str(key) in chosen else ""}>{escape(str(title))}</option>'
            for key, title in choices
        )
        given = flatatt(self.build_attrs(self.attrs, attrs))
        return mark_safe(f'<select name="{escape(name)}"{given}>{options}</select>')  # noqa: S308 - escaped above


class Choice(forms.ChoiceField):
    """One of a list."""

    def __init__(self, label: str, choices: Any = (), **options: Any) -> None:
        options.setdefault("error_messages", {}).update(
            {"required": f"请选择{label}。", "invalid_choice": f"{label}：请在列表中选择。"}
        )
        options.setdefault("widget", ListBox)
        super().__init__(label=label, choices=choices, **options)


class Several(forms.MultipleChoiceField):
    """Any number of a list, ticked."""

    def __init__(self, label: str, choices: Any = (), **options: Any) -> None:
        said = {"required": f"请选择{label}。", "invalid_choice": f"{label}：请在列表中选择。"}
        options["error_messages"] = said | options.get("error_messages", {})
        options.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(label=label, choices=choices, **options)


class ActForm(forms.Form):
    """A form that does one act once: it carries the act's key and the version of the matter it was made for."""

    act_key = forms.UUIDField(widget=forms.HiddenInput, required=True, error_messages={
        "required": "表单不完整，请刷新页面后重试。", "invalid": "表单不完整，请刷新页面后重试。"})  # fmt: skip
    turn = forms.IntegerField(widget=forms.HiddenInput, required=False, error_messages={
        "invalid": "表单不完整，请刷新页面后重试。"})  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"act_key": uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """The act's key belongs to what was filled in: sent twice it is one act, sent changed it is another."""
        given = super().clean() or self.cleaned_data
        if "act_key" in given:
            given["act_key"] = uuid5(given["act_key"], self._as_sent())
        return given

    def _as_sent(self) -> str:
        sent = {
            name: self.data.getlist(name) if isinstance(self.data, MultiValueDict) else self.data[name]
            for name in self.data
            if name != "csrfmiddlewaretoken"
        }
        files = [
            (name, file.name, file.size) for name in self.files or () for file in self.files.getlist(name)
        ]
        return repr((sorted(sent.items()), sorted(files)))

    @property
    def act(self) -> dict[str, Any]:
        """The two hidden values as the actions take them."""
        return {"act_key": self.cleaned_data["act_key"], "turn": self.cleaned_data.get("turn")}


def sent_before(data: Any) -> bool:
    """Whether this very form, filled in just so, was sent before and its act done; the page may look changed since."""
    form = ActForm(data)
    form.is_valid()
    key = form.cleaned_data.get("act_key")
    return key is not None and act_done(key) is not None


def attempt(form: forms.Form, act: Callable[[], Any]) -> tuple[bool, Any]:
    """Runs the act of a valid form: (True, result), or (False, None) with the refusal beside its field.

    The same form sent twice counts as done: (True, None).
    """
    try:
        return True, act()
    except AlreadyDone:
        return True, None
    except ActRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False, None
