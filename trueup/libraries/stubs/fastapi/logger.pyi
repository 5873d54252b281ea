"""The logger."""

from logging import Logger

logger: Logger
