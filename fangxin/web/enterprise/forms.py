"""What a company fills in."""

from typing import Any

from django import forms

from fangxin.web.fields import ActForm, Choice, Line, Lines
from fangxin.web.files import Files

KINDS = {"plan": "整改方案", "result": "整改结果"}


class ReplyForm(ActForm):
    """An answer to each point, with what proves it."""

    def __init__(self, *args: Any, points: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = points
        answers = {
            f"answer_{number}": Lines(f"问题{number}：{point}", 4000, rows=4)
            for number, point in enumerate(points, start=1)
        }
        self.fields = {
            **answers,
            "admits_violation": forms.BooleanField(
                label="本企业确认存在违法违规行为（须一并填写整改意见）", required=False
            ),
            "plan": Lines("整改意见", 4000, rows=4, required=False),
            "contact": Line("联系电话", 32, required=False, help_text="供经办部门联系本企业。"),
            "files": Files("证明材料"),
            **self.fields,
        }

    @property
    def answers(self) -> list[str]:
        """The answers in the order of the points."""
        return [self.cleaned_data[f"answer_{number}"] for number in range(1, len(self.points) + 1)]


class SupervisionAnswerForm(ActForm):
    """What the company answers to an order of 城研中心."""

    answer = Lines("答复", 2000, rows=6)


class RectificationForm(ActForm):
    """A plan or a result; which of them, is said where it was written, and not found out when it arrives."""

    kind = Choice("内容", KINDS.items(), widget=forms.HiddenInput)
    text = Lines("内容", 8000, rows=8)
    files = Files("证明材料")  # type: ignore[assignment]

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"kind": kind}, **kwargs)
        self.fields["text"].label = KINDS[kind]
