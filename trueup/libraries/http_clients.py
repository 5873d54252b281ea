"""How calls of `requests` are written with an async client of httpx: names, arguments, answers, errors; data only."""

from __future__ import annotations

from collections.abc import Mapping

CLIENTS = ("httpx", "httpx2")
"""The packages whose `AsyncClient` can take the place of `requests`, the better known first. All names below are the
same in each."""
VERBS: Mapping[str, tuple[str, ...]] = {
    "get": ("url", "params"),
    "options": ("url",),
    "head": ("url",),
    "post": ("url", "data", "json"),
    "put": ("url", "data"),
    "patch": ("url", "data"),
    "delete": ("url",),
    "request": ("method", "url"),
}
"""Functions of `requests`, and methods of its sessions -> the names of their arguments by position."""
WITHOUT_BODY = frozenset({"get", "options", "head", "delete"})
"""Methods of an async client that take no body: with one it is a `request`."""
BODIES = frozenset({"data", "json"})
KEPT = frozenset({"method", "url", "params", "headers", "json", "data", "timeout", "auth"})
"""Arguments that an async client takes under the same name."""
REFUSED: Mapping[str, str] = {
    "cert": "`cert=` belongs to a client there",
    "cookies": "`cookies=` belongs to a client there",
    "files": "`files=` are read while the loop waits",
    "hooks": "`hooks=` belong to a client there, and are called otherwise",
    "proxies": "`proxies=` belong to a client there, under other names",
    "stream": "`stream=` is a method of its own there",
}
"""Arguments that stand in the way -> why."""
SAME_ANSWER = frozenset({"content", "elapsed", "headers", "json", "raise_for_status", "status_code", "text"})
"""What an answer has under the same name and with the same meaning."""
OTHER_ANSWER: Mapping[str, str] = {"ok": "not {}.is_error", "reason": "{}.reason_phrase", "url": "str({}.url)"}
"""What an answer has -> how the same is said of httpx's; `{}` stands for the answer."""
CALLED = frozenset({"json", "raise_for_status"})
"""What of it is a method."""
ERRORS: Mapping[str, tuple[str, ...]] = {
    "requests.exceptions.ConnectTimeout": ("ConnectTimeout",),
    "requests.exceptions.ConnectionError": ("NetworkError", "ProtocolError", "ProxyError", "ConnectTimeout"),
    "requests.exceptions.HTTPError": ("HTTPStatusError",),
    "requests.exceptions.InvalidSchema": ("UnsupportedProtocol",),
    "requests.exceptions.InvalidURL": ("InvalidURL",),
    "requests.exceptions.MissingSchema": ("UnsupportedProtocol",),
    "requests.exceptions.ProxyError": ("ProxyError",),
    "requests.exceptions.ReadTimeout": ("ReadTimeout",),
    "requests.exceptions.RequestException": ("HTTPError", "InvalidURL"),
    "requests.exceptions.Timeout": ("TimeoutException",),
    "requests.exceptions.TooManyRedirects": ("TooManyRedirects",),
}
"""Errors of `requests` -> those of httpx that stand for the same."""
NOT_JSON = ("requests.exceptions.RequestException", "requests.exceptions.JSONDecodeError")
"""Errors of `requests` that are raised too where an answer is no JSON; httpx lets `json.JSONDecodeError` through."""
WITH_ANSWER = "requests.exceptions.HTTPError"
"""The one error that has an answer for certain, in both."""
OF_SYSTEM = frozenset(f"builtins.{name}" for name in ("OSError", "IOError", "EnvironmentError"))
"""What errors of `requests` are too, and those of httpx are not."""
