"""Checks are in `sdcluster.checks`."""
