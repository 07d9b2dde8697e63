"""The headers that the console is served with, wherever it is served from.

The policy is the same for every project and names what some page may need; the page itself allows
less once it knows its project (`web/src/confining.ts`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

POLICY: Final = "Content-Security-Policy"

CACHING: Final = "Cache-Control"

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""For files that are named by their content: a year."""

ASSETS: Final = "assets"
"""The folder of those files."""

# By files and folders of releases: the same hosts have scripts that run whatever they are told.
_SCRIPTS: Final = (
    "'self'",
    "https://apis.google.com/js/api.js",
    "https://apis.google.com/_/scs/",
    "https://www.google.com/recaptcha/api.js",
    "https://www.google.com/recaptcha/enterprise.js",
    "https://www.gstatic.com/recaptcha/releases/",
)

_FRAMES: Final = (
    "https://*.firebaseapp.com",
    "https://*.web.app",
    "https://www.google.com/recaptcha/",
    "https://recaptcha.google.com/recaptcha/",
)

_CONNECTIONS: Final = (
    "'self'",
    "https://identitytoolkit.googleapis.com",
    "https://securetoken.googleapis.com",
    "https://firestore.googleapis.com",
    "https://*.cloudfunctions.net",
    "https://content-firebaseappcheck.googleapis.com",
    "https://www.google.com/recaptcha/",
)


def policy(more: Sequence[str] = ()) -> str:
    """Return the Content-Security-Policy.

    Args:
        more: Origins that may be reached and framed besides: emulators.
    """
    parts: Mapping[str, Sequence[str]] = {
        "default-src": ("'self'",),
        "script-src": _SCRIPTS,
        "frame-src": (*more, *_FRAMES),
        "style-src": ("'self'", "'unsafe-inline'"),
        "img-src": ("'self'", "data:"),
        "connect-src": (*more, *_CONNECTIONS),
        "frame-ancestors": ("'none'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "object-src": ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in parts.items())


def headers(more: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of everything but the files that are named by their content.

    Args:
        more: As in `policy`.
    """
    return {
        POLICY: policy(more),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        CACHING: "no-cache",
    }
