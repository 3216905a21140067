"""Numbers of a run: what a trajectory does, and when."""
