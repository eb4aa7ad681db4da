"""Text, audio and rows: raw data to sequences, and sequences back to what people read, hear or see."""
