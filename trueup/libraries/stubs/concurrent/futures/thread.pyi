"""Pools of threads."""

from concurrent.futures import ThreadPoolExecutor as ThreadPoolExecutor
