"""What can go wrong, in words an author can act on.

::

    WriterError             the input's or the environment's fault: shown as it is
    ├── FileError           a file can't be read, written or understood
    │   └── ProjectError    a project file in particular
    │       ├── DamagedError    its bytes are not what Writer wrote
    │       ├── ForeignError    it holds something that Writer didn't make
    │       └── LockedError     it is open elsewhere
    ├── ModelError          a model is missing, damaged or refused
    ├── EngineError         a model process failed while working
    │   └── DiedError           it is gone; whoever asks next gets another one
    └── UsageError          a command or a setting that makes no sense

Anything else that is raised is Writer's own fault.
"""

from __future__ import annotations


class WriterError(Exception):
    """One sentence for the author, with the next step in it."""


class FileError(WriterError):
    """A file can't be read, written or understood."""


class ProjectError(FileError):
    """A project file can't be opened or saved."""


class DamagedError(ProjectError):
    """A project file whose bytes are not what Writer wrote; it is never written to."""


class ForeignError(ProjectError):
    """A project file that holds something Writer didn't make."""


class LockedError(ProjectError):
    """A project that is open elsewhere."""


class ModelError(WriterError):
    """A model is missing, damaged or refused."""


class EngineError(WriterError):
    """A model process failed while working."""


class DiedError(EngineError):
    """The model's process ended in the middle of its work; the next use starts it anew."""


class UsageError(WriterError):
    """A command or a setting that makes no sense."""
