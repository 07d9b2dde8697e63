"""Every kind of job, with its step."""

from __future__ import annotations

from typing import Final

from crm.jobs import Kinds

KINDS: Final[Kinds] = {}
