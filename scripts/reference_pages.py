"""Writes `docs/commands.md` and `docs/all-settings.md`: each command with its options, each setting with an example."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from trueup.cli.app import build
from trueup.report.settings import UNSAID, schema

DOCS = Path(__file__).parent.parent / "docs"
WRITTEN_BY = "<!-- Written by scripts/reference_pages.py. -->"

EXAMPLES: dict[str, str] = {
    "async": '[tool.trueup.async]\nprefer-fix = "threadpool"\nhttp-client = "httpx"',
    "base-models": 'base-models = ["company.models.Base"]',
    "baseline": 'baseline = ".trueup-baseline.json"',
    "blocking": 'blocking = ["company.mail.send -> company.mail.send_async", "company.legacy.*"]',
    "docstrings": 'docstrings = "off"',
    "exclude": 'exclude = [".venv", "build", "vendor"]',
    "extend": 'extend = "../pyproject.toml"',
    "extend-exclude": 'extend-exclude = ["migrations", "*_pb2.py"]',
    "extend-safe-fixes": 'extend-safe-fixes = ["TUS451"]',
    "extend-select": 'extend-select = ["TUP101"]',
    "extend-unsafe-fixes": 'extend-unsafe-fixes = ["TUP101"]',
    "fixable": 'fixable = ["TUP", "TUS2"]',
    "force-exclude": "force-exclude = true",
    "future-annotations": 'future-annotations = "on"',
    "ignore": 'ignore = ["TUL", "marker-as-default"]',
    "layers": '[tool.trueup.layers]\nrouter = ["app/api/**"]\nservice = ["app/domain/**", "app/use_cases/**"]',
    "non-blocking": 'non-blocking = ["company.cache.get"]',
    "not-found": 'not-found = "raise"',
    "per-file-ignores": '[tool.trueup.per-file-ignores]\n"tests/**" = ["TUT"]\n"!src/**" = ["TUL"]',
    "preview": "preview = true",
    "python-path": 'python-path = "../.venv/lib/python3.12/site-packages"',
    "require-reason": "require-reason = true",
    "required-version": 'required-version = ">=0.1,<2"',
    "respect-gitignore": "respect-gitignore = false",
    "response": 'response = "annotation"',
    "router-logic-threshold": "router-logic-threshold = 6",
    "ruff": 'ruff = "conventions"',
    "select": 'select = ["TU"]',
    "severity": '[tool.trueup.severity]\nTUF = "error"\n"v1-model-method" = "advice"',
    "src": 'src = ["src", "services/api"]',
    "target-fastapi": 'target-fastapi = "0.115"',
    "target-pydantic": 'target-pydantic = "2.4"',
    "target-python": 'target-python = "3.12"',
    "target-sqlalchemy": 'target-sqlalchemy = "2.0"',
    "transaction-owner": 'transaction-owner = "dependency"',
    "unfixable": 'unfixable = ["TUS205"]',
}
"""Key -> how it is written in pyproject.toml; below `[tool.trueup]` where it is no table of its own."""


def texts() -> dict[str, str]:
    """File name -> content, of both pages."""
    return {"commands.md": "".join(_commands()), "all-settings.md": "".join(_settings())}


def _commands() -> Iterator[str]:
    yield f"# Commands\n\n{WRITTEN_BY}\n\n"
    yield (
        "What `trueup COMMAND --help` says. Options can be set by the environment too: `--error-on-warning` is\n"
        "`TRUEUP_ERROR_ON_WARNING`; several values of one that is repeatable stand on a line each.\n"
        "`TRUEUP_OUTPUT_FORMAT` is that of `check`, `TRUEUP_RULES_OUTPUT_FORMAT` that of all other commands. `@file`\n"
        "stands for the lines of a file, one argument each. To a command that is misspelt, the nearest one is\n"
        "offered. What exit codes mean: [ci.md](ci.md#exit-codes), [migrate.md](migrate.md#exit-codes),\n"
        "[verify.md](verify.md).\n"
    )
    every: Any = get_command(build())
    for name, command in every.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None:
            yield from _command(f"trueup {name}", command)
        else:
            yield f"\n## trueup {name}\n\n{_help(command)}\n"
            for last, one in inner.items():
                yield from _command(f"trueup {name} {last}", one, "###")


def _command(name: str, command: Any, head: str = "##") -> Iterator[str]:
    yield f"\n{head} {name}\n\n{_help(command)}\n"
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    shown = " ".join(["[OPTIONS]", *(_metavar(one) for one in arguments)])
    yield f"\n```\n{name} {shown}\n```\n"
    rows = [(f"`{_metavar(one)}`", one.help) for one in arguments if one.help]
    rows += [(_option(one), _said(one)) for one in options]
    if rows:
        yield "\n| option | |\n|--|--|\n"
        yield "".join(f"| {_cell(left)} | {_cell(right)} |\n" for left, right in rows)


def _help(command: Any) -> str:
    return str(command.help).strip().replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")


def _metavar(argument: Any) -> str:
    plain = str(argument.metavar or argument.name.upper()).strip("[]")
    return plain if argument.required else f"[{plain}]".replace("]...]", "]...").replace("...]", "]...")


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(option.opts, key=lambda name: name.count("-"), reverse=True))
    if option.is_flag or option.count:
        return names
    choices = getattr(option.type, "choices", None)
    value = " ".join(str(getattr(one, "value", one)) for one in choices) if choices else option.metavar
    return f"{names} *{value}*" if not choices else f"{names} {', '.join(f'*{one}*' for one in value.split())}"


def _said(option: Any) -> str:
    default = getattr(option.default, "value", option.default)
    default = f"{default:g}" if isinstance(default, float) else default
    is_told = default not in (None, False, True, 0, "", [], ()) and not callable(default)
    return f"{option.help} Default: `{default}`." if is_told else str(option.help)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _settings() -> Iterator[str]:
    yield f"# All settings\n\n{WRITTEN_BY}\n\n"
    yield (
        "As they stand in `pyproject.toml`; in `trueup.toml` and `.trueup.toml` without `tool.trueup`. Which file\n"
        "holds, how rules are named and which are on: [settings.md](settings.md). `trueup config` shows what holds,\n"
        "and where it stands; `trueup config --schema` prints the JSON schema that this page is made from.\n"
    )
    properties = json.loads(schema())["properties"]
    for key in sorted(properties):
        told = properties[key]
        example = EXAMPLES[key]
        default = _default(key, told)
        yield f"\n## {key}\n\n{_sentence(told['description'])}\n"
        yield f"\n- Kind: {_kind(told)}\n- Default: {default}\n"
        head = "" if example.startswith("[") else "[tool.trueup]\n"
        yield f"\n```toml\n{head}{example}\n```\n"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _default(key: str, told: dict[str, Any]) -> str:
    if "default" in told:
        return f"`{json.dumps(told['default'])}`"
    if key == "async":
        return ", ".join(f"`{name} = {json.dumps(one['enum'][0])}`" for name, one in told["properties"].items())
    if key == "exclude":
        return "what holds no code of yours (`trueup config exclude --isolated` lists it)"
    return UNSAID.get(key, "nothing")


def _kind(told: dict[str, Any]) -> str:
    if "enum" in told:
        return "one of " + ", ".join(f"`{json.dumps(one)}`" for one in told["enum"])
    kinds = [one.get("type", json.dumps(one.get("const"))) for one in told.get("oneOf") or told.get("anyOf") or [told]]
    words = {"array": "a list of strings", "object": "a table", "integer": "a whole number", "boolean": "true or false"}
    return " or ".join(words.get(kind, "a string" if kind == "string" else f"`{kind}`") for kind in kinds)


def main() -> None:
    """Write the pages; with `--check` only say which are not what they should be."""
    other = {name: text for name, text in texts().items() if not _is(DOCS / name, text)}
    if "--check" in sys.argv[1:]:
        sys.exit("\n".join(f"docs/{name}: run scripts/reference_pages.py" for name in other) or 0)
    for name, text in other.items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"wrote docs/{name}")


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    main()
