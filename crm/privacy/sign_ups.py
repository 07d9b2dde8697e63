"""Sign-ups that wait, as a person's archive shows them."""

from __future__ import annotations

from collections.abc import Mapping

from crm.core.json import Json
from crm.db.collections import SIGNUPS
from crm.db.documents import Store
from crm.privacy.json_values import json_value


def sign_ups(store: Store, addresses: Mapping[str, str]) -> Json:
    """Return what is known of sign-ups of a person's addresses.

    Args:
        store: A frozen view.
        addresses: Identity key to address.
    """
    paths = {key: f"{SIGNUPS}/{key}" for key in sorted(addresses)}
    found = store.read(paths.values()) if paths else {}
    shown = ("state", "requestedAt", "sentAt", "expireAt")
    asked = ("at", "form", "version", "language", "confirmedAt")
    return [
        {
            "address": addresses[key],
            **{name: json_value(found[path].fields[name]) for name in shown},
            "asked": [
                {name: json_value(one[name]) for name in asked}
                for one in found[path].fields["asked"]
            ],
        }
        for key, path in paths.items()
        if found[path].exists
    ]
