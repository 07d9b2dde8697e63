"""One suite for all campaigns of a test process, whose functions mail to a server of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.campaigning import CampaignScene
from tests.support.posting import Post, opened


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with opened(tmp_path_factory.mktemp("campaigns")) as running:
        yield running


@pytest.fixture
def scene(post: Post, monkeypatch: pytest.MonkeyPatch) -> Iterator[CampaignScene]:
    """Return people and staff of the test's own; afterwards the server behaves again."""
    for name, value in post.env.items():
        monkeypatch.setenv(name, value)
    yield CampaignScene(post)
    post.server.heal()
