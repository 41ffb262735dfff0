"""Which models exist, which are on this computer, how to get the rest, and which engine serves one.

Nothing here imports an engine's library: the window asks these questions before it has drawn itself.

============  ==================================================================
`catalogue`   the models that Writer offers by name
`shelf`       the models folder, and what Writer itself put into it
`gguf`        what a GGUF file says of itself
`facts`       what can be told of a model on the disk: kind, context, memory
`check`       refusing what is no model or could do harm
`hardware`    what this computer has
`fit`         which models it can run, and which one suits it
`found`       the models that other programs keep here
`hub`         one file of the Hugging Face hub, resumed and checked
`wheels`      files inside PyPI's wheels
`fetch`       getting a model of the catalogue
`choice`      which model is meant, and which engine serves it
`adding`      models of the author's own; taking models away
`trial`       a model tried on this computer
============  ==================================================================
"""

from writer.models.adding import Removal, add, removal, remove
from writer.models.catalogue import Model, catalogue, default, known
from writer.models.check import PICKLES, check
from writer.models.choice import ENGINES, ROOM_TO_WRITE, find, label, open_engine, spec
from writer.models.facts import Facts, facts
from writer.models.fetch import Progress, get, part_of
from writer.models.fit import Fit, Recommendation, fit, gigabytes, recommend
from writer.models.found import ROOM_TOKENS, Found, describe, found
from writer.models.hardware import Hardware, detect, has_gpu
from writer.models.shelf import folder, installed
from writer.models.trial import Trial, Trying, try_out

__all__ = [
    "ENGINES",
    "PICKLES",
    "ROOM_TOKENS",
    "ROOM_TO_WRITE",
    "Facts",
    "Fit",
    "Found",
    "Hardware",
    "Model",
    "Progress",
    "Recommendation",
    "Removal",
    "Trial",
    "Trying",
    "add",
    "catalogue",
    "check",
    "default",
    "describe",
    "detect",
    "facts",
    "find",
    "fit",
    "folder",
    "found",
    "get",
    "gigabytes",
    "has_gpu",
    "installed",
    "known",
    "label",
    "open_engine",
    "part_of",
    "recommend",
    "removal",
    "remove",
    "spec",
    "try_out",
]
