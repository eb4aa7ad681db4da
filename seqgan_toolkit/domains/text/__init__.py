"""The text domain: sentences to token sequences, and token sequences to natural sentences."""
