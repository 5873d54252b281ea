"""Errors of the client."""

from aiohttp import ClientConnectionError as ClientConnectionError
from aiohttp import ClientConnectorError as ClientConnectorError
from aiohttp import ClientError as ClientError
from aiohttp import ClientOSError as ClientOSError
from aiohttp import ClientPayloadError as ClientPayloadError
from aiohttp import ClientResponseError as ClientResponseError
from aiohttp import ContentTypeError as ContentTypeError
from aiohttp import InvalidURL as InvalidURL
from aiohttp import ServerConnectionError as ServerConnectionError
from aiohttp import ServerDisconnectedError as ServerDisconnectedError
from aiohttp import ServerTimeoutError as ServerTimeoutError
from aiohttp import TooManyRedirects as TooManyRedirects
