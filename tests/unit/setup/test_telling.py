"""What of the settings staff see."""

from __future__ import annotations

from typing import Any

import pytest

from crm import __version__
from crm.config.settings import Settings, settings_of
from crm.firebase import app
from crm.setup.telling import told


def of(settings: Settings, *, sends: bool = False) -> dict[str, Any]:
    return told(settings, sends=sends, address=lambda name: f"https://x/{name}", documents=None)


def test_the_defaults_are_told() -> None:
    assert of(Settings()) == {
        "version": __version__,
        "timeZone": "UTC",
        "orderUrl": None,
        "documentUrl": None,
        "optIn": "single",
        "doubleOptInDays": 7,
        "holdFutureEvents": True,
        "mail": {
            "ready": False,
            "from": None,
            "replyTo": None,
            "undoSeconds": 30,
            "latestHours": 2,
        },
        "forms": [],
    }


def test_what_the_host_wrote_is_told() -> None:
    written = {
        "time_zone": "Europe/Berlin",
        "erasure": {"hold_future_events": False},
        "newsletter": {"opt_in": "double"},
        "console": {"order_url": "https://shop.example.com/{orderId}"},
        "mail": {"from": "Events <e@example.com>", "reply_to": "r@example.com"},
        "forms": {"news": {"text": {"de": "Ja", "en": "Yes"}, "tags": ["VIP"]}},
    }
    answer = of(settings_of(written), sends=True)
    assert answer["orderUrl"] == "https://shop.example.com/{orderId}"
    assert (answer["timeZone"], answer["optIn"]) == ("Europe/Berlin", "double")
    assert not answer["holdFutureEvents"]
    assert answer["mail"] == {
        "ready": True,
        "from": "Events <e@example.com>",
        "replyTo": "r@example.com",
        "undoSeconds": 30,
        "latestHours": 2,
    }
    assert answer["forms"] == [
        {
            "name": "news",
            "languages": ["de", "en"],
            "text": {"de": "Ja", "en": "Yes"},
            "tags": ["VIP"],
            "url": "https://x/subscribe?form=news",
        }
    ]


def test_a_documents_page_is_the_projects_and_none_on_the_emulators(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "my-shop")
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    page = "https://console.firebase.google.com/project/my-shop/firestore/databases/-default-/data/"
    assert app.documents_url() == f"{page}~2F{{path}}"
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:8080")
    assert app.documents_url() is None
