"""Pure functions of sequences and features; each knows its name, its version and its direction."""
