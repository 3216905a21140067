"""Measures of a run, such as its peaks, crossings and growth."""
