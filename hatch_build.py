"""Builds the front end into wheels and source archives, so that installing them needs no node."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent


def front_end() -> Any:
    """Return the module ``frontend/build.py``."""
    spec = importlib.util.spec_from_file_location("front_end_build", HERE / "frontend" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Makes ``sdcluster/publish/static`` before a wheel or a source archive is packed; it is part of both."""

    def dependencies(self) -> list[str]:
        """Return what the build needs: node as a wheel, where the bundle must be made and the machine has no node.

        ``make`` installs an editable copy, in which the front end is made when it is needed, and says so.
        """
        if os.environ.get("SDCLUSTER_FRONT_END") == "later":
            return []
        build = front_end()
        return [] if build.is_current() or build.node_on_path() else [build.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, but not for an editable copy."""
        if version != "editable":
            front_end().build()
