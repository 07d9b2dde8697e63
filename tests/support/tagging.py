"""A shop whose staff tag its customers, in memory."""

from __future__ import annotations

from typing import Any

from crm.db.collections import JOBS
from crm.db.paging import Pager, PageTokens
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.segments.language.text import parse
from crm.tags import tagging
from crm.tags.plan import change_of
from testing.hosts import order
from testing.world import KEYS, World


class Shop(World):
    """A world with customers that are named by a letter, each with one order."""

    def __init__(self, names: str = "abc", trust: str = "document") -> None:
        super().__init__(trust=trust)
        for name in names:
            self.put_order(f"o-{name}", order(f"{name}@example.com"))

    def id(self, name: str) -> str:
        found: str = self.with_email(f"{name}@example.com")["id"]
        return found

    def ids(self, names: str) -> list[str]:
        return [self.id(name) for name in names]

    def tags(self, name: str) -> list[str]:
        found: list[str] = self.with_email(f"{name}@example.com")["tags"]
        return found

    def tag(self, names: str, add: Any = (), remove: Any = ()) -> dict[str, object]:
        return tagging.tag_customers(self.runner, self.ids(names), change_of(add, remove))

    def tag_segment(self, segment: object, add: Any = (), remove: Any = ()) -> dict[str, object]:
        change = change_of(add, remove)
        return tagging.tag_segment(self.runner, self.queue.append, parse(segment), change)

    def rename(self, tag: str, to: str) -> dict[str, object]:
        return tagging.rename_tag(self.runner, self.queue.append, tag, to)

    def delete(self, tag: str) -> dict[str, object]:
        return tagging.delete_tag(self.runner, self.queue.append, tag)

    def merge(self, source: str, target: str) -> str:
        a, b = self.id(source), self.id(target)
        plan, _ = self.runner.run(lambda tx: plan_merge(tx, a, b))
        assert plan.merge_id
        return plan.merge_id

    def unmerge(self, merge_id: str) -> None:
        self.runner.run(lambda tx: plan_unmerge(tx, merge_id))

    def listed(self, size: int = 50) -> dict[str, tuple[str, int]]:
        """Every tag with its label and count, through all pages."""
        found: dict[str, tuple[str, int]] = {}
        tokens, token = PageTokens(KEYS.derive("page-token")), None
        while True:
            page: Any = tagging.list_tags(self.store, Pager(tokens, "staff", size, token))
            assert len(page["tags"]) <= size
            found |= {one["tag"]: (one["label"], one["customers"]) for one in page["tags"]}
            token = page["nextPageToken"]
            if token is None:
                return found

    def job(self, job_id: object) -> dict[str, Any]:
        return self.store.all(JOBS)[str(job_id)]
