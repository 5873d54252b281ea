"""Writes in bulk."""

from typing import Any

class DeleteMany:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class DeleteOne:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class IndexModel:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class InsertOne:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class ReplaceOne:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class UpdateMany:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class UpdateOne:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
