"""What the demo shows once the orders are in, one function a chapter, in the order of telling.

A chapter changes documents as the host does, waits for the triggers, and reads as staff do. It
leaves the customers as the file says, or enters what it did in `stage.changes`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from demo.chapters.campaigning import campaign
from demo.chapters.contacting import contacts
from demo.chapters.corrections import deletion, quarantine, typo
from demo.chapters.erasing import export_and_erasure
from demo.chapters.merging import merge_and_undo
from demo.chapters.overview import card, overview
from demo.chapters.refunding import refund
from demo.chapters.registering import registering
from demo.chapters.reporting import events, figures
from demo.chapters.segments import newsletter, searching, tags_and_questions
from demo.stage import Stage

CHAPTERS: Final[Sequence[Callable[[Stage], None]]] = (
    overview,
    card,
    refund,
    typo,
    quarantine,
    registering,
    deletion,
    merge_and_undo,
    tags_and_questions,
    searching,
    newsletter,
    campaign,
    contacts,
    events,
    figures,
    export_and_erasure,
)
