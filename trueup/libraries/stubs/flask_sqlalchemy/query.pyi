"""Queries."""

from typing import Any, TypeVar

from flask_sqlalchemy.pagination import Pagination as _Pagination
from sqlalchemy.orm import Query as _Query

_T = TypeVar("_T")

class Query(_Query[_T]):
    def first_or_404(self, description: str | None = ...) -> _T: ...
    def get_or_404(self, ident: Any, description: str | None = ...) -> _T: ...
    def one_or_404(self, description: str | None = ...) -> _T: ...
    def paginate(self, page: int | None = ..., per_page: int | None = ..., **kwargs: Any) -> _Pagination[_T]: ...
