"""Repairs of transactions that end in the wrong place."""
