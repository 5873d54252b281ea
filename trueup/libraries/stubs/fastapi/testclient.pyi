"""The client that tests use."""

from starlette.testclient import TestClient as TestClient
