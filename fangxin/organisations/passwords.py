"""What a password must be made of."""

from typing import Any

from django.core.exceptions import ValidationError


class MixedCharactersValidator:
    """At least so many of the four kinds: upper case, lower case, digits, others."""

    def __init__(self, min_kinds: int = 3) -> None:
        self.min_kinds = min_kinds

    def validate(self, password: str, user: Any = None) -> None:
        """The password is mixed enough, or ValidationError says which kinds are missing."""
        kinds = {
            "大写字母": any(c.isupper() for c in password),
            "小写字母": any(c.islower() for c in password),
            "数字": any(c.isdigit() for c in password),
            "其他符号": any(not c.isalnum() for c in password),
        }
        if sum(kinds.values()) < self.min_kinds:
            missing = "、".join(kind for kind, present in kinds.items() if not present)
            raise ValidationError(
                f"须含大写字母、小写字母、数字、其他符号中的至少{self.min_kinds}种；还没有{missing}。",
                code="password_not_mixed",
            )

    def get_help_text(self) -> str:
        return f"密码须含大写字母、小写字母、数字、其他符号中的至少{self.min_kinds}种。"
