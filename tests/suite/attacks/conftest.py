import pytest

from suite.running import Suite
from tests.support.scene import Scene


@pytest.fixture(scope="session")
def scene(suite: Suite) -> Scene:
    return Scene(suite)
