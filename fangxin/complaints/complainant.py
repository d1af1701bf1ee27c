"""Who complained: sealed apart, encrypted field by field, opened only here.

Only `complaints`, `cases` and `redress` may import this module. The database refuses the sealed table to every audience;
the functions below take the role `fangxin_sealed` for exactly the statement they need.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from uuid import UUID

from django.db import models

from fangxin.documents.key_rotation import declare_sealed
from fangxin.documents.sealing import blind_index, open_text, seal_text
from fangxin.organisations.audience import Audience, Speaker, now_speaking, speaking_as
from fangxin.organisations.written_often import insert


class Complainant(models.Model):
    """The sealed row of one complaint's author. Without the key file its columns are noise."""

    complaint_id = models.UUIDField("投诉", primary_key=True, default=uuid.uuid4, editable=False)
    name = models.BinaryField("姓名", null=True)
    telephone = models.BinaryField("电话", null=True)
    email = models.BinaryField("电子信箱", null=True)
    id_kind = models.BinaryField("证件名称", null=True)
    id_number = models.BinaryField("证件号码", null=True)
    address = models.BinaryField("通讯地址", null=True)
    postcode = models.BinaryField("邮政编码", null=True)
    telephone_index = models.BinaryField("电话索引", null=True)
    id_number_index = models.BinaryField("证件号码索引", null=True)
    sealed_at = models.DateTimeField("密封时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "投诉人（密封）"

    def __str__(self) -> str:
        return "投诉人（密封）"


@dataclass(frozen=True)
class Identity:
    """A complainant's own words about themselves, in the clear; lives as short as the act that needs it."""

    name: str = ""
    telephone: str = ""
    email: str = ""
    id_kind: str = ""
    id_number: str = ""
    address: str = ""
    postcode: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def __repr__(self) -> str:
        # A repr reaches logs and error pages.
        return "Identity(密封)"

    @property
    def known_strings(self) -> Mapping[str, str]:
        """Field → text, for finding the person in free text."""
        return {key: value for key, value in asdict(self).items() if value and key != "id_kind"}


FIELD_TITLES: Mapping[str, str] = {
    "name": "姓名",
    "telephone": "联系电话",
    "email": "电子信箱",
    "id_kind": "证件名称",
    "id_number": "证件号码",
    "address": "通讯地址",
    "postcode": "邮政编码",
}


declare_sealed("complaints_complainant", "complaint_id", tuple(FIELD_TITLES), "complainant.{column}:{key}")


def seal_complainant(complaint_id: UUID, identity: Identity) -> None:
    """The identity lies sealed beside its complaint. The role that seals it cannot read it back."""
    sealed = {
        field.name: seal_text(text, _aad(field.name, complaint_id))
        for field in fields(Identity)
        if (text := getattr(identity, field.name))
    }
    insert(
        Complainant(
            complaint_id=complaint_id,
            telephone_index=blind_index("telephone", identity.telephone) if identity.telephone else None,
            id_number_index=blind_index("id_number", identity.id_number) if identity.id_number else None,
            **sealed,
        )
    )


def unseal_complainant(complaint_id: UUID) -> Identity:
    """The identity in the clear; an absent row is an empty one. The caller answers for reason and journal."""
    speaker = now_speaking()
    sealed_speaker = Speaker(
        Audience.SEALED, speaker.user_id if speaker else 0, speaker.body_id if speaker else 0
    )
    with speaking_as(sealed_speaker):
        row = Complainant.objects.filter(pk=complaint_id).values(*FIELD_TITLES).first()
    if row is None:
        return Identity()
    return Identity(
        **{key: open_text(bytes(value), _aad(key, complaint_id)) for key, value in row.items() if value}
    )


def _aad(field: str, complaint_id: UUID) -> str:
    return f"complainant.{field}:{complaint_id}"
