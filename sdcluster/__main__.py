"""`python -m sdcluster` is the same as the `sdcluster` command."""

from sdcluster.cli import app

app(prog_name="sdcluster")
