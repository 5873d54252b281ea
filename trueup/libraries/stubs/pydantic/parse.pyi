"""Raw input of 1.x."""

from typing import Any

from pydantic import Protocol as Protocol

def load_file(path: Any, **kwargs: Any) -> Any: ...
def load_str_bytes(b: Any, **kwargs: Any) -> Any: ...
