"""The front end as a widget in a notebook: description, kernel and state as traits that both sides hold.

Crosses the border to the browser: `_description` (JSON), `_kernel` (WebAssembly) and `_state`, the text of
`sdcluster.lab.page_state`, which both sides change. The browser runs the model, so that a notebook that is opened
without a Python process still has a live laboratory.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import traitlets

from sdcluster.lab.assets import PlainWidget
from sdcluster.publish.front_end import widget_script
from sdcluster.publish.laboratory import browser_data
from sdcluster.publish.laboratory_data import Laboratory
from sdcluster.publish.program import as_json


class LaboratoryWidget(PlainWidget):
    """The widget behind `sdcluster.explore`.

    Parameters
    ----------
    state : str
        What is set up. Nothing is shown before `show`.
    """

    _description = traitlets.Unicode().tag(sync=True)
    _kernel = traitlets.Bytes().tag(sync=True)
    _state = traitlets.Unicode().tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self, state: str = "") -> None:
        super().__init__(_state=state, _esm=widget_script())

    def show(self, laboratory: Laboratory) -> dict[str, Any]:
        """Show a laboratory; return its description.

        Raises
        ------
        ModelError
            For a model that cannot become WebAssembly.
        """
        description, kernel = browser_data(laboratory)
        with self.hold_sync():
            self._kernel = b64decode(kernel)
            self._description = as_json(description)
        return description

    @property
    def state(self) -> str:
        """What is set up on the page."""
        return str(self._state)

    @state.setter
    def state(self, text: str) -> None:
        self._state = text
