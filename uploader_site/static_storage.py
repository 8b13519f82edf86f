"""Static files as they are served: our own without what only people read, all under names that carry a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import minify
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "uploads/"
MEDIA_TYPES = {".css": "text/css", ".js": "application/javascript"}
MODULE = re.compile(r"^(?:import|export)\b", re.MULTILINE)
CONSTANT = re.compile(r"^const ([A-Z][A-Z0-9_]+) =", re.MULTILINE)
FUNCTION = re.compile(r"^(?:async )?function (\w+)\(", re.MULTILINE)


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Minifies our scripts and styles and rewrites the paths of `import`s.

    tests/repo/test_static_modules.py holds the modules to a form that it can read, tests/browser/test_served_page.py
    runs what comes out.
    """

    support_js_module_import_aggregation = True
    # One pass for each link of the longest chain of imports; Django's own five suit styles.
    max_post_process_passes = 12

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool]]:
        if not dry_run:
            paths = {name: self._minified(name, *found) for name, found in paths.items()}
        yield from super().post_process(paths, dry_run, **options)

    def _minified(self, name: str, source: Storage, path: str) -> tuple[Storage, str]:
        """Where Django finds the file to hash: the collected copy of ours, which is made of the source each time."""
        media_type = MEDIA_TYPES.get(Path(name).suffix)
        if media_type is None or not name.startswith(OURS):
            return source, path
        with source.open(path) as file:
            text = file.read().decode()
        Path(self.path(name)).write_text(with_short_names(text, minify.string(media_type, text)), encoding="utf-8")
        return self, name


def with_short_names(source: str, minified: str) -> str:
    """A minified module with short names for the constants and functions that it keeps to itself.

    The minifier leaves all names at the top alone, as it must in a script, whose names are seen by the page's others.
    A module's are not. All other names that are not of the language it has made short, or they are those of
    properties: what a property of this module is called as well stays as it is.
    """
    if not MODULE.search(source):
        return minified
    for number, name in enumerate([*CONSTANT.findall(source), *FUNCTION.findall(source)]):
        if not re.search(rf"(?<!\.)[.#]{name}\b|\b{name}:|[{{}},;]{name}\([^()]*\){{", minified):
            minified = re.sub(rf"(?<![\w$#\"'`]){name}(?![\w$\"'`])", f"${number}", minified)
    return minified
