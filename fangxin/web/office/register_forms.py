"""Forms of the registers: companies, accounts, memberships."""

from typing import Any

from django import forms

from fangxin.cases.terms import LINKS, district_titles
from fangxin.organisations.roles import OFFICE_ROLES, Role
from fangxin.web.fields import ActForm, Choice, Line


class SearchForm(forms.Form):
    """One search field."""

    q = Line(
        "名称、曾用名、代码或姓名", 100, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )


class CompanyForm(ActForm):
    """A company with its codes; one of the three is enough."""

    name = Line("企业名称", 200)
    kinds = forms.MultipleChoiceField(
        label="业务环节", choices=[*LINKS.items()], widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一个业务环节。", "invalid_choice": "业务环节：请在列表中选择。"},
    )  # fmt: skip
    uscc = Line("统一社会信用代码", 40, required=False, help_text="18位；两个校验码都会核对。")
    org_code = Line("组织机构代码", 20, required=False, help_text="只有旧证照时填写，如 12345678-X。")
    licence_no = Line("营业执照注册号", 30, required=False, help_text="只有旧证照时填写，15位。")
    district = Choice("所在区县", required=False)
    address = Line("地址", 300, required=False)
    contact_telephone = Line("联系电话", 32, required=False)
    contact_email = Line("联系邮箱", 120, required=False)

    def __init__(self, *args: Any, jurisdiction: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = [("", "不清楚"), *district_titles(jurisdiction).items()]
        self.fields["district"].choices = districts  # type: ignore[attr-defined]


class RenameForm(ActForm):
    """A new name from a day."""

    name = Line("新名称", 200)
    on = forms.DateField(
        label="自哪一天起", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写更名日期。", "invalid": "更名日期应为真实的日期，如 2026-02-25。"},
    )  # fmt: skip


class PersonForm(ActForm):
    """An account and in which capacity it acts."""

    username = Line("用户名", 64, help_text="已有账号填其用户名，即为其增加任职。")
    full_name = Line("姓名", 64, required=False, help_text="新账号必填。")
    role = Choice("角色")
    body = Choice("机构", required=False)
    company_code = Line("企业代码", 40, required=False, help_text="企业人员填写所属企业的统一社会信用代码。")
    email = Line("电子信箱", 120, required=False)
    telephone = Line("电话", 32, required=False)
    is_deputy = forms.BooleanField(label="代理", required=False)

    def __init__(self, *args: Any, bodies: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in Role if role in OFFICE_ROLES or role is Role.COMPANY_USER]
        self.fields["role"].choices = [("", "请选择"), *((role.value, role.title) for role in roles)]  # type: ignore[attr-defined]
        self.fields["body"].choices = [("", "（企业人员不选）"), *((b.code, b.name) for b in bodies)]  # type: ignore[attr-defined]
