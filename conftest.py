"""What every test of the project gets: the suite's plugin, and a steady hypothesis in CI."""

import os

from hypothesis import settings

pytest_plugins = ["suite.pytest_plugin"]

# No example is judged by the clock: that would judge what else the machine is doing. At home each
# run tries new examples; in CI a change is judged by the same ones every time.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "home")
