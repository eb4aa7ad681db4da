"""Metrics of sentences and other tokens."""
