"""The page's ES modules, which no build step looks after: what the storage can read, and how they hang together."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template
from django.test import override_settings

from uploader_site.static_storage import ModuleManifestStorage, with_short_names

ROOT = Path(settings.BASE_DIR) / "static" / "uploads" / "js"
ENTRY = ROOT / "upload-page.js"
# Begun by the page under an address that its template gives.
WORKER = ROOT / "engine" / "crc64-worker.js"
COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*$", re.DOTALL | re.MULTILINE)
IMPORT = re.compile(r"""^(?:import|export)\b[^;"']*["']([^"']+)["'];""", re.MULTILINE)
DOM_WORDS = re.compile(
    r"\b(?:document|window|localStorage|querySelector\w*|HTML\w*|innerHTML|navigator(?!\.onLine))\b"
)
MOST_LINES = 150
# Minified as they are served: all modules in one piece, without the hashes in their names; styles file by file.
MOST_SCRIPT_BYTES = 15_000
MOST_STYLE_BYTES = 6_000


def code_of(module: Path) -> str:
    return COMMENT.sub("", module.read_text())


def imports_of(module: Path) -> list[Path]:
    return [(module.parent / path).resolve() for path in IMPORT.findall(code_of(module))]


def modules_of(entry: Path) -> list[Path]:
    """What the browser reads when it reads the entry: imports come before those who import them."""
    order: list[Path] = []

    def visit(module: Path, above: tuple[Path, ...]) -> None:
        assert module not in above, f"{module.name} imports itself by way of {[m.name for m in above]}."
        if module not in order:
            for imported in imports_of(module):
                visit(imported, (*above, module))
            order.append(module)

    visit(entry, ())
    return order


def modules_of_page() -> list[Path]:
    """Those of the page and those of its worker."""
    return list(dict.fromkeys([*modules_of(ENTRY), *modules_of(WORKER)]))


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Static files as they are served in production, under names with a hash."""
    root = tmp_path_factory.mktemp("static")
    backend = f"{ModuleManifestStorage.__module__}.{ModuleManifestStorage.__qualname__}"
    with override_settings(STATIC_ROOT=root, STORAGES={"staticfiles": {"BACKEND": backend}}):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield root


def test_every_import_in_a_served_module_names_a_served_module(collected):
    storage = ModuleManifestStorage(collected, "/static/")
    served = set(storage.hashed_files.values())
    for module in modules_of_page():
        copy = collected / storage.hashed_files[f"uploads/js/{module.relative_to(ROOT).as_posix()}"]
        for path in IMPORT.findall(COMMENT.sub("", copy.read_text())):
            target = (copy.parent / path).resolve().relative_to(collected.resolve()).as_posix()
            assert target in served, f"{module.name} imports {path}, which is not served under this name."


def test_the_page_preloads_exactly_the_modules_it_needs():
    source = get_template("uploads/_upload_page_modules.html").template.source
    preloaded = re.findall(r"""rel="modulepreload" href="{% static 'uploads/js/([^']+)' %}""", source)
    needed = [module.relative_to(ROOT).as_posix() for module in modules_of(ENTRY) if module != ENTRY]
    assert sorted(preloaded) == sorted(needed)


def test_no_module_of_the_page_lies_unused():
    folders = [ROOT / folder for folder in ("engine", "lib", "ui")]
    written = {module for folder in folders for module in folder.rglob("*.js")}
    assert written == {module for module in modules_of_page() if module != ENTRY}


@pytest.mark.parametrize("module", modules_of_page(), ids=lambda module: module.stem)
def test_a_module_begins_with_its_imports_in_a_form_that_the_storage_can_read(module):
    code = code_of(module)
    begun = [line for line in code.splitlines() if re.match(r"(?:import|export\s*{)\b", line)]
    assert len(begun) == len(IMPORT.findall(code)), "An import without a semicolon would keep its old name."
    first_other = re.search(r"^(?!import\b|\s|\}|$)", code, re.MULTILINE)
    assert first_other is None or not re.search(r"^import\b", code[first_other.start() :], re.MULTILINE)
    assert "export default" not in code


@pytest.mark.parametrize("module", modules_of_page(), ids=lambda module: module.stem)
def test_a_module_is_short_enough_to_be_read_in_one_sitting(module):
    assert len(module.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", modules_of_page(), ids=lambda module: module.stem)
def test_engine_and_interface_meet_only_in_the_entry(module):
    folder = module.relative_to(ROOT).parts[0]
    allowed = {"engine": {"engine", "lib"}, "ui": {"ui", "lib"}, "lib": {"lib"}}.get(folder, {"engine", "ui", "lib"})
    assert {imported.relative_to(ROOT).parts[0] for imported in imports_of(module)} <= allowed


@pytest.mark.parametrize("module", sorted((ROOT / "engine").glob("*.js")), ids=lambda module: module.stem)
def test_the_engine_knows_no_dom(module):
    assert not DOM_WORDS.findall(code_of(module))


@pytest.mark.parametrize("module", sorted((ROOT / "ui").glob("*.js")), ids=lambda module: module.stem)
def test_the_interface_knows_no_network_and_writes_no_markup(module):
    assert not re.findall(r"\b(?:fetch|XMLHttpRequest|innerHTML|outerHTML|insertAdjacentHTML)\b", code_of(module))


SHORTENED = {
    "a constant": (
        'import "./a.js";\nconst MOST = 6;\nconst ALL = [...MOST];\nexport const LEAST = 1;\n',
        'import"./a.js";const MOST=6,ALL=[...MOST,"MOST"];export const LEAST=1;f(MOSTLY,ALL)',
        'import"./a.js";const $0=6,$1=[...$0,"MOST"];export const LEAST=1;f(MOSTLY,$1)',
    ),
    "a function": (
        "export function all() {}\nasync function one() {}\n",
        'export function all(){return one(2)+ones(`one`)}async function one(){"one"}',
        'export function all(){return $0(2)+ones(`one`)}async function $0(){"one"}',
    ),
}
KEPT = {
    "a property": (
        "export function all() {}\nfunction one() {}\n",
        "export function all(e){e.one()}function one(){}",
    ),
    "a key": (
        "export function all() {}\nfunction one() {}\n",
        "export function all(){return{one:1}}function one(){}",
    ),
    "a private name": ("export class A {}\nfunction one() {}\n", "export class A{#one(){one()}}function one(){}"),
    "a method": ("export class A {}\nfunction one() {}\n", "export class A{a;one(e){one()}}function one(){}"),
    "a name that others see": ("const MOST = 6;\n", "const MOST=6"),
}


@pytest.mark.parametrize(("source", "minified", "short"), SHORTENED.values(), ids=SHORTENED)
def test_names_that_a_module_keeps_to_itself_are_shortened(source, minified, short):
    assert with_short_names(source, minified) == short


@pytest.mark.parametrize(("source", "minified"), KEPT.values(), ids=KEPT)
def test_names_that_may_mean_something_else_are_kept(source, minified):
    assert with_short_names(source, minified) == minified


def test_the_code_of_the_page_is_small(collected):
    code = [
        (collected / "uploads/js" / module.relative_to(ROOT)).read_bytes() for module in sorted(modules_of_page())
    ]
    assert gzipped_bytes(code) <= MOST_SCRIPT_BYTES


def test_the_style_of_the_page_is_small(collected):
    names = (f"uploads/css/{name}.css" for name in ("tokens", "base", "file-list", "upload-page"))
    assert sum(gzipped_bytes([content]) for content in served(collected, names)) <= MOST_STYLE_BYTES


def served(collected, names):
    """The contents of files as a browser gets them."""
    hashed = ModuleManifestStorage(collected, "/static/").hashed_files
    return [(collected / hashed[name]).read_bytes() for name in names]


def gzipped_bytes(contents):
    return len(gzip.compress(b"\n".join(contents), 9))
