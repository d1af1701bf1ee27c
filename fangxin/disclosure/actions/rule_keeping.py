"""The committee keeps its rules on registration, review and publication (四（五）); every version stays readable."""

from uuid import UUID

from django.db import connection, transaction

from fangxin.deadlines.clock import today
from fangxin.disclosure.models import ManagementRule
from fangxin.disclosure.topics import TOPICS
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book

LONGEST_RULE = 50_000
KEEPERS = frozenset({Role.PRECHECKER, Role.DEPARTMENT_HEAD})


@transaction.atomic
def keep_rule(
    topic: str, *, title: str, text: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> ManagementRule:
    """The public reads this version from today; the ones before stay as they are.

    `turn` is the version the writer had before them. ActRefused for anybody but the committee, and when nothing
    is changed.
    """
    claim_act(act_key, "keep_rule", "rule", topic)
    if not may_keep(by):
        raise ActRefused("只有估价与经纪委员会可以发布信息登记、审核、公示等管理制度（四(五)）。")
    if topic not in TOPICS:
        raise ActRefused("没有这一类管理制度。", "topic")
    _one_at_a_time(by.jurisdiction, topic)
    latest = (
        ManagementRule.objects.filter(jurisdiction=by.jurisdiction, topic=topic).order_by("-number").first()
    )
    before = latest.number if latest else 0
    if turn is not None and turn != before:
        raise SomebodyWasFirst(
            f"这项制度刚刚发布了第{before}版。您填写的内容还在页面上，请看过最新一版后再发布。"
        )
    title = fields.text(title, "标题", 100, "title")
    text = fields.text(text, "正文", LONGEST_RULE, "text")
    if latest and (latest.title, latest.text) == (title, text):
        raise ActRefused(f"与第{before}版完全相同，没有发布。", "text")
    kept = ManagementRule.objects.create(
        jurisdiction=by.jurisdiction, topic=topic, number=before + 1, title=title, text=text, from_on=today(),
        kept_by_id=by.user_id,
    )  # fmt: skip
    record(
        Kind.RULE_KEEP, "rule", topic, by=by.actor, summary=f"发布管理制度：{TOPICS[topic]}第{kept.number}版",
        details={"topic": topic, "version": kept.number}, clause="四(五)", rule_key="disclosure.keep_rule",
        rulebook_version=book(by.jurisdiction).version, act_key=act_key, jurisdiction=by.jurisdiction,
    )  # fmt: skip
    return kept


def may_keep(acting: Acting) -> bool:
    """Whether the person may publish a version: of the committee, in a capacity that answers for its work."""
    return "keep_rules" in acting.functions and acting.role in KEEPERS


def _one_at_a_time(jurisdiction: str, topic: str) -> None:
    # Versions are added and never changed, so there is no row that two writers could lock.
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"rule:{jurisdiction}:{topic}"]
        )
