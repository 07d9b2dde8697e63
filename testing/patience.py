"""How long a test waits for what comes in a moment, as a rule."""

import os

PATIENCE = float(os.environ.get("CRM_TEST_PATIENCE", "120"))
"""Seconds, enough for a machine that is busy with something else. Nobody waits them out where all
is well; it is no bound of the product's."""
