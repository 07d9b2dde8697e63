"""What of `crm.toml` staff see: what explains a screen, and never a secret."""

from __future__ import annotations

from collections.abc import Callable

import crm
from crm.config.settings import Settings
from crm.signup.record import LIFE


def told(
    settings: Settings, *, sends: bool, address: Callable[[str], str], documents: str | None
) -> dict[str, object]:
    """Return the settings as a callable answers them.

    Args:
        settings: `crm.toml`.
        sends: Whether mails can be sent.
        address: Gives the address of a function of ours by its name.
        documents: The page of a document in the Firebase console, with `{path}` in it.
    """
    mail = settings.mail
    return {
        "version": crm.__version__,
        "timeZone": settings.time_zone.key,
        "orderUrl": settings.console.order_url or None,
        "documentUrl": documents,
        "optIn": settings.newsletter.opt_in,
        "doubleOptInDays": LIFE.days,
        "holdFutureEvents": settings.erasure.hold_future_events,
        "mail": {
            "ready": sends,
            "from": mail.from_ or None,
            "replyTo": mail.reply_to or None,
            "undoSeconds": mail.undo_seconds,
            "latestHours": mail.latest_hours,
        },
        "forms": [
            {
                "name": name,
                "languages": list(form.text),
                "text": dict(form.text),
                "tags": list(form.tags),
                "url": f"{address('subscribe')}?form={name}",
            }
            for name, form in settings.forms.items()
        ],
    }
