"""Images, read row by row."""
