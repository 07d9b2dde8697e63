"""What a page of the console can reach, by the header that Hosting sends."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_reaches_what_it_needs_and_no_buckets() -> None:
    config = json.loads(ROOT.joinpath("firebase.json").read_text(encoding="utf-8"))
    headers = [one for rule in config["hosting"]["headers"] for one in rule["headers"]]
    (policy,) = (one["value"] for one in headers if one["key"] == "Content-Security-Policy")
    parts = {
        name: rest.split()
        for name, _, rest in (p.strip().partition(" ") for p in policy.split(";"))
    }
    assert parts["default-src"] == parts["script-src"] == ["'self'"]
    # Whose functions they are the page says itself (web/src/firebase.ts): it knows its project.
    assert parts["connect-src"] == [
        "'self'",
        "https://identitytoolkit.googleapis.com",
        "https://securetoken.googleapis.com",
        "https://firestore.googleapis.com",
        "https://*.cloudfunctions.net",
    ]
