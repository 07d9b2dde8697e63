"""A person's rights over what is kept: to see it, to take it along, to have it gone."""
