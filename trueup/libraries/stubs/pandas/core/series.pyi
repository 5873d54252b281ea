"""Series."""

from pandas import Series as Series
