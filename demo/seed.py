"""What `make up` starts with: customers from real orders, and staff of every role."""

from __future__ import annotations

import os
from itertools import islice
from typing import Final

import firebase_admin
from rich.console import Console

from demo.orders import read_purchases
from demo.replay import replay
from demo.staff import appoint
from suite import Suite
from suite.hosting import tell
from testing.client import PatientClient

ORDERS: Final = 200
ROLES: Final = ("viewer", "editor", "admin")
PASSWORD: Final = "emulator-only"  # noqa: S105 - of accounts that no real project has


def seed(suite: Suite) -> None:
    """Fill a running suite, and say how to sign in.

    Args:
        suite: Empty so far.

    Raises:
        DemoError: The triggers, or the operator's command, did not do their work.
    """
    os.environ.update(suite.env)
    firebase_admin.initialize_app(options={"projectId": suite.project})
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{ORDERS} real orders, replayed through the triggers:")
    replay(PatientClient(project=suite.project), console, list(islice(read_purchases(), ORDERS)))
    accounts = []
    for role in ROLES:
        email = f"{role}@example.com"
        appoint(suite, email, PASSWORD, role)
        accounts.append({"email": email, "password": PASSWORD, "role": role})
        console.print(f"{email}, password {PASSWORD}: {role}")
    tell(suite, accounts)
