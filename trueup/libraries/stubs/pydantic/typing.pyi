"""Questions about annotations, as 1.x asks them."""

from typing import Annotated as Annotated
from typing import Any as Any
from typing import AbstractSet as AbstractSet
from typing import Callable as Callable
from typing import ClassVar as ClassVar
from typing import Dict as Dict
from typing import Final as Final
from typing import ForwardRef as ForwardRef
from typing import Generator as Generator
from typing import Iterable as Iterable
from typing import List as List
from typing import Literal as Literal
from typing import Mapping as Mapping
from typing import NewType as NewType
from typing import Optional as Optional
from typing import Sequence as Sequence
from typing import Set as Set
from typing import TYPE_CHECKING as TYPE_CHECKING
from typing import Tuple as Tuple
from typing import Type as Type
from typing import TypeVar as TypeVar
from typing import Union as Union
from typing import cast as cast
from typing import get_args as get_args
from typing import get_origin as get_origin
from typing import get_type_hints as get_type_hints

AnyCallable: Any
DictStrAny: Any
DictAny: Any
NoArgAnyCallable: Any
SetStr: Any
TupleGenerator: Any
MappingIntStrAny: Any
AbstractSetIntStr: Any

def display_as_type(v: Any) -> str: ...
def evaluate_forwardref(type_: Any, globalns: Any, localns: Any) -> Any: ...
def is_callable_type(type_: Any) -> bool: ...
def is_literal_type(type_: Any) -> bool: ...
def is_new_type(type_: Any) -> bool: ...
def is_none_type(type_: Any) -> bool: ...
def is_union(tp: Any) -> bool: ...
def literal_values(type_: Any) -> tuple[Any, ...]: ...
def resolve_annotations(raw_annotations: Any, module_name: str | None) -> dict[str, Any]: ...
def update_field_forward_refs(field: Any, globalns: Any, localns: Any) -> None: ...
