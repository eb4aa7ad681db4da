"""Metrics of sound, by its waveforms."""
