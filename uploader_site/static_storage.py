"""Static files under names that carry a hash of their content, ES modules included."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import` paths too; tests/repo/test_static_modules.py holds the modules to the form it can read."""

    support_js_module_import_aggregation = True
