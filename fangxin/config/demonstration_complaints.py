"""Demonstration data of Fujian: public complaints at every step of their way, all invented."""

from collections.abc import Mapping
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.agencies.models import Agency
from fangxin.config.demonstration import on_day
from fangxin.deadlines.clock import today
from fangxin.organisations.roles import Acting
from fangxin.redress import actions
from fangxin.redress.models import AgencyComplaint, Transfer

PLACE = "fujian"
# Days ago, category, whom it is about ("" is the demonstration's own agency), words, digest, how far it has come.
COMPLAINTS = (
    (1, "房地产经纪机构", "", "看房前收了五百元看房费，没有租成也不退。", "submitted"),
    (2, "房地产经纪人", "张伟（福州诚信东街店）", "经纪人隐瞒房屋已抵押，签约后才知道。", "suggested"),
    (3, "其他", "某小区物业", "物业服务收费不公开。", "set_aside"),
    (6, "房地产经纪机构", "", "挂牌的房源图片和实际房屋不符。", "verifying"),
    (5, "房地产经纪机构", "", "交了两万元定金，房东不卖了，中介不退定金。", "transferred"),
    (24, "房地产经纪机构", "", "租房合同到期，中介扣押押金不还。", "late"),
    (40, "房地产经纪机构", "", "中介费收了两次，第二次没有发票。", "unjustified"),
    (30, "项目", "东街口二手房买卖", "代办过户拖了两个月。", "answered"),
    (60, "房地产经纪机构", "", "签约时没有出示经纪服务收费标准。", "published"),
)  # fmt: skip


def create_complaints(own: Agency, people: Mapping[str, Acting]) -> None:
    """Complaints about the own agency's county, from one that came yesterday to one that is public."""
    for ago, kind, respondent, words, end in sorted(COMPLAINTS, reverse=True):
        day = today() - timedelta(days=ago)
        with on_day(day):
            receipt = actions.receive_agency_complaint(
                {
                    "name": "演示投诉人", "telephone": "13805910000", "respondent": respondent or own.company.name,
                    "respondent_kind": kind, "text": f"{words}（演示）", "province": "350000", "city": "福州市",
                },
                city=own.city, county=own.county, jurisdiction=PLACE,
            )  # fmt: skip
        found = AgencyComplaint.objects.get(pk=receipt.complaint_id)
        with on_day(day + timedelta(days=1)):
            _sorted(found, own, words, end, people)
        _answered(found, end, ago, people)
    actions.find_late_feedback()


def _sorted(found: AgencyComplaint, own: Agency, words: str, end: str, people: Mapping[str, Acting]) -> None:
    reviewer = people["huangmin"]
    match end:
        case "submitted":
            pass
        case "suggested":
            actions.suggest_sorting(found.pk, way="both", by=people["zhenghua"])
        case "set_aside":
            actions.set_aside(found.pk, reason="物业服务收费请向物业主管部门反映。（演示）", by=reviewer)
        case "verifying":
            actions.sort_complaint(found.pk, way="verify", agency_id=own.pk, by=reviewer)
        case _:
            way = "both" if end in ("answered", "published") else "transfer"
            actions.sort_complaint(
                found.pk, way=way, agency_id=own.pk, digest=f"投诉人称：{words}（演示）", by=reviewer
            )


def _answered(found: AgencyComplaint, end: str, ago: int, people: Mapping[str, Acting]) -> None:
    reviewer, day = people["huangmin"], today() - timedelta(days=ago)
    if end in ("answered", "published"):
        with on_day(day + timedelta(days=8)):
            transfer = Transfer.objects.get(complaint=found)
            actions.give_feedback(transfer.pk, opinion="已核对，已改正。（演示）", by=people["linxiao"])
            actions.record_finding(
                found.pk, finding="true", opinion="经核查，情况属实。（演示）", by=reviewer
            )
    if end == "published":
        with on_day(day + timedelta(days=12)):
            actions.decide_complaint(
                found.pk, publish=True, publish_because="有提示作用。（演示）", count=True,
                count_because="查证属实。（演示）", reply="情况属实，已责令改正。（演示）",
                public_summary="有人反映签约时没有出示收费标准。（演示）",
                public_result="情况属实，已责令改正。（演示）", by=reviewer,
            )  # fmt: skip
            actions.tell_respondent(
                found.pk, served_on=today(), served_how="电子邮件，有回执", proof=[_paper()], by=reviewer
            )
        with on_day(day + timedelta(days=24)):
            actions.publish_complaint(found.pk, by=reviewer)
    if end == "unjustified":
        with on_day(day + timedelta(days=22)):
            actions.find_late_feedback()
            actions.judge_lateness(
                found.pk, verdict="unjustified", reason="催办两次，未说明理由。（演示）", by=reviewer
            )


def _paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("送达凭证（演示）.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
