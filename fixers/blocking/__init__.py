"""Repairs of code that blocks the event loop."""
