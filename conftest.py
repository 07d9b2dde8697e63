"""The suite's plugin, for every test of the project."""

pytest_plugins = ["suite.pytest_plugin"]
