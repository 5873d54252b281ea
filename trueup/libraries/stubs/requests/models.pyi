"""Requests and responses."""

from requests import PreparedRequest as PreparedRequest
from requests import Request as Request
from requests import Response as Response
