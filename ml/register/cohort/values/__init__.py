"""A raw table → values that keep to their declared types."""
