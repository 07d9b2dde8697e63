"""The libraries that composing takes: imported before all else that needs one of them.

They are the extra `mail` of the package. Whoever sends no campaigns can do without; where one is
composed nevertheless, this says so in one sentence.
"""

from __future__ import annotations

from typing import Final

from crm.core.errors import ConfigError

MISSING: Final = (
    "Campaigns need libraries that are not installed here, those of the extra `mail`: install"
    " requirements.txt instead of requirements-without-mail.txt, and deploy."
)

try:
    import liquid  # noqa: F401
    import markdown_it  # noqa: F401
    import mrml  # noqa: F401
    import nh3  # noqa: F401
except ModuleNotFoundError:
    raise ConfigError(MISSING) from None
