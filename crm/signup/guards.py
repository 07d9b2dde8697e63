"""What keeps a form from being used against others: budgets of mails, and a pause.

Everything is counted in the sign-ups themselves: no counter that everybody writes. Two requests at
the same moment do not see each other, so a budget can be exceeded by as many as are under way.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Literal

from crm.config.forms import Form
from crm.core.keyring import Keyring
from crm.db.collections import SIGNUPS
from crm.db.documents import Clause, Query, Store

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)

ENOUGH: Final = 50
"""Mails of a day from which on a form is judged by how many confirm."""

LEAST_SHARE: Final = 20
"""One of so many must confirm."""

WITHOUT_WORK: Final = 2
"""Who brings no proof of work has one mail of so many that a network has, and of a form's hour the
square of it."""

Guard = Literal["network", "form", "unproven", "paused"]
"""Why nothing is sent."""


def network_of(keys: Keyring, address: str | None) -> str | None:
    """Return a keyed hash of the network that somebody is in; None where it is not known.

    An IPv4 address stands for its /24, an IPv6 address for its /48, which is what one customer of a
    provider is usually given (RFC 6177).

    Args:
        keys: The installation's keyring.
        address: The address of the caller, as the platform says it.
    """
    try:
        ip = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    prefix = 24 if ip.version == 4 else 48
    network = ipaddress.ip_network(f"{ip}/{prefix}", strict=False)
    digest = hmac.digest(keys.derive("signup-network"), str(network).encode(), "sha256")
    return base64.b32encode(digest).decode()[:26].lower()


def stopped_by(
    store: Store, form: Form, name: str, network: str | None, now: datetime, *, worked: bool
) -> Guard | None:
    """Return which guard says that no mail is to be sent; None for none.

    Args:
        store: Counts.
        form: The form.
        name: Its name.
        network: Whence the request comes.
        now: The time.
        worked: Whether it brought a proof of work.
    """
    of_form: Clause = ("form", "==", name)

    def asked(span: timedelta, *clauses: Clause) -> int:
        return store.count(Query(SIGNUPS, (*clauses, ("requestedAt", ">=", now - span))))

    checks: list[tuple[Guard, int, Callable[[], int]]] = [
        (
            "network",
            form.per_network if worked else -(-form.per_network // WITHOUT_WORK),
            lambda: asked(HOUR, ("network", "==", network)),
        ),
        ("form", form.per_hour, lambda: asked(HOUR, of_form)),
    ]
    if not worked:
        most = -(-form.per_hour // WITHOUT_WORK**2)
        checks.append(("unproven", most, lambda: asked(HOUR, of_form, ("worked", "==", False))))
    for guard, most, count in checks:
        if count() >= most:
            return guard
    sent = asked(DAY, of_form)
    if sent >= ENOUGH and asked(DAY, of_form, ("state", "==", "confirmed")) * LEAST_SHARE < sent:
        return "paused"
    return None
