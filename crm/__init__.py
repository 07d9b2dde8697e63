"""CRM-Lite: one customer per person, kept by itself from a Firebase app's orders and users."""

__version__ = "0.1.0"
