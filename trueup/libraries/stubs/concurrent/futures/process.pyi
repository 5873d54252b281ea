"""Pools of processes."""

from concurrent.futures import ProcessPoolExecutor as ProcessPoolExecutor
