"""Demonstration data of conduct: invented good and bad records at every step of their way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.agencies.models import Agency
from fangxin.config.demonstration import on_day
from fangxin.credit import actions
from fangxin.credit.actions import Conduct
from fangxin.credit.models import BadRecord
from fangxin.deadlines.clock import today
from fangxin.organisations.roles import Acting

MATTERS = (
    ("未经书面同意发布房源信息", "检查发现发布三套房源未取得委托人书面同意。", "责令改正，罚款一万元"),
    ("发布虚假房源信息", "挂牌价格明显低于委托价格，且房屋早已售出。", "责令改正，罚款二万元"),
    ("未在经营场所公示收费标准", "经营场所内没有服务项目和收费标准。", "责令改正"),
    ("隐瞒房屋抵押情况促成交易", "未向买受人告知房屋已设定抵押。", "责令改正，罚款三万元"),
    ("以他人名义从事经纪业务", "合同署名的经纪人没有参与该笔业务。", "责令改正，罚款一万元"),
)
HONOURS = (
    ("诚信经纪机构", "福建省房地产业协会", "省", "行业协会"), ("优秀房地产经纪机构", "福州市房地产业协会", "设区市", "行业协会"),
    ("全国百强经纪机构", "中国房地产估价师与房地产经纪人学会", "部", "行业协会"),
    ("房地产市场管理先进单位", "福建省住房和城乡建设厅", "省", "行业主管部门"),
)  # fmt: skip
# How far each record has come; the acts behind the first are played on days before today.
ENDS = (
    "draft", "recorded", "told", "stated", "published", "objected", "mended", "asked", "correcting", "corrected", "withdrawn",
    "expired", "dropped", "published", "mended", "told",
)  # fmt: skip
HONOUR_ENDS = ("verified", "submitted", "verified", "returned", "verified", "revoked", "verified", "rejected")


class Played:
    """One record and the people around it, each act on its day."""

    def __init__(
        self, agency: Agency, number: int, officials: tuple[Acting, Acting, Acting], filer: Acting
    ) -> None:
        self.agency, self.number, self.filer = agency, number, filer
        self.first, self.second, self.third = officials
        # The day it is played on: within an act today is another.
        self.today = today()

    def bad(self, end: str) -> None:
        """A bad record that has come as far as `end`."""
        decided = {
            "withdrawn": 200,
            "expired": 150,
            "told": 20,
            "stated": 25,
            "draft": 6,
            "recorded": 12,
            "dropped": 30,
        }
        ago = decided.get(end, 120 if end in ("mended", "asked") else 60)
        kept = (
            "minor"
            if end == "expired"
            else "serious"
            if end == "published" and self.number > 10
            else "general"
        )
        matter, reason, result = MATTERS[self.number % len(MATTERS)]
        values = {
            "matter": matter, "decided_on": self._ago(ago), "reason": f"{reason}（演示）", "result": f"{result}。（演示）",
            "decided_by": self.agency.reviewing_body.name,
        }  # fmt: skip
        because = "同类情形多发，有公示的必要。（演示）" if kept == "minor" else ""
        with on_day(self._ago(ago - 3)):
            self.record = actions.draft_record(
                self.agency.pk,
                Conduct(
                    values=values,
                    source="inspection",
                    record_class=kept,
                    shown_because=because,
                    evidence=(_paper(),),
                ),
                by=self.first,
            )
        if end == "draft":
            return
        with on_day(self._ago(ago - 5)):
            if end == "dropped":
                actions.drop_record(self.record.pk, reason="当事人不是本机构。（演示）", by=self.second)
                return
            actions.confirm_record(self.record.pk, by=self.second)
        if end == "recorded":
            return
        told = self._ago(5 if end == "told" else ago - 8)
        with on_day(told):
            actions.serve_notice(
                self.record.pk, served_on=told, served_how="挂号信（演示）", proof=[_paper()], by=self.first
            )
        if end == "told":
            return
        if end == "stated":
            with on_day(told + timedelta(days=3)):
                actions.state_case(
                    self.record.pk,
                    statement="房源发布前已取得口头同意，事后补签了委托书。（演示）",
                    by=self.filer,
                )
            return
        with on_day(self._released_on()):
            actions.release_record(self.record.pk, by=self.first)
        if after := AFTERWARDS.get(end):
            after(self)

    def good(self, end: str) -> None:
        """An honour that has come as far as `end`."""
        award, body, level, kind = HONOURS[self.number % len(HONOURS)]
        values = {
            "award": f"{award}（演示）", "awarded_on": self._ago(90 + self.number), "awarded_by": body, "level": level,
            "body_kind": kind, "subject": "机构", "certificate_no": f"演示-{self.number + 1:03d}",
        }  # fmt: skip
        with on_day(self._ago(40)):
            record = actions.submit_good_record(
                self.agency.pk, values=values, material=[_paper()], by=self.filer
            )
        with on_day(self._ago(35)):
            if end in ("verified", "revoked"):
                actions.verify_good_record(record.pk, opinion="与颁奖单位核实无误。（演示）", by=self.first)
            elif end in ("returned", "rejected"):
                actions.return_good_record(
                    record.pk, reason="证书编号看不清，请重新上传。（演示）" if end == "returned" else "颁奖单位查无此奖。（演示）",
                    rejected=end == "rejected", by=self.first,
                )  # fmt: skip
        if end == "revoked":
            with on_day(self._ago(4)):
                actions.revoke_good_record(
                    record.pk, reason="颁奖单位已撤销该奖。（演示）", forged=True, by=self.first
                )

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def _released_on(self) -> date:
        released: date | None = BadRecord.objects.values_list("releasable_on", flat=True).get(
            pk=self.record.pk
        )
        assert released is not None  # noqa: S101 - the notice was served a moment ago
        return released

    def _object(self) -> None:
        with on_day(self._ago(2)):
            self._ask("objection", "处理时间写错，与决定书不一致。（演示）")

    def _mend(self) -> None:
        with on_day(self._ago(60)):
            asked = self._ask("assessment", "已逐套核对委托书，下架不合规的房源。（演示）")
            actions.begin_assessment(
                asked.pk, assessed_on=self._ago(55), assessors=f"{self.first.user_name}等二人", by=self.first
            )
        with on_day(self._ago(55)):
            actions.conclude_assessment(
                asked.pk, passed=True, result="抽查二十套房源，均有书面委托。（演示）", by=self.first
            )
            actions.comment_on_record(
                self.record.pk, comment="本机构已建立房源发布前的核对制度。（演示）", by=self.filer
            )

    def _ask_for_withdrawal(self) -> None:
        self._mend()
        with on_day(self._ago(1)):
            self._ask("withdrawal", "整改已经验收合格，最短公示期已满，申请撤销公示。（演示）")

    def _propose(self) -> None:
        with on_day(self._ago(1)):
            actions.propose_correction(
                self.record.pk, kind="amended", reason="决定书上的数额抄错。（演示）",
                values={"result": "责令改正，罚款一千元。（演示）"}, by=self.first,
            )  # fmt: skip

    def _correct(self) -> None:
        self._propose()
        actions.confirm_correction(self.record.pk, by=self.second)

    def _withdraw(self) -> None:
        with on_day(self._ago(70)):
            asked = self._ask("withdrawal", "已整改，申请撤销公示。（演示）")
        with on_day(self._ago(66)):
            actions.consent_to_withdrawal(asked.pk, opinion="同意。（演示）", by=self.first)

    def _expire(self) -> None:
        with on_day(self._ago(20)):
            actions.end_displays()

    def _ask(self, kind: str, text: str) -> Any:
        evidence = [] if kind == "withdrawal" else [_paper()]
        return actions.apply(self.record.pk, kind, text=text, evidence=evidence, by=self.filer)


AFTERWARDS: Mapping[str, Callable[[Played], None]] = {
    "objected": Played._object, "mended": Played._mend, "asked": Played._ask_for_withdrawal, "correcting": Played._propose,
    "corrected": Played._correct, "withdrawn": Played._withdraw, "expired": Played._expire,
}  # fmt: skip


def create_conduct(
    own: Agency, people: Mapping[str, Acting], lent: Callable[[Agency, Acting], Acting]
) -> None:
    """The own agency has something of each; others of its county and elsewhere are at every step.

    `lent` gives an official of 鼓楼区 to the department of another place.
    """
    near = list(
        Agency.objects.filter(county=own.county, standing="active").exclude(pk=own.pk).order_by("pk")[:4]
    )
    far = list(Agency.objects.exclude(county=own.county).filter(standing="active").order_by("-pk")[:12])
    chosen = [*near, *far]

    def played(agency: Agency, number: int) -> Played:
        officials = (lent(agency, people["huangmin"]), lent(agency, people["tangning"]), people["yelan"])
        filer = replace(
            people["linxiao"],
            company_id=agency.company_id,
            label=f"演示填报员（{agency.company.name}·企业人员）",
        )
        return Played(agency, number, officials, filer)

    for number, end in enumerate(ENDS):
        if chosen:
            played(chosen[number % len(chosen)], number).bad(end)
    for number, end in enumerate(HONOUR_ENDS):
        if chosen:
            played(chosen[-1 - number % len(chosen)], number).good(end)
    for number, end in enumerate(("mended", "told")):
        played(own, number).bad(end)
    for number, end in enumerate(("verified", "returned")):
        played(own, number).good(end)


def _paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("材料（演示）.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
