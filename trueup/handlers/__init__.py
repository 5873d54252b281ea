"""Route handlers: where their values come from, and which of their statements are more than plumbing."""
