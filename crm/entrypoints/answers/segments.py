"""Segments and tags."""

from typing import NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Doubt, Moment, Page, SegmentJson
from crm.segments.engine.count import How


class Counted(TypedDict):
    """`count_segment`."""

    count: int
    how: How
    documentsRead: int
    segment: SegmentJson
    text: str
    warnings: list[Doubt]


class SegmentSaved(TypedDict):
    """`save_segment`."""

    segmentId: str
    revision: int
    warnings: list[Doubt]


class Segment(TypedDict):
    """A saved segment."""

    segmentId: str
    revision: int
    name: str
    description: str | None
    segment: SegmentJson
    text: str
    usedBy: list[str]
    lastCount: int | None
    lastCountAt: Moment | None
    createdAt: Moment
    updatedAt: Moment


class SegmentsPage(Page):
    """`list_segments`."""

    segments: list[Segment]


class SegmentDeleted(TypedDict):
    """`delete_segment`."""

    segmentId: str


class Tag(TypedDict):
    """A tag of the catalogue."""

    tag: str
    label: str
    customers: int


class TagsPage(Page):
    """`list_tags`."""

    tags: list[Tag]


class Tagged(TypedDict):
    """`tag_customers`: what was done, or the job that does it."""

    updated: NotRequired[int]
    unchanged: NotRequired[int]
    full: NotRequired[int]
    notFound: NotRequired[list[str]]
    jobId: NotRequired[str]
    warnings: list[Doubt]


class TagEnded(TypedDict):
    """`rename_tag`, `delete_tag`: how many had it, or the job that sees to it."""

    updated: NotRequired[int]
    jobId: NotRequired[str]
