"""The Jacobian of a model: the derivative of the net flow of each stock with respect to each stock.

`jacobian(model, …)`, and `Run.jacobian` for a stepwise run, return an `xarray.DataArray`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, SimulationError, short_traceback
from sdcluster.kernel import Kernel
from sdcluster.kernel.differentiate import NotSmooth
from sdcluster.messages import message
from sdcluster.model import Model
from sdcluster.model.elements import element_names, find_element
from sdcluster.run.plan import FIXED

if TYPE_CHECKING:
    import xarray as xr

    from sdcluster.project.scenario import Scenario


@short_traceback
def jacobian(
    model: Model | str | Path,
    state: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    time: float | None = None,
    scenario: str | Path | Scenario | None = None,
    method: str | None = None,
    dt: float | None = None,
) -> xr.DataArray:
    """Return the derivatives of the net flow of each stock with respect to each stock, at one state.

    The derivatives are exact up to rounding: the equations are differentiated (forward mode), not approximated by
    differences. Memory besides stocks, such as the content of a ``DELAY FIXED``, is treated as constant; the stages of
    delays and smooths count as stocks. Where an equation switches between branches, the derivative is that of the
    branch that the model evaluates. Where ``MAX`` or ``MIN`` reaches a constant bound, it is the derivative of the
    other argument: ``MAX(x, 0)`` has the slope of x where x is 0. The bounds of non-negative stocks are ignored.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    state : mapping of str to float or sequence of float, optional
        Values, in the units of the model, of stocks or elements of stocks that should differ from the run.
    settings : mapping of str to float or points, optional
        As for `Simulator.run`.
    time : float, optional
        Time, in the model's time unit, of the state; if no step begins at this time, the next step is used. By
        default the start of the run.
    scenario, method, dt
        As for `Simulator`, for the run up to `time`. The method must have a fixed step; if the file names another,
        ``"rk4"`` is used.

    Returns
    -------
    xarray.DataArray, shape (N, N)
        Dimensions ``rate`` and ``stock``, both with the names of all stocks and their elements. Names of stocks inside
        delays and smooths are in angle brackets. The entry ``rate=a, stock=b`` is the derivative of the net flow of a
        with respect to b, in the unit of a per unit of b and unit of time; the coordinates ``rate_units`` and
        ``stock_units`` give the units of a and b. Attributes: ``time``, ``time_units`` and, if all entries have the
        same unit, ``units``.

    Raises
    ------
    ModelError
        For names that are not stocks, for conveyors and queues, and for values found by iteration, such as market
        prices.
    SimulationError
        For a state at which a derivative is infinite or undefined.

    Notes
    -----
    The eigenvalues of the matrix say how small deviations grow, decay and oscillate: N. Forrester, "Eigenvalue analysis
    of dominant feedback loops" (1983). Forward mode: A. Griewank & A. Walther, Evaluating Derivatives (2nd ed., 2008),
    chapter 3.

    Examples
    --------
    >>> import numpy as np, sdcluster
    >>> matrix = sdcluster.jacobian("my_model", {"population": 100}, time=20)  # doctest: +SKIP
    >>> float(matrix.sel(rate="population", stock="food"))  # doctest: +SKIP
    >>> np.linalg.eigvals(matrix)  # doctest: +SKIP
    """
    from sdcluster.run.simulator import Simulator

    simulator = Simulator(model, scenario, method=method, dt=dt, backend="python")
    if simulator.method not in FIXED and method is None:
        simulator = Simulator(simulator.model, scenario, method="rk4", dt=dt, backend="python")
    run = simulator.begin(settings)
    if time is not None:
        run.until(time)
    for name in state or ():
        key, _ = find_element(simulator.model, name)
        if simulator.model.variables[key].kind != "stock":
            raise ModelError(
                message("run.not_stock_state_holds", name=name),
                file=simulator.model.path,
            )
    return run.set(state).jacobian()


def jacobian_at(
    kernel: Kernel, time: float, y: Sequence[float], p: Sequence[float]
) -> xr.DataArray:
    """Return the Jacobian at the current state of a run, given the run's vectors; see `jacobian`."""
    import xarray as xr

    model = kernel.model
    try:
        derivative = kernel.jacobian
        given = np.array(y, dtype=float).tolist(), np.array(p, dtype=float).tolist()
        _, values = derivative.matrix(time, *given, native=False)
    except NotSmooth as reason:
        raise ModelError(message("run.model_no_jacobian", reason=reason), file=model.path) from None
    except (ArithmeticError, ValueError) as reason:
        raise SimulationError(
            message("run.derivatives_net_flows_cannot", time=time, reason=reason),
            time=time,
        ) from None
    labels, units = stocks_of(kernel)
    wrong = np.flatnonzero(~np.isfinite(values))
    if wrong.size:
        rate, stock = (labels[a[wrong[0]]] for a in (derivative.rows, derivative.columns))
        raise SimulationError(
            message(
                "run.derivative_net_flow_respect",
                rate=rate,
                stock=stock,
                values=values[wrong[0]],
                time=time,
            ),
            time=time,
        )
    matrix = np.zeros((len(labels), len(labels)))
    matrix[derivative.rows, derivative.columns] = values
    clock = model.time.units
    rates = [f"{unit}/{clock}" if clock else unit for unit in units]
    coordinates = {
        "rate": labels,
        "stock": labels,
        "rate_units": ("rate", rates),
        "stock_units": ("stock", units),
    }
    attributes: dict[str, Any] = {"time": time, "time_units": clock}
    if len(set(units)) == 1 and clock:
        attributes["units"] = f"1/{clock}"
    return xr.DataArray(matrix, coordinates, ("rate", "stock"), "jacobian", attributes)


def stocks_of(kernel: Kernel) -> tuple[list[str], list[str]]:
    """Return the names and the units of all stocks and their elements, in the order of the state vector `y`."""
    model, source = kernel.model, kernel.source
    names, units = [""] * source.width, [""] * source.width
    for key, place in source.states.items():
        variable = model.variables.get(key)
        if variable is not None:
            own = element_names(model, key)
        else:
            axes = [d.elements for d in kernel.program.resolver.shapes[key].dimensions]
            own = [f"{key}[{', '.join(map(model.spelled, e))}]" if e else key for e in product(*axes)]  # fmt: skip
        span = slice(place, place + source.sizes[key])
        names[span] = own
        units[span] = [variable.units or "" if variable is not None else ""] * len(own)
    return names, units
