"""The forms of a declaration beside its tables."""

from django import forms

from fangxin.web.fields import ActForm


class BeginForm(ActForm):
    """Begins a declaration, takes one back, or mends one: nothing to fill in."""


class SubmitForm(ActForm):
    """The declaration of truth, and nothing else; the action says what is missing."""

    truth = forms.BooleanField(required=False)


class OnForm(forms.Form):
    """As of which day the record is shown."""

    on = forms.DateField(
        label="截至哪一天", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "应为真实的日期，如 2026-02-25。"},
    )  # fmt: skip
