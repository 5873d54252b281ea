"""Where the lines of an expression begin, when it is put to another depth."""

from __future__ import annotations

import libcst as cst


class Deeper(cst.CSTTransformer):
    """Moves the lines of a value one step to the right."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        lines = [
            one.with_changes(whitespace=cst.SimpleWhitespace(self.step + one.whitespace.value))
            if one.comment is not None and one.indent
            else one
            for one in updated_node.empty_lines
        ]
        if not updated_node.indent:
            return updated_node.with_changes(empty_lines=lines)
        last = cst.SimpleWhitespace(self.step + updated_node.last_line.value)
        return updated_node.with_changes(empty_lines=lines, last_line=last)
