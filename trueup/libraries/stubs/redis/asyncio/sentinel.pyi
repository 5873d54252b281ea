"""Sentinels."""

from redis.asyncio import Sentinel as Sentinel
