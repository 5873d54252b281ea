"""`trueup server`: the language server for editors."""

from __future__ import annotations

import sys


def server() -> int:
    """Serve an editor over stdin and stdout (needs `pip install 'trueup[lsp]'`)."""
    try:
        from trueup.server import serve
    except ImportError as error:
        print(f"trueup: the server needs pygls: pip install 'trueup[lsp]' ({error})", file=sys.stderr)
        return 2
    from .session import told_rules

    return serve(told_rules)
