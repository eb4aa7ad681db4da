"""Sources and their checksums, the corpus on disk, and the resumable loader."""
