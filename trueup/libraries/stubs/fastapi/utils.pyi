"""Helpers; nothing public."""
