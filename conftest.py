"""What every test of the project gets: the suite's plugin, and a steady hypothesis."""

import gc

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["suite.pytest_plugin"]

# No example is judged by the clock: that would judge what else the machine is doing. A change is
# judged by the same examples everywhere and every time; `make random` looks for new ones.
settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("random", settings.get_profile("steady"), derandomize=False)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def _answers_are_held_to_their_models() -> None:
    from testing.answers import hold

    hold()


def pytest_collection_finish() -> None:
    """Spare the tests the garbage collector's ways through seven thousand of themselves."""
    gc.freeze()
