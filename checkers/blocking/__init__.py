"""Rules on code that blocks the event loop."""
