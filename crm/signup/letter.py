"""The mail that asks somebody to confirm. Pure. It holds nothing that a visitor wrote."""

from __future__ import annotations

import html
from email.utils import getaddresses
from typing import Final

from crm.composing.layout import FONT, document
from crm.config.mail import MailSettings
from crm.config.settings import Settings
from crm.core.keyring import Keyring
from crm.mail.port import Mail
from crm.signup.link import token
from crm.signup.record import Asked
from crm.signup.texts import texts

HEADERS: Final = {"Auto-Submitted": "auto-generated"}
"""So that nobody's absence is answered to it (RFC 3834)."""

NOT_ME: Final = "not-me"
"""Behind the token of the second link; and what a post says who was not it."""

_BUTTON: Final = (
    "display:inline-block;padding:12px 24px;background-color:#0b57d0;color:#ffffff;"
    f"border-radius:6px;text-decoration:none;font-weight:600;font-family:{FONT}"
)


def agreed_to(settings: Settings, asked: Asked) -> str | None:
    """Return the text of the form that somebody is asked to agree to; None for an order's box.

    None too where the form has another text by now, or is gone.
    """
    form = settings.forms.get(asked.form or "")
    if form is None or asked.language not in form.text:
        return None
    return form.text[asked.language] if form.version(asked.language) == asked.version else None


def sender_name(mail: MailSettings) -> str:
    """Return the name of whom mails are from; the address where they have none."""
    name, address = (getaddresses([mail.from_]) or [("", "")])[0]
    return name or address


def letter(
    settings: Settings, keys: Keyring, key: str, address: str, asked: Asked, url: str
) -> Mail:
    """Return the mail.

    Args:
        settings: Whom it is from, and the form's text.
        keys: Sign its links.
        key: The identity key of the address.
        address: Whom it goes to.
        asked: What was asked for.
        url: Where `confirm_subscription` answers.
    """
    all_texts, mail = texts(asked.language).mail, settings.mail
    sender = sender_name(mail)

    def said(text: str) -> str:
        return text.replace("{sender}", sender)

    confirm = f"{url}?token={token(keys, key, asked.at)}"
    not_me = f"{confirm}&{NOT_ME}=1"
    agreed = agreed_to(settings, asked)
    opening = said(all_texts.form if agreed is not None else all_texts.order)
    subject, hint, ignore = map(said, (all_texts.subject, all_texts.confirm_hint, all_texts.ignore))
    foot = [mail.postal_address] if mail.postal_address else []
    plain = [
        opening,
        *([f"“{agreed}”"] if agreed is not None else []),
        hint,
        f"{said(all_texts.confirm)}:\n{confirm}",
        ignore,
        f"{said(all_texts.not_me)}:\n{not_me}",
        *(["-- \n" + foot[0]] if foot else []),
    ]
    quoted = f"<blockquote>{html.escape(agreed)}</blockquote>" if agreed is not None else ""
    button = f'<a href="{html.escape(confirm)}" style="{_BUTTON}">'
    refuse = f'<a href="{html.escape(not_me)}">{html.escape(said(all_texts.not_me))}</a>'
    fragment = (
        f"<p>{html.escape(opening)}</p>{quoted}<p>{html.escape(hint)}</p>"
        f"<p>{button}{html.escape(said(all_texts.confirm))}</a></p>"
        f"<p>{html.escape(ignore)}</p><p>{refuse}</p>"
    )
    return Mail(
        key=asked.message,
        sender=mail.from_,
        to=address,
        subject=subject,
        text="\n\n".join(plain) + "\n",
        html=document(
            fragment,
            "<br>".join(map(html.escape, foot)),
            language=asked.language,
            title=html.escape(subject),
            preview="",
        ),
        reply_to=mail.reply_to or None,
        headers=HEADERS,
    )
