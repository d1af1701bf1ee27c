"""What an agency may say and ask for about its own record."""

from django import forms

from fangxin.web.conduct_forms import PAPERS, HonourForm, Papers, beside_column
from fangxin.web.fields import ActForm, Lines
from fangxin.web.files import Files

__all__ = ["OwnHonourForm", "beside_column"]
LONGEST = 2000


class StatementForm(ActForm):
    """What the unit has to say before the record is public."""

    statement = Lines("陈述", LONGEST, rows=8)
    evidence = Files("有关材料", help_text=PAPERS)


class CommentForm(ActForm):
    """What stands beside the record."""

    comment = Lines("机构说明", 1000, rows=5)


class ApplicationForm(ActForm):
    """What is asked for, and why."""

    text = Lines("申请理由", LONGEST, rows=6)
    evidence = Files("有关材料", help_text=PAPERS)


class EvidencedApplicationForm(ActForm):
    """The same, with what proves it."""

    text = Lines("情况和理由", LONGEST, rows=6)
    evidence = Papers("有关材料", required=True, help_text=PAPERS)


class RepairForm(ApplicationForm):
    """Repair asks for a commitment too."""

    commitment = forms.BooleanField(
        label="本机构承诺：所提供的材料真实、准确；今后依法诚信经营；违反承诺的，接受处理并公示。",
        error_messages={"required": "申请信用修复须作出信用承诺，请勾选。"},
    )


class OwnHonourForm(HonourForm):
    """An honour of the agency's own."""
