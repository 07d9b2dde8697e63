"""Documents, optimistic transactions over them, pages and scans; knows no Google code."""
