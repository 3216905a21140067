"""Make ``python -m sdcluster`` run the ``sdcluster`` command."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line; an interrupt during imports exits without a traceback too.

    SIGTERM, sent by `kill`, `timeout` and job schedulers, is handled like Ctrl-C, so that no partial file remains.
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
