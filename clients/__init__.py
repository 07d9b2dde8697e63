"""What clients in other languages are made from: one document, and types of it."""
