import pytest

from tests.support.live import LiveWorld


@pytest.fixture
def live(project_id: str) -> LiveWorld:
    return LiveWorld(project_id)
