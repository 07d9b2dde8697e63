"""Made from clients/openapi.json by `python -m clients`: change nothing here."""

__version__ = "0.1.0"
