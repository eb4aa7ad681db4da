"""Metrics of sequences of frames, of whatever domain."""
