"""Templates."""

from typing import Any

from starlette.responses import HTMLResponse

class _TemplateResponse(HTMLResponse):
    template: Any
    context: dict[str, Any]

class Jinja2Templates:
    env: Any
    def __init__(self, directory: Any = ..., *args: Any, **kwargs: Any) -> None: ...
    def TemplateResponse(self, *args: Any, **kwargs: Any) -> _TemplateResponse: ...
    def get_template(self, name: str) -> Any: ...
