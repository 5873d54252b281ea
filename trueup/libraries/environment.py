"""Where the libraries of a project are installed."""

from ..environment import environment

__all__ = ["environment"]
