"""CRM-Lite: one customer per person, kept by itself from a Firebase app's orders and users."""
