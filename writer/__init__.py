"""Writer: a desktop writing assistant that works offline and remembers the whole book."""

__version__ = "0.1.0"
