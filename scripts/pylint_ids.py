"""Gives every rule that has none the number of its message in pylint; numbers are never changed or used again."""

from __future__ import annotations

import json
from pathlib import Path

from trueup import registry
from trueup.pylint import NOT_HERE, numbers
from trueup.tool_rules import TOOL_RULES

FILE = Path(__file__).parent.parent / "trueup" / "pylint_ids.json"


def main() -> None:
    """Write the table anew: what stands in it stays."""
    before = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    codes = [code for code in (*TOOL_RULES, *registry.rules()) if code not in NOT_HERE]
    now = {**before, **numbers(codes)}
    FILE.write_text(json.dumps(dict(sorted(now.items())), indent=1) + "\n", encoding="utf-8")
    print(f"{len(now) - len(before)} new numbers, {len(now)} in all")


if __name__ == "__main__":
    main()
