"""All that is made of the models of calls, and kept in the repository; a test holds it to them.

The TypeScript client is made of the first file by `npm run generate` in `web/`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from clients import openapi, page, prose, python_client, samples


@functools.cache
def files() -> Mapping[Path, str]:
    """Return the text of each file as it is to be."""
    document = openapi.document()
    client = python_client.files(document)
    pages = {one: samples.shown(one.read_text(encoding="utf-8")) for one in samples.pages()}
    calls = pages.get(prose.PAGE) or prose.PAGE.read_text(encoding="utf-8")
    return {
        openapi.FILE: openapi.text(document),
        **pages,
        prose.PAGE: page.calls_page(calls, document),
        page.TYPES: page.types_page(document),
        **{python_client.PACKAGE / name: text for name, text in client.items()},
    }


def write() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
