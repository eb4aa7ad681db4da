"""Metrics of tunes."""
