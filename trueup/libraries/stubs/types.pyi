"""The types of Python's own objects."""

from builtins import NoneType as NoneType
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")

class EllipsisType: ...
class NotImplementedType: ...

class CodeType:
    co_name: str
    co_filename: str
    co_firstlineno: int

class FrameType:
    f_back: FrameType | None
    f_code: CodeType
    f_globals: dict[str, Any]
    f_locals: dict[str, Any]
    f_lineno: int

class TracebackType:
    tb_frame: FrameType
    tb_lineno: int
    tb_next: TracebackType | None

class FunctionType:
    __name__: str
    __qualname__: str
    __module__: str
    __code__: CodeType
    __wrapped__: Any
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

LambdaType = FunctionType

class MethodType:
    __self__: Any
    __func__: Callable[..., Any]
    __name__: str
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

class BuiltinFunctionType:
    __name__: str
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

class CoroutineType: ...
class GeneratorType: ...
class AsyncGeneratorType: ...
class GenericAlias: ...
class UnionType: ...

class ModuleType:
    __name__: str
    __file__: str | None
    __path__: list[str]
    __dict__: dict[str, Any]
    def __init__(self, name: str, doc: str | None = ...) -> None: ...
    def __getattr__(self, name: str) -> Any: ...

class MappingProxyType(Mapping[_K, _V]):
    def __init__(self, mapping: Mapping[_K, _V]) -> None: ...
    def copy(self) -> dict[_K, _V]: ...

class SimpleNamespace:
    def __init__(self, **kwargs: Any) -> None: ...
    def __getattribute__(self, name: str) -> Any: ...

class DynamicClassAttribute(property): ...

def new_class(name: str, bases: Any = ..., kwds: Any = ..., exec_body: Any = ...) -> type: ...
def coroutine(func: Any) -> Any: ...
