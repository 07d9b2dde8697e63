"""One suite for all campaigns of a test process, whose functions mail to a server of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.campaigning import CampaignScene
from tests.support.posting import Post, opened


@pytest.fixture(scope="package")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    with opened(tmp_path_factory.mktemp("campaigns")) as running:
        yield running


@pytest.fixture
def scene(post: Post) -> Iterator[CampaignScene]:
    """Return people and staff of the test's own; afterwards the server behaves again."""
    yield CampaignScene(post)
    post.server.heal()
