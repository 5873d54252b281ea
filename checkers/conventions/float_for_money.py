"""An amount of money kept as a `float`, which cannot hold 0.10.

## Why
`0.1 + 0.2` is `0.30000000000000004`. Sums of prices are off by a cent now and then, and two of them that should be
equal are not. In the database a `Float` column rounds once more.

## Example
```python
class Invoice(Base):
    total: Mapped[float]
```

## What to do
`Decimal`, with `Numeric(12, 2)` for the column; or whole cents in an `int`. In JSON a `Decimal` is text; clients have
to know.

## Limits
Known by names alone: fields of models and mapped classes that are called price, amount, total, balance, cost, fee,
salary, or end with one of these. Totals that count something else are false alarms: hence advice.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from trueup.file import File
from trueup.index.facts import FileFacts
from trueup.layers import TEST, layer_of_file
from trueup.libraries.pydantic.models import is_model
from trueup.libraries.sqlalchemy.mapping import mapping
from trueup.model import Hit, Safety, Severity
from trueup.registry import rule
from trueup.types import Instance, Type, Union

_MONEY = re.compile(
    r"(^|_)(price|balance|cost|fee|salary|subtotal|grand_total|(total|paid|tax|refund|discount|net|gross)_(price|amount|cost))$|^(total|amount)$"
)


def _holds(facts: FileFacts) -> bool:
    return any(_MONEY.search(field.name) for one in facts.classes for field in one.fields)


@rule(
    "TUC104",
    "float-for-money",
    on=ast.AnnAssign,
    severity=Severity.ADVICE,
    fix=Safety.MANUAL,
    libraries=("pydantic", "sqlalchemy", "sqlmodel"),
    triggers=("float", "Float"),
    where=lambda facts, types, config: layer_of_file(facts) != TEST and _holds(facts),
    url="https://docs.python.org/3/library/decimal.html",
    effort=10,
)
def check(node: ast.AnnAssign, file: File) -> Iterator[Hit]:
    if not isinstance(node.target, ast.Name) or not _MONEY.search(node.target.id):
        return
    owner = file.parent(node)
    facts = file.class_at(owner) if isinstance(owner, ast.ClassDef) else None
    if facts is None or not _is_float(file.annotation(node.annotation)):
        return
    name = file.qualified(facts)
    if not is_model(file.types, name, file.config.base_models) and not mapping(file.types).is_declarative(name):
        return
    yield Hit(
        node,
        f"`{node.target.id}` is a `float`, which cannot hold most amounts of money: use `Decimal`, or whole cents",
        span=file.span(node.annotation),
    )


def _is_float(one: Type) -> bool:
    if isinstance(one, Union):
        return any(_is_float(item) for item in one.items)
    if (isinstance(one, Instance) and one.cls == "sqlalchemy.orm.Mapped") or (isinstance(one, Instance) and one.args):
        return len(one.args) == 1 and one.cls.endswith("Mapped") and _is_float(one.args[0])
    return one == Instance("builtins.float")
