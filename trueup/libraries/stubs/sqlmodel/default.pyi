"""Defaults; nothing public."""
