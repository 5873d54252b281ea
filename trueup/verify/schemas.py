"""In what two JSON schemas or OpenAPI documents differ, but for what the libraries say otherwise of the same code."""

from __future__ import annotations

import re
from typing import Any, NamedTuple


class Unlike(NamedTuple):
    """A place where two documents differ."""

    path: str
    """`.properties.age.minimum`."""
    before: str | None
    """A value as Python writes it; None: there is nothing at that place."""
    after: str | None


def unlike(before: Any, after: Any, *, old: tuple[bool, bool], in_order: bool = False) -> list[Unlike]:
    """The places where two documents differ, in their order.

    `old`: whether each was made by Pydantic 1. If exactly one was, what Pydantic 2 says otherwise of the same model is
    no difference: titles, `$defs` for `definitions`, `null` beside the type of what is optional, `null` as a default,
    descriptions that were inherited, `const` for one choice, the anchors of a `pattern`, lengths of URLs, a Decimal as
    text or number, the constraints that version 1 repeated beside the elements they are for, and members of a union
    that are alike; and, unless `in_order`, the order of these and of a `Literal`, which hangs on which module is
    imported first (`typing` keeps `List[Union[A, B]]` for `List[Union[B, A]]`). Else the documents have to be the same
    but for the order of what is required.
    """
    one_is_old = old[0] != old[1]
    if one_is_old:
        even = [even_schema(one, is_old=is_old) for one, is_old in zip((before, after), old, strict=True)]
        sides = [dict.fromkeys(lines(_unions(one, in_order=in_order))) for one in even]
    else:
        sides = [dict.fromkeys(lines(_ordered(one))) for one in (before, after)]
    gone = [line for line in sides[0] if line not in sides[1]]
    new = [line for line in sides[1] if line not in sides[0]]
    if one_is_old:
        gone = [line for line in gone if not _said_otherwise(line, sides[1])]
        # A Decimal is written as text.
        new = [line for line in new if not _as_number(line, sides[0])]
    pairs: dict[str, list[str | None]] = {}
    for index, side in enumerate((gone, new)):
        for line in side:
            path, _, value = line.partition(": ")
            pairs.setdefault(path, [None, None])[index] = value
    return [Unlike(path, *pair) for path, pair in sorted(pairs.items())]


def _said_otherwise(line: str, other: dict[str, None]) -> bool:
    """Whether a line of the old document is one that Pydantic 2 writes in another way."""
    if re.match(r"(\.(definitions|components\.schemas)\.\w+)?\.description: ", line):
        return True  # a class without a text of its own inherited that of its base
    if line.endswith(".type: 'number'") and line.replace("'number'", "'string'") in other:
        return True  # a Decimal is written as text
    bound = re.match(r"(.*)\.(minimum|maximum|multipleOf|exclusiveM\w+): ", line)
    return bool(bound and f"{bound[1]}.type: 'string'" in other)  # and its bounds hold for numbers


def _as_number(line: str, other: dict[str, None]) -> bool:
    return line.endswith(".type: 'string'") and line.replace("'string'", "'number'") in other


def _ordered(document: Any) -> Any:
    """A document whose lists of required keys are in order."""
    if isinstance(document, list):
        return [_ordered(one) for one in document]
    if not isinstance(document, dict):
        return document
    found = {key: _ordered(one) for key, one in document.items()}
    if isinstance(found.get("required"), list):
        found["required"] = sorted(found["required"], key=str)
    return found


def _unions(document: Any, *, in_order: bool) -> Any:
    """A document whose unions have each member once, and are sorted unless `in_order`."""
    if isinstance(document, list):
        return [_unions(one, in_order=in_order) for one in document]
    if not isinstance(document, dict):
        return document
    found = {key: _unions(one, in_order=in_order) for key, one in document.items()}
    for key in ("anyOf", "oneOf"):
        if isinstance(found.get(key), list):
            found[key] = found[key] if in_order else sorted(found[key], key=lines)
            # `List[str]` and `Tuple[str, ...]` are one to a schema; version 2 says it once.
            found[key] = [one for at, one in enumerate(found[key]) if one not in found[key][:at]]
            if len(found[key]) == 1 and isinstance(found[key][0], dict):
                found = {**found[key][0], **{name: one for name, one in found.items() if name != key}}
    if isinstance(found.get("enum"), list) and not in_order:
        found["enum"] = sorted(found["enum"], key=repr)
    return found


def by_fields(schema: Any, variables: dict[str, str]) -> Any:
    """A schema of settings by the names of its fields, where it has those of the variables."""
    fields = {variable: field for field, variable in variables.items()}
    if not fields:
        return schema
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {fields.get(name, name): one for name, one in found["properties"].items()}
    if "required" in found:
        found["required"] = [fields.get(name, name) for name in found["required"]]
    return found


def even_openapi(document: Any) -> Any:
    """An OpenAPI document without what only the version of FastAPI decides.

    That are the version of OpenAPI itself, the errors of validation that FastAPI declares for itself, and the two
    schemas, `X-Input` and `X-Output`, of a model that is read in another way than it is written: the first counts.
    """
    if not isinstance(document, dict):
        return document
    document = {key: one for key, one in document.items() if key != "openapi"}
    components = dict(document.get("components") or {})
    known = dict(components.get("schemas") or {})
    split = [name[: -len("-Input")] for name in known if name.endswith("-Input")]
    for name in split:
        known[name] = known.pop(f"{name}-Input")
        known.pop(f"{name}-Output", None)
    for name in ("ValidationError", "HTTPValidationError"):
        known.pop(name, None)
    if components:
        document["components"] = {**components, "schemas": known}
    return _unsplit(document, frozenset(split))


def _unsplit(value: Any, split: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_unsplit(one, split) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _unsplit(one, split) for key, one in value.items()}
    reference = found.get("$ref")
    if isinstance(reference, str) and (cut := re.fullmatch(r"(.*/([^/]+))-(?:Input|Output)", reference)):
        found["$ref"] = cut[1] if cut[2] in split else reference
    return found


BOILERPLATE = ("An enumeration.", "Base class for settings, allowing values", "Abstract base class for generic types.")


def even_schema(schema: Any, *, is_old: bool) -> Any:
    """A schema without what Pydantic 2 says otherwise of the same model."""
    if isinstance(schema, list):
        return [even_schema(one, is_old=is_old) for one in schema]
    if not isinstance(schema, dict):
        return float(schema) if isinstance(schema, int) and not isinstance(schema, bool) else schema
    schema = dict(schema)
    if isinstance(schema.get("$ref"), str):
        return {"$ref": re.sub(r"^.*/", "", schema["$ref"])}
    if isinstance(schema.get("title"), str):
        schema.pop("title")
    for key in ("allOf", "anyOf", "oneOf"):
        options = schema.get(key)
        if isinstance(options, list):
            left = [one for one in options if one != {"type": "null"}]
            # A Decimal is given as a number or as text.
            if [one.get("type") for one in left if isinstance(one, dict)] == ["number", "string"]:
                left = left[:1]
            schema[key] = left
            if len(left) == 1 and isinstance(left[0], dict):
                schema.pop(key)
                schema = {**left[0], **schema}
                return even_schema(schema, is_old=is_old)
    if schema.get("default", ...) is None:
        schema.pop("default")
    if str(schema.get("description", "")).startswith(BOILERPLATE):
        schema.pop("description")
    if "properties" in schema:
        schema.pop("description", None)  # a class without a text of its own inherited that of its base
    for key in ("env_names", "env"):
        schema.pop(key, None)
    if schema.get("uniqueItems") is False:
        schema.pop("uniqueItems")
    if schema.get("type") == "array":
        # Version 1 said of a list what holds for its elements, and of these too.
        for key in (
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minLength",
            "maxLength",
        ):
            schema.pop(key, None)
    if isinstance(schema.get("default"), str) and re.fullmatch(r"-?\d+(\.\d+)?", schema["default"]):
        schema["default"] = float(schema["default"])  # a Decimal
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "enum" in schema:
        schema.pop("type", None)
    for key, one in (("minItems", 0), ("additionalProperties", True)):
        if schema.get(key, ...) == one:
            schema.pop(key)
    if schema.get("format") in ("uri", "multi-host-uri"):
        schema.pop("minLength", None)
        schema.pop("maxLength", None)
    if isinstance(schema.get("prefixItems"), list):
        schema["items"] = schema.pop("prefixItems")
    schema["format"] = {"time-delta": "duration", "multi-host-uri": "uri"}.get(
        schema.get("format", ""), schema.get("format", "")
    )
    if schema.pop("contentMediaType", None):
        schema["format"] = "binary"
    if not schema["format"]:
        schema.pop("format")
    if is_old and isinstance(schema.get("pattern"), str):
        schema["pattern"] = anchored(schema["pattern"])
    elif isinstance(schema.get("pattern"), str):
        schema["pattern"] = bare(schema["pattern"])
    if isinstance(schema.get("required"), list):
        schema["required"] = sorted(schema["required"])
    if "propertyName" in schema and isinstance(schema.get("mapping"), dict):
        schema["mapping"] = {key: re.sub(r"^.*/", "", str(one)) for key, one in schema["mapping"].items()}
    definitions = {**schema.pop("definitions", {}), **schema.pop("$defs", {})}
    found = {key: _even_part(key, one, is_old=is_old) for key, one in schema.items()}
    for name in ("ValidationError", "HTTPValidationError"):
        definitions.pop(name, None)
        if isinstance(found.get("schemas"), dict):
            found["schemas"].pop(name, None)
    if definitions:
        found["definitions"] = {key: even_schema(one, is_old=is_old) for key, one in definitions.items()}
    return found


def _even_part(key: str, value: Any, *, is_old: bool) -> Any:
    """A part of a schema; what stands below `properties` are names of fields, and no words of the language."""
    if key in ("properties", "patternProperties") and isinstance(value, dict):
        return {name: even_schema(one, is_old=is_old) for name, one in value.items()}
    return even_schema(value, is_old=is_old)


def anchored(pattern: str) -> str:
    """What a `regex` of Pydantic 1 means: it was looked for at the start."""
    flags = re.match(r"(?:\(\?[aiLmsux]+\))*", pattern)
    head, rest = pattern[: flags.end() if flags else 0], pattern[flags.end() if flags else 0 :]
    return bare(head + (rest if rest.startswith(("^", r"\A")) else f"^(?:{rest})"))


def bare(pattern: str) -> str:
    """A pattern without the groups that anchoring may have put around it."""
    found = re.fullmatch(r"\^\(\?:(.*)\)", pattern, re.DOTALL)
    if found is None:
        return pattern
    return found[1] if found[1].startswith("^") else f"^{found[1]}"


def lines(value: Any, prefix: str = "") -> list[str]:
    """Nested data as `path: value` lines."""
    if isinstance(value, dict) and value:
        return [line for key in sorted(value, key=str) for line in lines(value[key], f"{prefix}.{key}")]
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return [line for number, one in enumerate(value) for line in lines(one, f"{prefix}.{number}")]
    return [f"{prefix}: {value!r}"]
