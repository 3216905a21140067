"""`python -m sdcluster` is the same as the `sdcluster` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; an interrupt while it is being imported ends without a traceback, too."""
    try:
        from sdcluster.cli import app
    except KeyboardInterrupt:
        print("sdcluster was stopped; nothing was written", file=sys.stderr)
        raise SystemExit(130) from None
    app(prog_name="sdcluster")


if __name__ == "__main__":
    main()
