"""What CRM-Lite is to the Firebase CLI: a codebase of its own, and emulators at usual ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CODEBASE: Final = "crm"
"""The codebase that CRM-Lite's functions are."""

PORTS: Final[Mapping[str, int]] = {"auth": 9099, "functions": 5001, "firestore": 8080}
"""The emulators that trying it out needs, with the ports that the Firebase CLI gives them."""
