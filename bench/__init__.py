"""Measurements of CRM-Lite, each a program that prints a table."""
