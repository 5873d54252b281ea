"""Sentinels."""

from redis import Sentinel as Sentinel
