"""Models do after the migration, under Pydantic 2, what they did before it under Pydantic 1.

Every fixture of a Pydantic rule that is repaired is run: as it is under version 1, and with all that the migration
makes of it under version 2. What may differ stands in the tables below, each with its reason; an entry that is not
needed any more is a failure too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from trueup.check import Workspace
from trueup.cli.session import all_rules
from trueup.config import CliOptions, Configs
from trueup.migrate.run import Outcome, run
from trueup.migrate.steps import STEPS

from .oracles.pydantic_compare import differences
from .oracles.pydantic_models import ask, repeat
from .test_fixtures import MARK, Case, cases

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from environments import environment  # noqa: E402

PINS = ROOT / "tests" / "oracles" / "pins"
SHOP = ROOT / "fixtures" / "apps" / "legacy_shop"
PYDANTIC = tuple(step for step in STEPS if step.library == "pydantic" and not step.on_request)

NOWHERE = {
    "company": "a library whose models are not known",
    "thirdparty": "a library of which nothing is known",
    "pendulum": "for one fixture alone",
    "numpy": "large, and of no account here",
    "pytest": "tests of models",
    "item.json": "a file that is read when the module is imported",
}
"""What fixtures import and no environment has."""

ONLY_NEW = {
    "classmethod_after_validator/methods": "code for Pydantic 2",
    "early_v2_name/by_module": "code for Pydantic 2",
    "early_v2_name/names": "code for Pydantic 2",
    "error_wrapper/in_new_validators": "code for Pydantic 2",
    "implicit_optional_default/half_migrated": "one module is code for Pydantic 2",
    "implicit_optional_default/left_behind": "one module is code for Pydantic 2",
    "json_encoders/across_files": "has `model_config`, a field for version 1",
    "json_encoders/fields": "has `model_config`, a field for version 1",
    "json_encoders/in_mixins": "has `model_config`, a field for version 1",
    "json_encoders/merged": "has `model_config`, a field for version 1",
    "json_encoders/of_other_libraries": "has `model_config`, a field for version 1",
    "json_encoders/one_field": "has `model_config`, a field for version 1",
    "json_encoders/subclasses": "has `model_config`, a field for version 1",
    "json_encoders/unused": "has `model_config`, a field for version 1",
    "model_compared_with_dict/pydantic_2": "code for Pydantic 2",
    "model_fields_on_instance/receivers": "code for Pydantic 2",
    "moved_import/extra": "has `model_config`, a field for version 1",
    "moved_import/legacy": "works through `pydantic.v1`",
    "none_default_without_optional/unsafe_pydantic_2": "code for Pydantic 2",
    "schema_generator_key/keys": "code for Pydantic 2",
    "settings_env_file_argument/half_migrated": "has `model_config`, a field for version 1",
    "settings_sources/moved": "has a source of pydantic-settings",
    "type_error_in_validator/raised": "code for Pydantic 2",
    "v1_model_method/from_orm": "has `model_config`, a field for version 1",
    "v1_model_method/root_models": "has a `RootModel`",
    "v1_root_model/configs": "version 1 wants no class variable beside `__root__`",
    "v1_root_model/converted_already": "has a `RootModel`",
    "v1_root_model/early_validators": "has a validator of version 2",
    "v1_root_model/validators": "has a validator of version 2",
    "with_config_keyword/keyword": "code for Pydantic 2",
}
"""What does not run under version 1, or means something else there: it is only imported under version 2."""

BY_HAND = {
    "implicit_optional_default/half_migrated": "`ModelField` is gone",
    "v1_config_class/settings": "`fields` are left",
    "v1_config_class/shared": "a class of settings that models share is left",
    "v1_config_class/shared_settings": "a class of settings that models share is left",
    "v1_create_model/configs": "a class of settings that models share is left",
    "v1_model_method/encoders": "`json_encoders` are left",
    "v1_model_method/from_orm": "a class with both kinds of settings is left",
    "v1_regex/parts": "expressions that cannot be read are left",
    "v1_validate_arguments/order_and_attributes": "a decorator whose attributes are used is left",
}
"""What cannot be imported after the migration, or warns: trueup says what a person has to do."""

DIFFERENT = {
    # What the fixture itself is about: its rule says that behaviour changes, or leaves the place to a person.
    "const_field/enums": "a `Literal` takes no member of another type",
    "const_field/literals": "a `Literal` does not convert the input before it compares",
    "dsn_build_arguments/parts": "the parts of a URL are checked",
    "dsn_build_arguments/template": "the parts of a URL are checked",
    "element_constraint_on_parameter/routes": "one of the parameters is left to a person",
    "error_wrapper/in_validators": "an error that could not be shown is shown",
    "error_wrapper/unwrapped": "an error that could not be shown is shown",
    "errors_in_json/without_fastapi": "errors have no context",
    "implicit_optional_default/shadowed": "names that hide their types are left to a person",
    "forgotten_field_argument/tables": "models of tables are validated by version 2 alone",
    "implicit_optional_default/sqlmodel": "models of tables are not validated",
    "implicit_optional_default/type_variables": "whether `T` may be missing is left to a person",
    "settings_env_name/mixins": "the schema calls a field by the first of its aliases",
    "url_as_string/strings": "a URL ends with a slash behind its host",
    "url_as_string/written": "a URL ends with a slash behind its host",
    "v1_concrete_name/named": "whether `T` may be missing is left to a person",
    "v1_config_class/settings": "`fields` are left to a person",
    "v1_config_class/shared": "a class of settings that models share is left to a person",
    "v1_config_class/unsafe": "lengths hold for text alone",
    "v1_create_model/configs": "a class of settings that models share is left to a person",
    "v1_generic_model/bases": "whether `T` may be missing is left to a person",
    "v1_generic_model/with_models": "whether `T` may be missing is left to a person",
    "v1_json_encoder/dumps": "plain values are taken too",
    "v1_method_override/across_files": "an override that serialises otherwise is left to a person",
    "v1_method_override/defaults": "what is dumped without `model_dump` knows no defaults of its arguments",
    "v1_model_method/asked_for_a_model": "a function asks which version there is",
    "v1_model_method/cast_classes": "what is no type at all is refused with another exception",
    "v1_model_method/classes_by_use": "what is no model at all is taken for one, or not",
    "v1_model_method/fields": "the attributes of fields are others",
    "v1_model_method/forward_references": "names are looked for in other places",
    "v1_model_method/overrides": "overrides are left to a person",
    "v1_parse_function/calls": "text that is no JSON is an error of validation",
    "v1_post_init_post_parse/renamed": "what the initialiser took is a field now",
    "v1_root_model/payloads": "the field has another name",
    "v1_root_validator/hidden": "a validator that version 1 did not run is run",
    "v1_root_validator/mixin": "a validator that version 1 did not run is run",
    "v1_root_validator/order_across_classes": "validators before the fields run the other way round",
    "v1_root_validator/unknown_keys": "what is no field cannot be added to a model",
    "v1_validate_arguments/order_and_attributes": "a decorator whose attributes are used is left to a person",
    "v1_validator/called": "a validator that is called takes other arguments",
    "v1_validator/child_elsewhere": "a default of a subclass is not validated",
    "v1_validator/function_level": "arguments that are wrong are another exception",
    "v1_validator/mixin": "a validator that version 1 did not run is run",
    "v1_validator/order_across_classes": "validators before the type is checked run the other way round",
    "v1_validator/order_of_all": "validators before the type is checked run the other way round",
    "v1_validator/order_of_reuse": "validators before the type is checked run the other way round",
    "v1_validator/stacked": "version 1 heeded one of two decorators",
    # What Pydantic 2 does otherwise beside that.
    "v1_root_validator/order_in_place": "a `TypeError` inside a validator is no error of validation",
    "v1_root_model/leaves": "None is tried on the members of a union",
    "element_constraint_on_container/elements": "version 1 said of the dict what holds for its values",
    "extra_field_argument/extras": "version 1 put `json_schema_extra` itself into the schema",
    "implicit_optional_default/annotations": "unions and text in JSON are read otherwise",
    "unfinished_model/examples": "version 1 showed examples in a dict as texts",
    "moved_import/imports": "a number of a card has its length in the schema",
    "moved_import/stars": "a number of a card has its length in the schema",
    "v1_config_class/keys": "lengths of texts are in the schema",
    "v1_regex/anchors": "`$` does not match in front of a line break; anchors are spelt otherwise",
    "v1_regex/constants": "`$` does not match in front of a line break",
    "v1_root_model/across_files": "version 1 said of a dict that it has no other keys",
    "v1_root_model/open_receivers": "what is no model at all is refused earlier",
    "v1_validator/kinds_of_classes": "a dataclass without its arguments",
}
"""Where models, functions or schemas may differ."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """A program before and after."""

    name: str
    old: Path
    new: Path
    left: tuple[str, ...]
    """What the migration left to a person."""


def migrated(task: tuple[Case, Path]) -> Migrated:
    """A case, and what the steps of the migration to Pydantic 2 make of it."""
    case, home = task
    name = f"{case.folder.parent.name}/{case.folder.name}"
    folder = home / name.replace("/", "__")
    for side in ("old", "new"):
        shutil.copytree(case.folder / "before", folder / side)
        for path in (folder / side).rglob("*.py"):
            path.write_bytes(MARK.sub(b"", path.read_bytes()))
    config = case.folder / "case.toml"
    settings = folder / "new" / "pyproject.toml"
    if not settings.exists():
        text = config.read_text("utf-8") if config.exists() else ""
        settings.write_text(re.sub(r"^\[config\b", "[tool.trueup", text, flags=re.MULTILINE), "utf-8")
    new = str(folder / "new")
    workspace = Workspace.open(
        [new], Configs.load([new], CliOptions(select=("ALL",)), cwd=new), cache_dir=home / "cache"
    )
    outcome = Outcome()
    run(
        workspace, PYDANTIC, all_rules(), outcome,
        may_fix=lambda *_: True, safe_only=False, write=True, jobs=1, progress=lambda *_: None,
    )  # fmt: skip
    return Migrated(name, folder / "old", folder / "new", tuple(found.code for found in outcome.left))


def failures(one: Migrated, old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(table that may excuse it, what went wrong) of a program."""
    missing = {module for module, why in old["failed"].items() if any(name in why for name in NOWHERE)}
    for module, why in old["failed"].items():
        if module not in missing:
            yield "ONLY_NEW", f"not imported under version 1: {module}: {why}"
    for module, why in new["failed"].items():
        if module not in missing:
            yield "BY_HAND", f"not imported under version 2: {module}: {why}"
    for text in new["warned"]:
        if text.startswith(("PydanticDeprecated", "UserWarning: Valid config keys", "FastAPIDeprecation")):
            yield "BY_HAND", f"warns under version 2: {text}"
    if not old["failed"] and not new["failed"]:
        excuse = "ONLY_NEW" if one.name in ONLY_NEW else "DIFFERENT"
        yield from ((excuse, line) for line in differences(old, new))


@pytest.mark.slow
def test_fixtures_do_what_they_did(tmp_path: Path) -> None:
    chosen = [case for case in cases() if case.rule.startswith("pydantic/") and (case.folder / "after").exists()]
    with get_context("fork").Pool(2) as pool:
        done = pool.map(migrated, [(case, tmp_path) for case in chosen], chunksize=4)
    asked = ask(environment(PINS / "pydantic-1.txt"), [one.old for one in done])
    repeated = repeat(environment(PINS / "pydantic-2.txt"), asked, [one.new for one in done])

    tables = {"ONLY_NEW": ONLY_NEW, "BY_HAND": BY_HAND, "DIFFERENT": DIFFERENT}
    wrong: list[str] = []
    needed: dict[str, set[str]] = {name: set() for name in tables}
    for one, old, new in zip(done, asked, repeated, strict=True):
        found = list(failures(one, old, new))
        for table, line in found:
            if one.name in tables[table] and (table != "BY_HAND" or one.left):
                needed[table].add(one.name)
            else:
                wrong.append(f"{one.name}: {line}")
    wrong += [
        f"{name} needs no entry in {table}" for table in tables for name in sorted(tables[table].keys() - needed[table])
    ]
    assert not wrong, "\n".join(wrong)

    same = [one.name for one in done if not any(one.name in table for table in tables.values())]
    tried = sum(len(spec["tries"]) for answer in asked for spec in answer["models"].values())
    based = [spec.get("based") for answer in asked for spec in answer["models"].values()]
    called = sum(map(len, (calls for answer in asked for calls in answer["calls"].values())))
    assert len(same) > 100, "programs that do exactly what they did"
    assert (tried > 30_000, called > 250) == (True, True), f"{tried} tries, {called} calls"
    assert based.count(True) > 0.95 * len(based), "models for which values were found that they take"


@pytest.mark.slow
def test_the_legacy_shop_does_what_it_did(tmp_path: Path) -> None:
    for side in ("old", "new"):
        shutil.copytree(SHOP, tmp_path / side, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    command = [sys.executable, "-P", "-m", "trueup", "migrate-v2", str(tmp_path / "new"), "--allow-no-vcs"]
    assert subprocess.run(command, capture_output=True, check=False).returncode in (0, 3)
    asked = ask(environment(SHOP / "requirements-legacy.txt"), [tmp_path / "old"])
    repeated = repeat(environment(SHOP / "requirements-current.txt"), asked, [tmp_path / "new"])
    one = Migrated("legacy_shop", tmp_path / "old", tmp_path / "new", ())
    assert [line for _, line in failures(one, asked[0], repeated[0])] == []
    assert sum(len(spec["tries"]) for spec in asked[0]["models"].values()) > 1000
