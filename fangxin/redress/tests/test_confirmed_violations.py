"""What a case of any jurisdiction confirmed about an agency is put before its authority, and never recorded by itself."""

from datetime import date

import pytest

from fangxin.credit.actions import Conduct
from fangxin.credit.models import BadRecord
from fangxin.investigations.models import RectificationOrder
from fangxin.organisations.process import StepRefused
from fangxin.redress import actions
from fangxin.redress.models import Proposal
from tests.cast import beijing_cast
from tests.fujian_cast import FujianCast
from tests.stage import Stage

pytestmark = pytest.mark.django_db
CONDUCT = Conduct(
    values={
        "matter": "收取定金拒不退还", "decided_on": "2026-03-02", "reason": "案件查实。", "result": "责令改正。",
        "decided_by": "朝阳区经纪机构管理部门",
    },
    source="", record_class="general",
)  # fmt: skip


@pytest.fixture
def confirmed(cast: FujianCast, settings) -> RectificationOrder:
    """A Beijing case of which the order to rectify was served on the company that is an agency in Fujian."""
    Stage(beijing_cast(), settings).rectifying()
    order = RectificationOrder.objects.get()
    order.company = cast.agency.company
    order.save()
    return order


def test_a_confirmed_violation_is_proposed_once(cast, confirmed):
    assert actions.propose_confirmed_violations() == 1
    assert actions.propose_confirmed_violations() == 0
    proposal = Proposal.objects.get()
    assert (proposal.source, proposal.source_number) == ("confirmed_violation", confirmed.number)
    assert proposal.body_id == cast.agency.reviewing_body_id
    assert proposal.items == confirmed.violations
    assert not BadRecord.objects.exists()


def test_its_authority_drafts_it_and_no_other(cast, confirmed):
    actions.propose_confirmed_violations()
    proposal = Proposal.objects.get()
    with pytest.raises(StepRefused):
        actions.accept_proposal(proposal.pk, CONDUCT, by=cast.other_reviewer)
    with pytest.raises(StepRefused):
        actions.accept_proposal(proposal.pk, CONDUCT, by=cast.prechecker)
    actions.accept_proposal(proposal.pk, CONDUCT, by=cast.reviewer)
    record = BadRecord.objects.get()
    assert (record.state, record.source, record.source_number) == (
        "draft", "confirmed_violation", confirmed.number,
    )  # fmt: skip
    assert record.decided_on == date(2026, 3, 2)


def test_a_company_that_is_no_agency_is_not_proposed(cast, confirmed):
    RectificationOrder.objects.filter(pk=confirmed.pk).update(company=None)
    assert actions.propose_confirmed_violations() == 0
