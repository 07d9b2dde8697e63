"""What a page of the console can reach, by the header that Hosting sends."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_page_reaches_more_than_some_page_needs() -> None:
    config = json.loads(ROOT.joinpath("firebase.json").read_text(encoding="utf-8"))
    headers = [one for rule in config["hosting"]["headers"] for one in rule["headers"]]
    (policy,) = (one["value"] for one in headers if one["key"] == "Content-Security-Policy")
    parts = {
        name: rest.split()
        for name, _, rest in (p.strip().partition(" ") for p in policy.split(";"))
    }
    assert parts["default-src"] == ["'self'"]
    # What of it a page needs it says itself (web/src/confining.ts): it knows its project.
    assert parts["connect-src"] == [
        "'self'",
        "https://identitytoolkit.googleapis.com",
        "https://securetoken.googleapis.com",
        "https://firestore.googleapis.com",
        "https://*.cloudfunctions.net",
        "https://content-firebaseappcheck.googleapis.com",
        "https://www.google.com/recaptcha/",
    ]
    # By files and folders of releases: the same hosts have scripts that run whatever they are told.
    assert parts["script-src"] == [
        "'self'",
        "https://apis.google.com/js/api.js",
        "https://apis.google.com/_/scs/",
        "https://www.google.com/recaptcha/api.js",
        "https://www.google.com/recaptcha/enterprise.js",
        "https://www.gstatic.com/recaptcha/releases/",
    ]
    assert parts["frame-src"] == [
        "https://*.firebaseapp.com",
        "https://*.web.app",
        "https://www.google.com/recaptcha/",
        "https://recaptcha.google.com/recaptcha/",
    ]
