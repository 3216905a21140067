"""Sphinx settings for the book; `docs.book.build` uses them for each language."""

from __future__ import annotations

from typing import Any

from docs.book.index import Named, Searched, reveal
from docs.book.search import Bilingual
from sdcluster import __version__

project = "sdcluster"
author = copyright = "The sdcluster authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline", "deflist"]
suppress_warnings = ["myst.header"]  # the first heading of a README may have any level
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
add_module_names = False
python_use_unqualified_type_names = True
default_role = "py:obj"

# All pages must work without internet, even if they are opened as files.
html_theme = "furo"
html_static_path: list[str] = []  # docs.book.build copies the style sheet and the script
html_css_files = ["model.css", "book.css"]
html_js_files = [("model.js", {"defer": "defer"})]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False
html_search_language = "bilingual"
html_domain_indices = False
html_use_index = True
html_theme_options = {"navigation_with_keys": False}


def setup(app: Any) -> dict[str, bool]:
    """Register our search language and our directives with Sphinx."""
    app.add_directive("named", Named)
    app.add_directive("searched", Searched)
    app.connect("doctree-resolved", reveal)
    app.add_search_language(Bilingual)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
