"""What may stand in a field of a company or an account. A refusal names the field, the rule, the way on."""

from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from fangxin.organisations.models import User
from fangxin.organisations.refusals import ActRefused
from fangxin.rules.identifiers import IdentifierWrong, check_email


def text(value: str, title: str, longest: int, field: str) -> str:
    """The text without blanks around it; ActRefused when it is empty, too long, or holds NUL."""
    value = value.strip()
    if not value:
        raise ActRefused(f"{title}：不能为空，请填写。", field)
    if len(value) > longest:
        raise ActRefused(f"{title}：不得超过{longest}字，现有{len(value)}字，请缩短。", field)
    if "\x00" in value:
        raise ActRefused(f"{title}：含有不可见的空字符，请删去。", field)
    return value


def identifier(check: Callable[[str], str], value: str, title: str, field: str) -> str:
    """The number in its normal form, or empty when none is given; ActRefused says which digit is wrong."""
    if not value.strip():
        return ""
    try:
        return check(value)
    except IdentifierWrong as wrong:
        raise ActRefused(f"{title}：{str(wrong).removeprefix(title)}", field) from wrong


def email(value: str, field: str) -> str:
    """The address in its normal form, or empty when none is given. Raises ActRefused."""
    return identifier(check_email, value, "电子信箱", field)


def password(value: str, user: User, field: str) -> str:
    """The password, fit to be this user's; ActRefused says every rule it breaks."""
    try:
        validate_password(value, user)
    except ValidationError as wrong:
        raise ActRefused(f"密码：{' '.join(wrong.messages)}", field) from wrong
    return value
