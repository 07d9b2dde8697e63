"""`[privacy]` in `crm.toml`: what a person is told about the processing (GDPR art. 15(1)).

The defaults say what CRM-Lite itself does. Who answers for it only the host can say.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    raise ValueError('write a text such as "Example Events GmbH, Berlin", "" for none')


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(one) for one in value)
    raise ValueError('write a list of texts such as ["our staff"]')


NoticeText = Annotated[str, PlainValidator(_text)]

Texts = Annotated[tuple[str, ...], PlainValidator(_texts)]


class Notice(BaseModel):
    """`[privacy]`: texts that an export shows as they are; an empty one is left out.

    Attributes:
        controller: Who is responsible: name and postal address.
        contact: Where a person asks for their rights.
        officer: The data protection officer, where there is one.
        purposes: What the data are used for, each with its legal basis.
        recipients: Who else gets them.
        transfers: Whether they leave the European Economic Area, and under which safeguards.
        retention: For how long, or by which rule.
        source: Where the data are from.
        complaint: Where to complain.
        automated_decisions: Whether there are any (art. 22), and by what logic.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    controller: NoticeText = ""
    contact: NoticeText = ""
    officer: NoticeText = ""
    purposes: Texts = (
        "carrying out orders and answering questions about them (GDPR art. 6(1)(b))",
        "grouping customers by what they bought and attended, to plan events (art. 6(1)(f))",
        "sending news to those who asked for them, until they withdraw (art. 6(1)(a))",
    )
    recipients: Texts = (
        "staff, as far as their role needs it",
        "Google Cloud (Firebase, Firestore, Cloud Functions), as a processor (art. 28)",
    )
    transfers: NoticeText = ""
    retention: NoticeText = "as long as there is an order or an account"
    source: NoticeText = (
        "you, by your orders, your account and what you said about news; and our staff"
    )
    complaint: NoticeText = (
        "a data protection supervisory authority, such as the one where you live"
    )
    automated_decisions: NoticeText = "none (art. 22)"
