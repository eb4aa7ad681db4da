"""Free running: what turns a generator and a stream of random numbers into sequences."""
