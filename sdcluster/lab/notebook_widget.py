"""The front end as a widget in a notebook: description, kernel and state as traits that both sides hold.

Crosses the border to the browser: `_description` (JSON), `_kernel` (WebAssembly) and `_state`, the text of
`sdcluster.lab.page_state`, which both sides change. The browser runs the model, so that a notebook that is opened
without a Python process still has a live laboratory.
"""

from __future__ import annotations

import traitlets

from sdcluster.lab.assets import PlainWidget
from sdcluster.publish.front_end import widget_script


class LaboratoryWidget(PlainWidget):
    """The widget behind `sdcluster.explore`.

    Parameters
    ----------
    description : str
        JSON, as `sdcluster.publish.laboratory.packed` gives it.
    kernel : bytes
        WebAssembly.
    state : str
    """

    _description = traitlets.Unicode().tag(sync=True)
    _kernel = traitlets.Bytes().tag(sync=True)
    _state = traitlets.Unicode().tag(sync=True)
    _esm = traitlets.Unicode().tag(sync=True)

    def __init__(self, description: str, kernel: bytes, state: str = "") -> None:
        super().__init__(
            _description=description, _kernel=kernel, _state=state, _esm=widget_script()
        )

    @property
    def state(self) -> str:
        """What is set up on the page."""
        return str(self._state)

    @state.setter
    def state(self, text: str) -> None:
        self._state = text
