"""Metrics of series of numbers."""
