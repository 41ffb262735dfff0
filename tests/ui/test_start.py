from contextlib import closing
from dataclasses import replace

from writer.settings import Settings
from writer.ui.start import Early

ECHO = Settings(language="en", engine="echo")


def test_the_model_that_is_wanted_is_the_one_that_loads_already():
    with closing(Early(ECHO)) as early:
        begun = early._engine
        assert begun is not None
        assert early.open(replace(ECHO, pause_ms=7)) is begun
        assert early.open(ECHO) is not begun


def test_another_one_takes_its_place():
    with closing(Early(ECHO)) as early:
        begun = early._engine
        with closing(early.open(replace(ECHO, budget=512))) as opened:
            assert opened is not begun
        assert early._engine is None


def test_nothing_loads_before_it_is_known_what():
    for settings in (Settings(engine="echo"), replace(ECHO, suggestions=False), replace(ECHO, engine="no such")):
        assert Early(settings)._engine is None
