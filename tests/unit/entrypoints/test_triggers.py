"""From a CloudEvent to the call, through the SDK's own decorator."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crm.core.errors import ConfigError, Conflict, Transient, Unfinished
from crm.db.documents import version_of
from crm.entrypoints.triggers.events import deliver, retried
from crm.sync.told import Told

MOMENT = datetime(2024, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def event(order_id: str, before: Any, after: Any) -> Any:
    params = {"orderId": order_id.encode().decode("latin-1")}
    data = SimpleNamespace(before=before, after=after)
    return SimpleNamespace(params=params, data=data, time=datetime.now(UTC))


def delivered(one: Any) -> tuple[str, int | None]:
    calls: list[tuple[str, int | None]] = []

    def sync(key: str, gone: int | None, told: Told | None) -> bool:
        assert told is None or told.fields == FIELDS
        calls.append((key, gone))
        return True

    deliver(one, "orderId", sync)
    (call,) = calls
    return call


FIELDS = {"email": "ada@example.com"}


def document(updated: Any = MOMENT, fields: Any = FIELDS, created: Any = MOMENT) -> Any:
    return SimpleNamespace(update_time=updated, create_time=created, to_dict=lambda: fields)


there = document()


@pytest.mark.parametrize("order_id", ["o1", "größe", "注文-1", "\U0001f39f", "plain Ã¼ text"])
def test_an_id_arrives_as_it_was_written(order_id: str) -> None:
    assert delivered(event(order_id, None, there)) == (order_id, None)


def test_an_id_that_was_not_misread_is_left_alone() -> None:
    one = event("x", None, there)
    one.params["orderId"] = "注文"
    assert delivered(one) == ("注文", None)


def placed(uid: str, order_id: str) -> Any:
    one = event(order_id, None, there)
    one.params["uid"] = uid.encode().decode("latin-1")
    return one


@pytest.mark.parametrize(
    ("below", "uid", "order_id", "name"),
    [
        ("orders", "u1", "o#1", "o#1"),
        ("users/{uid}/orders", "u1", "o1", "u1#o1"),
        ("users/{uid}/orders", "größe", "注文-1", "größe#注文-1"),
        ("users/{uid}/orders", "{orderId}", "{uid}", "{orderId}#{uid}"),
    ],
)
def test_an_order_below_a_user_arrives_by_its_name(
    below: str, uid: str, order_id: str, name: str
) -> None:
    calls: list[str] = []

    def sync(key: str, _gone: int | None, _told: Any) -> bool:
        calls.append(key)
        return True

    deliver(placed(uid, order_id), "orderId", sync, below=below)
    assert calls == [name]


def test_an_order_whose_ids_are_too_long_together_is_told_and_not_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = placed("u1", "o" * 1_500)
    deliver(
        one, "orderId", lambda *_: pytest.fail("tried"), pytest.fail, below="users/{uid}/orders"
    )
    assert "too long" in caplog.text
    assert "ooo" not in caplog.text


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        (None, there, None),
        (there, there, None),
        (there, None, version_of(MOMENT)),
        (None, None, None),  # a missing document was deleted
    ],
)
def test_only_a_deletion_says_which_version_went(before: Any, after: Any, gone: int | None) -> None:
    assert delivered(event("o1", before, after)) == ("o1", gone)


def as_told(before: Any, after: Any) -> Told | None:
    heard: list[Told | None] = []

    def sync(_order_id: str, _gone: int | None, told: Told | None) -> bool:
        heard.append(told)
        return True

    deliver(event("o1", before, after), "orderId", sync)
    return heard[0]


EARLIER = MOMENT - timedelta(days=1)
AHEAD = datetime.now(UTC) + timedelta(days=1)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, there, Told(FIELDS, version_of(MOMENT), MOMENT, is_new=True)),
        (there, document(created=EARLIER), Told(FIELDS, version_of(MOMENT), EARLIER)),
        # What a deleted document held is a hint of whom it was about.
        (there, None, Told(FIELDS)),
        (None, None, None),
        # A large document comes without its fields, and must be read.
        (None, document(fields={}), None),
        # An event that does not say of which version it is, or of one to come, is only a hint.
        (None, document(updated=None), Told(FIELDS)),
        (None, document(updated=AHEAD), Told(FIELDS)),
    ],
)
def test_an_event_is_a_reading_of_its_document(before: Any, after: Any, told: Told | None) -> None:
    assert as_told(before, after) == told


def test_a_failure_is_not_acknowledged(caplog: pytest.LogCaptureFixture) -> None:
    def fails(key: str, gone: int | None, told: Any) -> bool:
        raise RuntimeError("ada@example.com")

    with pytest.raises(Unfinished, match="o1 not done: RuntimeError") as caught:
        deliver(event("o1", None, there), "orderId", fails)
    # Neither our log nor the traceback that the framework prints holds what the error said.
    printed = "".join(traceback.format_exception(caught.value))
    assert "ada@" not in printed + caplog.text
    assert "o1 not done" in caplog.text


def test_the_retry_flag_is_set() -> None:
    endpoint = SimpleNamespace(eventTrigger={"retry": False})
    function: Any = SimpleNamespace(__firebase_endpoint__=endpoint)
    assert retried(function) is function
    assert endpoint.eventTrigger == {"retry": True}


def failing(error: Exception) -> Any:
    def sync(_order_id: str, _gone: int | None, _told: Any) -> bool:
        raise error

    return sync


def old(hours: float) -> Any:
    one = event("o1", None, there)
    one.time = datetime.now(UTC) - timedelta(hours=hours)
    return one


def test_poison_is_delivered_again_for_an_hour_and_then_listed() -> None:
    listed: list[str] = []
    with pytest.raises(Unfinished):
        deliver(old(0.9), "orderId", failing(KeyError("ada@example.com")), listed.append)
    assert listed == []
    deliver(old(1.1), "orderId", failing(KeyError("ada@example.com")), listed.append)
    assert listed == ["o1"]


@pytest.mark.parametrize("kind", [Conflict, Transient, ConfigError])
def test_what_time_can_mend_is_never_given_up(kind: type[Exception]) -> None:
    with pytest.raises(Unfinished):
        deliver(old(23), "orderId", failing(kind("away")), pytest.fail)


def test_what_cannot_even_be_listed_is_left_to_the_sweep(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_order_id: str) -> None:
        raise ValueError("ada@example.com")

    deliver(old(2), "orderId", failing(KeyError("x")), broken)
    assert "o1 not listed: ValueError" in caplog.text
    assert "ada@" not in caplog.text
