"""Tunes as events: what a MIDI file holds."""
