"""Constant payments: future value, present value, payment per period (Stella's financial builtins)."""

# mypy: disallow-untyped-defs = False, check-untyped-defs = False

from math import pow as power

from sdcluster.kernel.library.base import NAN, jit

# ---- copied from here


@jit
def payments_worth(rate, periods):
    """Return the future value of payments of 1 at the end of each of `periods` periods."""
    return periods if rate == 0.0 else (power(1.0 + rate, periods) - 1.0) / rate


@jit
def future_value(rate, periods, payment, present):
    """Return FV from the equation present (1 + rate)^n + payment ((1 + rate)^n - 1) / rate + FV = 0.

    n is the number of `periods`.
    """
    return -present * power(1.0 + rate, periods) - payment * payments_worth(rate, periods)


@jit
def present_value(rate, periods, payment, future):
    """Return the present value, from the equation in `future_value`."""
    growth = power(1.0 + rate, periods)
    return -(future + payment * payments_worth(rate, periods)) / growth if growth > 0.0 else NAN


@jit
def payment_of(rate, periods, present, future):
    """Return the payment per period, from the equation in `future_value`."""
    worth_of_one = payments_worth(rate, periods)
    if worth_of_one == 0.0:
        return NAN
    return -(present * power(1.0 + rate, periods) + future) / worth_of_one
