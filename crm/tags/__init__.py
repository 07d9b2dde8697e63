"""The words of staff: the catalogue, giving, renaming, deleting."""
