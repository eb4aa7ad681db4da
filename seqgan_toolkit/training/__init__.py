"""Phases, the loop that runs them, and everything that a checkpoint holds."""
