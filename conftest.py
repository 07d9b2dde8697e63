"""What every test of the project gets: the suite's plugin, and a steady hypothesis in CI."""

import os

from hypothesis import settings

pytest_plugins = ["suite.pytest_plugin"]

# At home each run tries new examples; in CI a change is judged by the same ones every time.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
