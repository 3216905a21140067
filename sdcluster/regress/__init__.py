"""Regression: baselines, behaviour assertions, and the report on both."""
