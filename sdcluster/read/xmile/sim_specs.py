"""Read the ``<sim_specs>`` of an XMILE file: start, stop, time step and integration method.

`time_settings(document)` returns the `TimeSettings` of the file.
"""

from __future__ import annotations

from sdcluster.messages import message
from sdcluster.model import TimeSettings
from sdcluster.model.expression import Call
from sdcluster.read.xmile.document import Document, finite, is_positive


def time_settings(document: Document) -> TimeSettings:
    """Return the time settings of the file.

    Raises
    ------
    ModelError
        If settings are missing or invalid.
    """
    specs = document.find(document.root, "sim_specs")
    if specs is None:
        specs = document.find(document.root, "model/sim_specs")
    if specs is None:
        raise document.fail(message("read.xmile.file_no_sim_specs"), document.root)
    node = document.find(specs, "dt")
    start, stop = (document.number(specs, name) for name in ("start", "stop"))
    dt = 1.0 if node is None else document.number(specs, "dt")
    if node is not None and node.get("reciprocal", "").lower() == "true":
        dt = 1 / dt if dt else 0.0
    if not dt > 0:
        raise document.fail(
            message("read.xmile.time_step_must_above", dt=dt), specs if node is None else node
        )
    if not stop > start:
        raise document.fail(
            message("read.xmile.simulation_stops_not_after", stop=stop, start=start), specs
        )
    if (stop - start) / dt > 1e8:
        raise document.fail(
            message("read.xmile.simulation_would_take_steps", stop=(stop - start) / dt), specs
        )
    written = [v for k, v in specs.attrib.items() if k.endswith("save_interval")]
    written += [document.text(specs, name) for name in ("savestep", "save_step")]
    below = next((v for v in written if (finite(v) or 0.0) < 0), None)
    if below is not None:
        raise document.fail(
            message("read.xmile.interval_saving_must_above", below=below.strip()),
            specs,
        )
    given = next((float(v) for v in written if is_positive(v)), None)
    saveper = dt if given is None else given
    formulas = (("saveper", Call("dt", ())),) if given is None else ()
    method = specs.get("method", "euler").split(",")[0].strip().lower()
    return TimeSettings(
        start, stop, dt, max(saveper, dt), specs.get("time_units", ""), method, formulas
    )
