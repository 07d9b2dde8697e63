"""Segments and tags."""

from typing import NotRequired

from typing_extensions import TypedDict

from crm.entrypoints.answers.shared import Day, Doubt, Moment, Page, SegmentJson
from crm.segments.engine.count import How


class Reach(TypedDict):
    """How many of a segment news can be mailed to; null where they are too many to look at each."""

    subscribed: int
    unsubscribed: int
    notSubscribed: int
    reachable: int | None
    excluded: dict[str, int] | None
    """Of the subscribed, who get no mail, by reason."""


class Counted(TypedDict):
    """`count_segment`."""

    count: int
    how: How
    documentsRead: int
    segment: SegmentJson
    text: str
    warnings: list[Doubt]
    reach: NotRequired[Reach]


class SegmentSaved(TypedDict):
    """`save_segment`."""

    segmentId: str
    revision: int
    warnings: list[Doubt]


class DayCount(TypedDict):
    """How many were in a segment on a day on which somebody counted it."""

    day: Day
    count: int
    changed: bool
    """Whether it is the first one after a change of the question."""


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
    counts: list[DayCount]
    """Its history, the oldest day first."""
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
