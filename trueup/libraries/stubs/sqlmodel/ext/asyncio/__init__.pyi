"""Sessions that are awaited."""
