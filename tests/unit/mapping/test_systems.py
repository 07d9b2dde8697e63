"""Documents of real systems, of which nobody has said anything: the lines that are proposed fit."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.config.settings import Settings, settings_of
from crm.core.errors import InvalidDocument
from crm.host.order import Order
from crm.host.reader import read_order
from crm.mapping import toml
from crm.mapping.propose import FITS, Proposal, propose
from testing.systems import SYSTEMS, Document, documents

CREATED = datetime(2026, 1, 1, tzinfo=UTC)

PRESETS = {"eventbrite", "pretix", "stripe", "woocommerce"}

LEFT_TO_PEOPLE = {
    "flutterflow": {"optIn"},  # no field is taken for a consent by itself
    "indico": {"counted"},  # that a tag of the organiser's own marks tests
}
"""What of a system no proposal can know."""


def proposed(system: str) -> Proposal:
    found = propose([(one.data, CREATED) for one in documents(system)])
    assert found is not None
    return found


def read(document: Document, settings: Settings) -> Order | None:
    try:
        return read_order(document.data, CREATED, settings)
    except InvalidDocument:
        return None


@pytest.mark.parametrize("system", SYSTEMS)
def test_nine_in_ten_of_what_can_be_understood_is(system: str) -> None:
    found = proposed(system)
    readable = [one for one in documents(system) if "quarantine" not in one.expected]
    assert len(readable) >= 10
    understood = [one for one in readable if read(one, settings_of({**found.document}))]
    assert len(understood) >= FITS * len(readable)
    assert found.trial.understood >= len(understood)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_understood_has_the_value_that_its_system_means(system: str) -> None:
    settings = settings_of({**proposed(system).document})
    wrong = set()
    for document in documents(system):
        order = read(document, settings)
        if order and "quarantine" not in document.expected:
            wrong |= {key for key, value in said(order).items() if document.expected[key] != value}
            wrong |= {"events"} - (
                {"events"} if tickets(document.expected) == held(order) else set()
            )
    assert wrong - LEFT_TO_PEOPLE.get(system, set()) == set()


def said(order: Order) -> dict[str, Any]:
    return {
        "email": order.email,
        "userId": order.user_id,
        "name": order.name,
        "counted": order.counted,
        "currency": order.currency,
        "total": order.total,
        "refunded": order.refunded,
        "optIn": order.opted_in,
    }


def held(order: Order) -> dict[str, tuple[int, int, int]]:
    return {key: (one.tickets, one.checked_in, one.unrecorded) for key, one in order.events.items()}


def tickets(expected: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {
        key: (one["tickets"], one["checkedIn"], one["unrecorded"])
        for key, one in expected["events"].items()
    }


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_preset_that_fits_is_proposed_first(system: str) -> None:
    assert proposed(system).document.get("preset") == (system if system in PRESETS else None)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lines_say_what_was_tried(system: str) -> None:
    found = proposed(system)
    assert tomllib.loads("\n".join(toml.lines(found.document, found.notes))) == found.document
