"""Every component in each of its states, on one page, for whoever writes the next page."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fangxin.web.access import office

ON = date(2026, 2, 13)
AT = datetime(2026, 2, 13, 9, 42, tzinfo=ZoneInfo("Asia/Shanghai"))
DESK = """\
未取得预售许可证擅自预售|北京××置业顾问有限公司朝阳第三分公司|开发|便民热线|朝阳区|待企业回复|waiting|王芳|2026-02-10
收取定金后拒不退还|诚信房产经纪有限公司|经纪|网上投诉|西城区|待受理|||2026-02-12
业主大会表决票造假|北京××物业服务有限公司|物业|督察督办|通州区|调查处理|info|王芳|2026-02-13
面积误差超过 3% 不予补偿|北京××房屋测绘有限公司|测绘|便民热线|海淀区|待分派|||2026-02-14
代收物业费不开具发票|北京××物业服务有限公司|物业|日常管理|顺义区|责令整改|bad|周晓燕|2026-02-27
隐瞒抵押事实发布房源||经纪|舆情监测|东城区|已办结|done|王芳|"""
QUOTE = "企业应在3个工作日内通过平台对投诉事项进行回复"


class FilterForm(forms.Form):
    """The fields of a desk's filter bar."""

    q = forms.CharField(label="编号、企业、项目、关键词", required=False)
    link = forms.ChoiceField(
        label="环节", required=False, choices=[("", "全部"), ("brokerage", "经纪"), ("property", "物业")]
    )
    status = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("assigned", "已分派")])


class DispatchForm(forms.Form):
    """Where the chosen cases go."""

    body = forms.ChoiceField(
        label="分派至", choices=[("city.market", "房屋市场处"), ("city.property", "物业指导中心")]
    )


class AnswerForm(forms.Form):
    """One field of each kind that pages use."""

    name = forms.CharField(label="姓名", max_length=40)
    mobile = forms.CharField(label="联系电话", help_text="仅办案人员经审批可见，用于核实情况和告知结果。")
    answer = forms.CharField(
        label="事情经过",
        widget=forms.Textarea,
        min_length=20,
        max_length=2000,
        help_text="写明时间、地点、企业名称和您的要求，不少于 20 个字。",
    )
    source = forms.ChoiceField(
        label="被投诉的是哪一环节",
        widget=forms.RadioSelect,
        choices=[
            ("brokerage", "经纪：中介、租房、居间服务"),
            ("property", "物业：物业服务和收费"),
            ("unsure", "不清楚，请工作人员判断"),
        ],
    )
    happened_on = forms.DateField(
        label="发生日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    district = forms.ChoiceField(
        label="所在区", choices=[("", "请选择"), ("110105", "朝阳区"), ("110108", "海淀区")]
    )
    wishes = forms.MultipleChoiceField(
        label="您的诉求",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("refund", "退还费用"), ("repair", "整改"), ("reply", "书面答复")],
    )
    paper = forms.FileField(
        label="上传材料", required=False, help_text="照片、PDF、Word、Excel，每个不超过 10 MB。"
    )
    agreed = forms.BooleanField(label="以上内容属实，我愿意接受回访")


class ReasonForm(forms.Form):
    """A reason and nothing else."""

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


def rows() -> list[dict[str, Any]]:
    """A desk with each kind of term: overdue, today, soon, later, none."""
    columns = (
        "subject",
        "respondent",
        "link",
        "source",
        "district",
        "status",
        "status_tone",
        "officer",
        "due_on",
    )
    found = []
    for n, line in enumerate(DESK.splitlines()):
        row: dict[str, Any] = dict(zip(columns, line.split("|"), strict=True))
        due_on = date.fromisoformat(row["due_on"]) if row["due_on"] else None
        number = f"BJ-2026-0{3180 - n}"
        found.append(
            {**row, "id": n, "number": number, "url": "#", "due_on": due_on, "major": n == 0}
            | {"overdue": due_on is not None and due_on < ON}
        )
    return found


def examples() -> dict[str, Any]:
    """What the gallery shows; every name here is the variable a component takes."""
    wrong = AnswerForm(
        {"name": "王喆堃", "mobile": "1380013", "answer": "不退定金", "source": "", "district": ""}
    )
    for name, message in {
        "mobile": "请填写 11 位手机号，目前是 7 位；固定电话请写“区号-号码”。",
        "answer": "至少写 20 个字，目前是 4 个字。",
        "source": "请选择一项；不清楚的选“不清楚”。",
    }.items():
        wrong.errors.pop(name, None)
        wrong.add_error(name, message)
    deadline = {
        "title": "企业回复",
        "due_on": date(2026, 2, 25),
        "clause": "北京工作程序 二（四）",
        "quote": QUOTE,
        "source": "房地产市场违法违规案件投诉处理工作程序",
        "explanation": [
            "自 2026-02-13 星期五 转送企业次日起计算，期限 3 个工作日。",
            "2026-02-14 星期六 调休上班，第 1 个工作日。",
            "2026-02-15 至 2026-02-23 春节放假，不计。",
            "2026-02-24 星期二，第 2 个工作日。",
            "2026-02-25 星期三，第 3 个工作日，到期。",
        ],
    }
    return {
        "on": ON,
        "crumbs": [("待办", "#"), ("朝阳区", "#")],
        "tiles": [
            {"label": "待我办理", "count": 18, "url": "#", "current": True},
            {"label": "即将到期", "count": 4, "url": "#", "tone": "soon", "note": "2 个工作日内"},
            {"label": "已逾期", "count": 2, "url": "#", "tone": "overdue"},
            {"label": "等待他人", "count": 31, "url": "#"},
            {"label": "本月办结", "count": 126},
        ],
        "filters": FilterForm(),
        "saved": [{"title": "朝阳经纪", "url": "#", "current": True}, {"title": "重大案件", "url": "#"}],
        "rows": rows(),
        "caption": "待办案件，按到期日排列",
        "bulk": {"url": "#", "button": "批量分派", "form": DispatchForm(auto_id="bulk_%s")},
        "page": Paginator(range(126), 50).page(2),
        "deadlines": [
            deadline,
            {
                "title": "处理意见",
                "due_on": date(2027, 2, 12),
                "provisional": True,
            },
            {"title": "责令整改", "due_on": date(2026, 2, 11)},
            {"title": "受理", "due_on": date(2026, 2, 13), "words": "已于2026-02-12按期完成", "tone": "met"},
        ],
        "badges": [
            (date(2026, 2, 25), "", ""),
            (date(2026, 2, 14), "", ""),
            (ON, "", ""),
            (date(2026, 2, 11), "", ""),
            (date(2026, 2, 25), "已于2026-02-24按期完成", "met"),
            (date(2026, 2, 10), "已于2026-02-13完成（逾期）", "late"),
            (date(2026, 2, 25), "已终止", "cancelled"),
        ],
        "steps": [
            {"title": "分派", "state": "done", "note": "02-09"},
            {"title": "企业回复", "state": "done", "note": "02-12"},
            {"title": "调查处理", "state": "current", "note": "王芳"},
            {"title": "结论", "state": "todo"},
            {"title": "督办、回访", "state": "skipped"},
        ],
        "entries": [
            {"at": AT, "title": "企业逾期未回复", "clause": "二（四）", "tone": "bad", "by": "系统"},
            {
                "at": AT - timedelta(days=1),
                "title": "受理并批准转办摘要",
                "clause": "二（三）",
                "by": "王芳 · 房屋市场处",
                "body": "转送诚信房产经纪有限公司。\n期限 3 个工作日。",
            },
            {
                "at": AT - timedelta(days=2),
                "title": "分派至房屋市场处",
                "clause": "二（二）（1）",
                "by": "李强 · 城研中心",
            },
        ],
        "items": [
            ("被投诉单位", "诚信房产经纪有限公司"),
            ("统一社会信用代码", "91110105MA01234567"),
            ("投诉事由", "2026 年 1 月签订居间合同并交定金 2 万元，\n房东另行出售后经纪机构拒不退还。𠮷㛃"),
            ("涉及项目", ""),
        ],
        "actions": [
            {
                "title": "提出处理意见",
                "url": "#",
                "form": ReasonForm(auto_id="opinion_%s"),
                "clause": "二（六）",
                "primary": True,
                "open": True,
                "hint": "自受理之日起 10 个工作日内。",
            },
            {"title": "申请延长期限", "url": "#", "form": ReasonForm(auto_id="extend_%s")},
            {"title": "发起协查", "href": "#"},
        ],
        "others": [{"who": "诚信房产经纪有限公司", "what": "逐项回复", "due_on": date(2026, 2, 25)}],
        "files": [
            {
                "name": "居间服务合同.pdf",
                "url": "#",
                "size": 812_000,
                "kind": "PDF",
                "by": "投诉人",
                "at": AT,
            },
            {"name": "现场照片.jpg", "size": 3_400_000, "kind": "图片", "note": "正在检查，暂不能打开"},
        ],
        "form": AnswerForm(),
        "wrong": wrong,
        "number": "BJ-2026-03180",
        "secret": "K7PM-4QXD-9TWA",
        "at": AT,
        "identity": [
            ("姓名", "张*"),
            ("电话", "138****5678"),
            ("证件号码", "110***********001X"),
            ("住址", "朝阳区建国路*****"),
        ],
        "request_form": ReasonForm(auto_id="identity_%s"),
        "text": "张敏（电话 13800135678）反映：住朝阳区建国路 88 号 3 号楼 1201，经纪机构拒不退还定金。",
        "marks": [
            {"start": 0, "end": 2, "kind": "姓名", "replacement": "投诉人"},
            {"start": 6, "end": 17, "kind": "电话", "replacement": "略"},
            {"start": 22, "end": 43, "kind": "住址", "replacement": "略"},
        ],
        "suggestions": [
            {
                "label": "经纪环节 → 房屋市场处",
                "certainty": 0.86,
                "words": ["居间", "定金", "中介"],
                "chosen": True,
            },
            {"label": "交易环节 → 房屋市场处", "certainty": 0.11, "words": ["合同"]},
        ],
        "threshold": 0.9,
        "law": {"clause": "北京工作程序 二（四）", "quote": QUOTE, "url": "#", "checked_on": ON},
    }


@office()
def gallery(request: HttpRequest) -> HttpResponse:
    """The gallery page; nothing on it does anything."""
    return render(request, "gallery.html", examples())
