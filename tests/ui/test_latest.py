"""The sentence that is being written, in a place that stays as high as it is."""

import pytest

from writer.ui.latest import Latest


@pytest.mark.parametrize(
    "said", ["The lamp went out and nobody saw it. " * 20 + "Then it rained.", "灯灭了，没人看见。" * 60 + "下雨了。"]
)
def test_of_a_long_sentence_the_end_is_shown_and_nothing_jumps(qtbot, said):
    latest = Latest()
    qtbot.addWidget(latest)
    latest.resize(240, 40)
    latest.show()
    latest.show_end("He came.")
    assert latest.text() == "He came."
    high = latest.height()
    latest.show_end(said)
    assert latest.height() == high
    assert latest.text().startswith("…")
    assert said.endswith(latest.text()[1:])
    assert len(latest.text()) > 30
    shorter = latest.text()
    latest.resize(700, high)
    assert len(latest.text()) > len(shorter)
