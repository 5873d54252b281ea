"""Rules on transactions that end in the wrong place."""
