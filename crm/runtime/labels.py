"""What every function is labelled with when it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import crm
from crm.db.installed import VERSION_LABEL, as_label

LABELS: Final[Mapping[str, str]] = {VERSION_LABEL: as_label(crm.__version__)}
"""The version, by which `doctor` knows what is deployed."""
