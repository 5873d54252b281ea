"""Connections."""

from redis import BlockingConnectionPool as BlockingConnectionPool
from redis import Connection as Connection
from redis import ConnectionPool as ConnectionPool
from redis import SSLConnection as SSLConnection
