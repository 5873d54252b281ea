"""Repairs of code in the wrong layer."""
