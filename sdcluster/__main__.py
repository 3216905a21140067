"""`python -m sdcluster` is the same as the `sdcluster` command."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line; an interrupt while it is being imported ends without a traceback, too.

    SIGTERM, which `kill`, `timeout` and job schedulers send, interrupts like Ctrl-C: no half-written file stays.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from sdcluster.cli import app
    except KeyboardInterrupt:
        print("sdcluster was stopped; nothing was written", file=sys.stderr)
        raise SystemExit(130) from None
    app(prog_name="sdcluster")


if __name__ == "__main__":
    main()
