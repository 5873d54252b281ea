"""Frames."""

from pandas import DataFrame as DataFrame
