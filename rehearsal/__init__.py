"""The machine without a broker, and `andon rehearse`: a file of events played through it, and what was to be expected."""
