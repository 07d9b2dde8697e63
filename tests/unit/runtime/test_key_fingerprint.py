"""A database is worked on under the secret that made it, or not at all."""

from __future__ import annotations

import pytest

from crm.core.errors import ConfigError, Unfinished
from crm.core.keyring import Keyring
from crm.entrypoints.triggers import schedule as scheduled
from crm.runtime.key_fingerprint import PATH, check_key, remember_key
from testing.world import KEYS, World

OTHER = Keyring(b"another secret, by mistake")


def test_the_first_secret_is_remembered_and_another_one_refused() -> None:
    world = World()
    now = world.store.now()
    assert check_key(world.store, KEYS) is False
    assert check_key(world.store, OTHER) is False
    remember_key(world.store, KEYS, now)
    assert check_key(world.store, KEYS) is True
    writes = world.store.writes
    remember_key(world.store, KEYS, now)
    for call in (check_key, lambda store, keys: remember_key(store, keys, now)):
        with pytest.raises(ConfigError, match="not the secret that this database was made with"):
            call(world.store, OTHER)
    assert world.store.writes == writes


def test_the_mark_tells_nothing_of_the_secret() -> None:
    world = World()
    remember_key(world.store, KEYS, world.store.now())
    mark = world.store.all("crmInstallation")["key"]["mark"]
    assert KEYS.secret.hex() not in mark
    assert mark != KEYS.derive("page-token").hex()


@pytest.mark.parametrize("first", [KEYS, OTHER])
def test_of_two_at_once_one_is_first(first: Keyring) -> None:
    world = World()
    calls = 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:  # between looking and writing
            world.store.pause = lambda: None
            remember_key(world.store, first, world.store.now())

    world.store.pause = pause
    if first is KEYS:
        remember_key(world.store, KEYS, world.store.now())
    else:
        with pytest.raises(ConfigError):
            remember_key(world.store, KEYS, world.store.now())
    assert check_key(world.store, first)


def test_the_scheduled_sweep_remembers_it_and_stops_under_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    scheduled.run(lambda: world.services)
    assert world.store._kept[PATH].data
    world.store.put(PATH, {"mark": "of another"})
    with pytest.raises(Unfinished):
        scheduled.run(lambda: world.services)
    assert "ConfigError" in caplog.text
