"""The types a field may have, by the name the catalogue gives them."""

from collections.abc import Mapping

from fangxin.rules import indicator_contacts as contacts
from fangxin.rules import indicator_numbers as numbers
from fangxin.rules import indicator_texts as texts
from fangxin.rules.indicator_texts import Kind

KINDS: Mapping[str, type[Kind]] = {
    "text": texts.Text,
    "long_text": texts.LongText,
    "reference": texts.Reference,
    "registration_no": texts.RegistrationNo,
    "person": texts.Person,
    "people": texts.People,
    "code": texts.Choice,
    "choice": texts.Choice,
    "choices": texts.Choices,
    "integer": numbers.Integer,
    "money_wan": numbers.Money,
    "percent": numbers.Percent,
    "date": numbers.Day,
    "period": numbers.Period,
    "moment": numbers.Moment,
    "phone": contacts.Telephone,
    "email": contacts.Email,
    "postcode": contacts.Postcode,
    "company_code": contacts.CompanyCode,
    "person_id": contacts.PersonId,
    "url": contacts.Url,
    "image": texts.Image,
}
