"""The forms of casework: one for each step of the table, with the rulebook's own lists."""

from typing import Any
from uuid import UUID

from django import forms

from fangxin.cases.actions.handling import LONGEST_SUMMARY, Respondent
from fangxin.cases.queries import OF_AN_ORDER
from fangxin.cases.terms import (
    LINKS,
    SOLVED,
    TOLD_HOW,
    district_titles,
    reason_titles,
    satisfaction_titles,
    source_titles,
)
from fangxin.cases.workflow import STATUS_TITLES
from fangxin.rules import book
from fangxin.rules.casework import Outcome
from fangxin.rules.identifiers import check_email
from fangxin.web.fields import ActForm, Choice, Line, Lines, Several, checked
from fangxin.web.files import Files

RADIO = forms.RadioSelect


BINS = {
    "todo": "待我办理", "soon": "即将到期", "overdue": "已逾期", "waiting": "等待他人", "handled": "本月办结",
    "ended": "已归档、不予受理",
}  # fmt: skip


def _or_any(titles: Any) -> list[tuple[str, str]]:
    return [("", "全部"), *titles]


class SieveForm(forms.Form):
    """The filter bar of a desk."""

    q = Line("编号、企业、项目、字词", 100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    link = Choice("环节", required=False)
    status = Choice("状态", required=False)
    district = Choice("区县", required=False)
    source = Choice("来源", required=False)
    bin = Choice("范围", required=False)

    def __init__(self, *args: Any, jurisdiction: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = {
            "link": LINKS.items(), "district": district_titles(jurisdiction).items(),
            "status": [(status.value, title) for status, title in STATUS_TITLES.items()],
            "source": source_titles(jurisdiction).items(),
        }  # fmt: skip
        for name, titles in lists.items():
            self.fields[name].choices = _or_any(titles)  # type: ignore[attr-defined]
        self.fields["bin"].choices = [("all", "全部"), *BINS.items()]  # type: ignore[attr-defined]


class ReleaseForm(ActForm):
    """Which companies a complainant's picture goes to, and why."""

    tasks = Several("转给", error_messages={"required": "请选择须回复的企业。"})
    reason = Lines("转给企业的理由", 500, rows=2)
    checked = forms.BooleanField(
        label="已打开核对：图上没有投诉人的姓名、电话、住址、车牌和面容",
        error_messages={"required": "请先打开附件核对，再勾选这一项。"},
    )


class QuarantineForm(ActForm):
    """Why nobody may open a file any more."""

    reason = Lines("隔离的理由", 500, rows=2)


class StepForm(ActForm):
    """A step's form knows the case and the person; `grouped` names a template that lays its fields out."""

    grouped = ""
    # Whether the case says which fields there are.
    of_the_case = False

    def __init__(self, *args: Any, page: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        self.jurisdiction: str = page["case"].jurisdiction
        self.prepare()

    def prepare(self) -> None:
        """Fills the lists."""

    def choose(self, name: str, choices: Any) -> None:
        """The list of a field."""
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]


class DispatchForm(StepForm):
    link = Choice("环节", [*LINKS.items()], widget=RADIO)
    district = Choice(
        "区县",
        required=False,
        help_text="交易、经纪、开发、物业案件分至区县部门，须选择区县；评估、测绘案件不用选。",
    )
    reason = Line("分件说明", 500, required=False)

    def prepare(self) -> None:
        self.choose("district", [("", "请选择"), *district_titles(self.jurisdiction).items()])


class BulkDispatchForm(ActForm):
    """One link and one district for all the chosen cases."""

    link = Choice("环节", [("", "按各案建议环节"), *LINKS.items()], required=False)
    district = Choice("区县", required=False)

    def __init__(self, *args: Any, jurisdiction: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = [("", "按各案所在区县"), *district_titles(jurisdiction).items()]
        self.fields["district"].choices = districts  # type: ignore[attr-defined]


class ForwardForm(StepForm):
    district = Choice("区县")

    def prepare(self) -> None:
        self.choose("district", [("", "请选择"), *district_titles(self.jurisdiction).items()])


class AcceptForm(StepForm):
    grouped = "office/accept_fields.html"
    officer = Choice("经办人")
    summary = Lines(
        "转办摘要",
        LONGEST_SUMMARY,
        rows=10,
        help_text="企业只看到这段文字。请核对标记之处，删去一切可以认出投诉人的内容。",
    )
    project_name = Line(
        "项目名称", 200, required=False, help_text="随摘要一并转给企业；只写项目或小区，不写楼号、房号。"
    )
    points = Lines("须企业答复的问题", 4000, rows=4, help_text="每行一个；企业须逐条答复。")
    companies = Several(
        "被投诉企业",
        required=False,
        error_messages={"invalid_choice": "所选企业不在查找结果中，请重新查找。"},
    )
    other_names = Lines(
        "登记册中没有的企业",
        600,
        rows=2,
        required=False,
        help_text="每行一个企业名称；平台无法自动分派，须另以复印或传真告知（二(五)）。",
    )
    checked = forms.BooleanField(label="已核对：转办摘要、项目名称和问题都不含投诉人姓名、电话、证件号码、住址等身份信息（五）",
                                 error_messages={"required": "请核对转办摘要并勾选确认（五：不得泄露投诉举报人信息）。"})  # fmt: skip

    def prepare(self) -> None:
        self.choose("officer", [("", "请选择"), *((p.user_id, p.name) for p in self.page["officers"])])
        self.choose("companies", [(c.pk, _company_words(c)) for c in self.page["companies"]])

    @property
    def respondents(self) -> list[Respondent]:
        """The chosen companies of the register, then the names it does not have."""
        chosen = {int(pk) for pk in self.cleaned_data["companies"]}
        found = [Respondent(c.pk, c.name) for c in self.page["companies"] if c.pk in chosen]
        names = [name.strip() for name in self.cleaned_data["other_names"].splitlines() if name.strip()]
        return found + [Respondent(None, name) for name in names]


def _company_words(company: Any) -> str:
    return f"{company.name}（{company.uscc or '无统一代码'}{'' if company.on_platform else '，未入驻平台'}）"


class OfficerForm(StepForm):
    officer = Choice("改由谁经办")
    reason = Line("原因", 500)

    def prepare(self) -> None:
        self.choose("officer", [("", "请选择"), *((p.user_id, p.name) for p in self.page["officers"])])


class ProposeReturnForm(StepForm):
    kind = "return"
    reason_code = Choice("理由", widget=RADIO)
    reason = Lines("说明", 1000, rows=4)

    def prepare(self) -> None:
        self.choose("reason_code", reason_titles(self.jurisdiction, self.kind).items())


class ProposeRefusalForm(ProposeReturnForm):
    kind = "refusal"


class OpinionOfHeadForm(StepForm):
    opinion = Lines("领导意见", 1000, rows=3)


class ReasonForm(StepForm):
    reason = Lines("理由", 500, rows=3)


class OpinionForm(StepForm):
    grouped = "office/opinion_fields.html"
    outcome = Choice("处理结论", widget=RADIO)
    affirmed = Several("确认事项", required=False)
    violations = Several("违法违规行为", required=False)
    legal_basis = Lines("法律依据", 4000, rows=3, required=False, help_text="认定违法违规的，须写明依据。")
    findings = Lines("调查了解的情况", 8000, rows=5)
    text = Lines("处理意见", 8000, rows=4)
    without_reply_because = Line(
        "不待企业回复的理由", 500, required=False, help_text="有企业尚未回复时填写。"
    )

    def prepare(self) -> None:
        rules = book(self.jurisdiction)
        self.choose("outcome", [(outcome.key, outcome.title) for outcome in rules.outcomes])
        self.choose(
            "affirmed",
            [
                (key, condition.title)
                for outcome in rules.outcomes
                for key, condition in outcome.conditions.items()
            ],
        )
        link = self.page["case"].link
        links = sorted(LINKS, key=lambda one: one != link)
        acts = {
            one: [(v.code, f"{v.code} {v.act}") for v in book("national").violations if v.link == one]
            for one in links
        }
        self.choose("violations", [(LINKS[one], acts[one]) for one in links])

    def clean_affirmed(self) -> list[str]:
        """The ticks of the chosen outcome; those below another say nothing about this one."""
        chosen = self.cleaned_data.get("outcome")
        mine = {
            key for one in book(self.jurisdiction).outcomes if one.key == chosen for key in one.conditions
        }
        return [key for key in self.cleaned_data["affirmed"] if key in mine]

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """Each outcome with the conditions it stands on, and in words which of them are needed."""
        ticks = {tick.data["value"]: tick for tick in self["affirmed"]}
        return [
            {
                "radio": radio,
                "clause": outcome.clause,
                "needs": _needs(outcome),
                "ticks": [ticks[key] for key in outcome.conditions],
                "names_acts": outcome.key == "violation",
            }
            for radio, outcome in zip(self["outcome"], book(self.jurisdiction).outcomes, strict=True)
        ]

    @property
    def acts(self) -> list[dict[str, Any]]:
        """The catalogue by link, the case's own first; a list is unfolded when something in it is chosen."""
        ticks = {tick.data["value"]: tick for tick in self["violations"]}
        chosen = set(self["violations"].value() or [])
        groups = self.fields["violations"].choices  # type: ignore[attr-defined]
        return [
            {
                "title": title,
                "ticks": [ticks[code] for code, _ in acts],
                "open": at == 0 or any(code in chosen for code, _ in acts),
            }
            for at, (title, acts) in enumerate(groups)
        ]


def _needs(outcome: Outcome) -> str:
    """“须确认 1、2；或 3”: which conditions, by their places, are enough."""
    places = {key: str(place) for place, key in enumerate(outcome.conditions, start=1)}
    if len(outcome.holds_when) == 1:
        return "须全部确认。" if len(places) > 1 else "须确认。"
    ways = ("、".join(places[key] for key in group) for group in outcome.holds_when)
    return f"须确认 {'；或 '.join(ways)}。"


class OrderForm(StepForm):
    companies = Several("责令整改的企业", error_messages={"required": "请至少选择一家责令整改的企业。"})
    requirements = Lines("整改要求", 4000, rows=5)
    served_on = forms.DateField(
        label="送达日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text="15日自送达次日起算（二(六)3）。",
        error_messages={"required": "请填写送达日期。", "invalid": "送达日期应为真实的日期，如 2026-02-25。"},
    )  # fmt: skip

    def prepare(self) -> None:
        self.choose("companies", [(str(task["id"]), task["company_name"]) for task in self.page["tasks"]])

    @property
    def task_ids(self) -> list[UUID]:
        """The chosen tasks."""
        return [UUID(pk) for pk in self.cleaned_data["companies"]]


def _day(label: str, help_text: str = "") -> forms.DateField:
    said = {"required": f"请填写{label}。", "invalid": f"{label}应为真实的日期，如 2026-02-25。"}
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=help_text, error_messages=said)


class OfTaskForm(StepForm):
    """A form about one of the companies of the latest sending; `states` are those it may stand in."""

    states: frozenset[str] = frozenset()

    def prepare(self) -> None:
        self.choose("task", [(str(task["id"]), task["company_name"]) for task in self.tasks])
        if len(self.tasks) == 1:
            self.fields["task"].initial = str(self.tasks[0]["id"])

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The companies one may choose."""
        latest = max((task["round"] for task in self.page["tasks"]), default=0)
        return [
            task for task in self.page["tasks"] if task["round"] == latest and task["state"] in self.states
        ]

    @property
    def task_id(self) -> UUID:
        """The chosen company's task."""
        return UUID(self.cleaned_data["task"])


class TellCompanyForm(OfTaskForm):
    states = frozenset({"unreached"})
    task = Choice("被投诉企业", widget=RADIO)
    channel = Choice("方式", [("fax", "传真"), ("copy", "复印")], widget=RADIO)
    address = Line("传真号码或签收人", 100, help_text="传真的填对方号码；复印的填企业签收人。")
    told_at = forms.DateTimeField(
        label="告知时间", input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="书面回复的期限自告知次日起算（二(五)）。",
        error_messages={"required": "请填写告知时间。", "invalid": "告知时间应如 2026-02-25 14:30。"},
    )  # fmt: skip
    files = Files("告知的凭证", required=True, help_text="传真报告单，或企业签收的复印件。")  # type: ignore[assignment]


class RegisterReplyForm(OfTaskForm):
    of_the_case = True
    states = frozenset({"told", "notified", "viewed", "replied", "returned"})
    task = Choice("被投诉企业", widget=RADIO)
    received_on = _day("收到日期", "是否逾期看收到的日子，不看登记的日子。")
    admits_violation = forms.BooleanField(
        label="企业承认存在违法违规行为（须一并提交整改方案）", required=False
    )
    plan = Lines("整改方案", 4000, rows=4, required=False)
    by_name = Line("答复人", 64)
    contact = Line("联系电话", 32, required=False)
    files = Files("书面回复的扫描件", required=True)  # type: ignore[assignment]

    def prepare(self) -> None:
        super().prepare()
        for number, point in enumerate(self.points, start=1):
            self.fields[f"answer_{number}"] = Lines(f"问题{number}：{point}", 4000, rows=3)
        answers = [f"answer_{number}" for number in range(1, len(self.points) + 1)]
        self.order_fields(["task", "received_on", *answers])

    @property
    def points(self) -> list[str]:
        """What had to be answered."""
        return list(self.page["case"].points)

    @property
    def answers(self) -> list[str]:
        """The answers in the order of the points."""
        return [self.cleaned_data[f"answer_{number}"] for number in range(1, len(self.points) + 1)]


class AskAgainForm(OfTaskForm):
    states = frozenset({"replied"})
    task = Choice("被投诉企业", widget=RADIO)
    points = Several("须补充答复的问题", error_messages={"required": "请至少选择一个须补充答复的问题。"})
    reason = Lines("须补充什么", 1000, rows=4, help_text="企业看到这段文字；不写投诉人的任何信息。")

    def prepare(self) -> None:
        super().prepare()
        self.choose("points", [(point, point) for point in self.page["case"].points])


class OwnRectificationForm(OfTaskForm):
    task = Choice("被投诉企业", widget=RADIO)
    done_on = _day("完成日期")
    text = Lines("整改情况", 4000, rows=4)
    files = Files("整改的证明材料", required=True)  # type: ignore[assignment]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The companies that admitted a violation on paper."""
        return [task for task in self.page["tasks"] if task["told_on"] and not task.get("rectifications")]


CHANNELS = [
    ("platform", "平台通知"), ("telephone", "电话"), ("fax", "传真"), ("letter", "函件"), ("visit", "上门"),
]  # fmt: skip


class UrgeCompanyForm(OfTaskForm):
    task = Choice("被投诉企业", widget=RADIO)
    channel = Choice("方式", CHANNELS, widget=RADIO)
    addressee = Line("对象", 100, help_text="接电话的人、传真号码等。")
    text = Lines("催办内容", 1000, rows=3, help_text="企业看到这段文字；不写投诉人的任何信息。")

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """Every company of the latest sending."""
        latest = max((task["round"] for task in self.page["tasks"]), default=0)
        return [task for task in self.page["tasks"] if task["round"] == latest]


class UrgeDepartmentForm(StepForm):
    kind = Choice("督促还是协调", [("urge", "督促"), ("coordinate", "协调")], widget=RADIO)
    channel = Choice("方式", CHANNELS, widget=RADIO)
    addressee = Line("对象", 100)
    text = Lines("内容", 1000, rows=3)


class UrgingAnswerForm(StepForm):
    urging = Choice("哪一次催办", widget=RADIO)
    answer = Lines("答复", 1000, rows=3)

    def prepare(self) -> None:
        waiting = [one for one in self.page["beside"]["urgings"] if not one["answered_on"]]
        self.choose(
            "urging", [(str(one["number"]), f"第{one['number']}次：{one['whom']}") for one in waiting]
        )


class AskExtensionForm(StepForm):
    until = _day("申请延至", "复杂案件根据工作需要适当延长（二(六)）；原截止日保留。")
    reason = Lines("理由", 1000, rows=4)


class DecideExtensionForm(StepForm):
    result = Choice("决定", [("approved", "同意延期"), ("refused", "不同意延期")], widget=RADIO)
    opinion = Lines("领导意见", 1000, rows=3)


class SuperviseForm(StepForm):
    whom = Choice("督办谁", widget=RADIO)
    text = Lines("督办要求", 1000, rows=4, help_text="被督办的部门或企业看到这段文字；不写投诉人的任何信息。")

    def prepare(self) -> None:
        case, tasks = self.page["case"], self.page["tasks"]
        companies = {
            str(task["company_id"]): task["company_name"]
            for task in tasks
            if task["company_id"] and task["state"] not in {"unreached", "told"}
        }
        department = [("department", case.handling_body.name)] if case.handling_body else []
        self.choose("whom", [*department, *companies.items()])

    @property
    def company_id(self) -> int | None:
        """The chosen company; None for the department."""
        whom = self.cleaned_data["whom"]
        return None if whom == "department" else int(whom)


class OfSupervisionForm(StepForm):
    """A form about one supervision order of the case that stands where the step `verb` begins."""

    verb = ""
    of_companies = False
    order = Choice("督办", widget=RADIO)

    def prepare(self) -> None:
        orders = [
            one
            for one in self.page["beside"]["orders"]
            if one["state"] in OF_AN_ORDER[self.verb].before and (self.of_companies or one["body__name"])
        ]
        self.choose("order", [(str(one["id"]), f"{one['number']} {one['whom']}") for one in orders])
        if len(orders) == 1:
            self.fields["order"].initial = str(orders[0]["id"])

    @property
    def order_id(self) -> UUID:
        """The chosen order."""
        return UUID(self.cleaned_data["order"])


class AcknowledgeForm(OfSupervisionForm):
    verb = "acknowledge_supervision"


class AnswerSupervisionForm(OfSupervisionForm):
    verb = "answer_supervision"
    answer = Lines("答复", 2000, rows=5)


class CloseSupervisionForm(OfSupervisionForm):
    verb = "close_supervision"
    of_companies = True
    result = Choice("结论", [("close", "办结"), ("return", "退回再答复")], widget=RADIO)
    conclusion = Lines("意见", 1000, rows=3)


class DelayForm(StepForm):
    reason = Lines("逾期的理由", 1000, rows=4)


class RegisterReportForm(StepForm):
    order = Choice("整改企业", widget=RADIO)
    kind = Choice("内容", [("plan", "整改方案"), ("result", "整改结果")], widget=RADIO)
    received_on = _day("收到日期")
    text = Lines("摘要", 8000, rows=4)
    by_name = Line("填报人", 56)
    files = Files("扫描件", required=True)  # type: ignore[assignment]

    def prepare(self) -> None:
        on_paper = [order for order in self.page["orders"] if not order["company__on_platform"]]
        self.choose("order", [(str(order["id"]), order["company_name"]) for order in on_paper])


class CheckForm(StepForm):
    order = Choice("整改企业", widget=RADIO)
    accepted = Choice("验收结论", [("yes", "整改到位"), ("no", "尚未到位，继续整改")], widget=RADIO)
    opinion = Lines("验收意见", 4000, rows=4)

    def prepare(self) -> None:
        orders = [order for order in self.page["orders"] if order["state"] == "done"]
        self.choose("order", [(str(order["id"]), order["company_name"]) for order in orders])


class TellForm(StepForm):
    told_how = Choice("告知方式", [*TOLD_HOW.items()], widget=RADIO)
    text = Lines(
        "回复投诉人的内容", 4000, rows=6, required=False, help_text="投诉人凭编号和查询码看到这段文字。"
    )
    reason = Line("不告知的理由", 500, required=False, help_text="选择不告知时填写。")


class CallBackForm(StepForm):
    contacted = Choice("是否联系上", [("yes", "联系上"), ("no", "未联系上，或无投诉人")], widget=RADIO)
    solved = Choice("诉求是否解决", [("", "未询问"), *SOLVED.items()], required=False)
    satisfaction = Choice("是否满意", required=False, widget=RADIO)
    comment = Lines("记录", 1000, rows=3, required=False)

    def prepare(self) -> None:
        self.choose("satisfaction", [("", "未评价"), *satisfaction_titles(self.jurisdiction).items()])


class IntakeForm(ActForm):
    """A case typed in by a clerk."""

    source = Choice("来源", widget=RADIO)
    title = Line("标题", 200)
    text = Lines("投诉内容", 10000, rows=8)
    respondent_name = Line("被投诉单位", 200, required=False)
    respondent_person = Line("被投诉人员", 64, required=False)
    project_name = Line("项目名称", 200, required=False)
    project_address = Line("项目地址", 300, required=False)
    district = Choice("所在区县", required=False)
    external_number = Line(
        "外部工单编号", 64, required=False, help_text="热线工单号等；同一来源的同一编号只能录入一次。"
    )
    origin_document = Line("来文编号", 120, required=False, help_text="转办、督察督办案件填写。")
    name = Line("投诉人姓名", 64, required=False)
    telephone = Line("联系电话", 32, required=False)
    email = Line("电子信箱", 120, required=False)
    address = Line("通讯地址", 300, required=False)
    keep_link = Choice(
        "留本部门办理", required=False, help_text="属于本部门职责的案件可以直接留办，其余由分件部门分派。"
    )

    groups = (
        ("案件从哪里来", ("source", "external_number", "origin_document")),
        ("投诉什么", ("title", "text")),
        ("投诉谁", ("respondent_name", "respondent_person", "project_name", "project_address", "district")),
        ("投诉人", ("name", "telephone", "email", "address")),
        ("由谁办理", ("keep_link",)),
    )

    def __init__(
        self, *args: Any, jurisdiction: str, sources: list[tuple[str, str]], own_link: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = sources  # type: ignore[attr-defined]
        self.fields["district"].choices = [("", "不清楚"), *district_titles(jurisdiction).items()]  # type: ignore[attr-defined]
        keep = [(own_link, f"留本部门办理（{LINKS.get(own_link, '')}）")] if own_link else []
        self.fields["keep_link"].choices = [("", "交分件部门"), *keep]  # type: ignore[attr-defined]
        if not own_link:
            del self.fields["keep_link"]

    def clean_email(self) -> str:
        """Progress is mailed to it: what is no address is said now, to whoever can still ask."""
        return checked(check_email, self.cleaned_data["email"])

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The fields under the question they answer."""
        return [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]}
            for title, names in self.groups
            if any(name in self.fields for name in names)
        ]
