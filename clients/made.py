"""All that is made of the models of calls, and kept in the repository; a test holds it to them.

The TypeScript client is made of the first file by `npm run generate` in `web/`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from clients import openapi, python_client


@functools.cache
def files() -> Mapping[Path, str]:
    """Return the text of each file as it is to be."""
    document = openapi.document()
    client = python_client.files(document)
    return {
        openapi.FILE: openapi.text(document),
        **{python_client.PACKAGE / name: text for name, text in client.items()},
    }


def write() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
