"""Lists come in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Page = TypeVar("Page")


def pages(listing: Callable[..., Page], **data: Any) -> Iterator[Page]:
    """Give the pages of a list, one after the other: `pages(crm.list_tags, pageSize=200)`.

    Args:
        listing: A method whose answer has `nextPageToken`.
        **data: What it takes.
    """
    while True:
        page: Any = listing(**data)
        yield page
        if page["nextPageToken"] is None:
            return
        data["pageToken"] = page["nextPageToken"]
