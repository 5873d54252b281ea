"""Configuration."""

from botocore.client import Config as Config
