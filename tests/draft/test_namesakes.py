"""Nobody in a book is nearly called like another, unless its author says so."""

import pytest

from writer.draft import namesakes
from writer.draft.namesakes import Names


@pytest.mark.parametrize("new", ["Elena", "Ela", "Elna", "Elora", "Elaras"])
def test_a_name_nearly_known_is_found_and_its_plural_is_none(new: str):
    text = f"Then the sailor spoke to {new} of it. "
    found = [text[start:end] for start, end in Names(["He spoke to Elara."]).nearly(text)]
    assert found == ([] if new == "Elaras" else [new])


@pytest.mark.parametrize(
    "text", ["She told Jonas of it. ", "He left on Thursday. ", "She saw Elara go. ", "She told Ele"]
)
def test_other_names_days_and_known_ones_may_stand(text: str):
    assert Names(["He saw Elara on Tuesday."]).nearly(text) == []


def test_two_that_the_author_planned_are_two():
    assert Names(told="Elena is the sister of Elara.").nearly("He spoke to Elena and to Elara. ") == []


def test_a_word_that_begins_a_planned_sentence_is_no_name():
    planned = Names(told="The keeper waits for Elara. Then she rows. But nobody comes.")
    assert planned.nearly("He spoke to Theo and to Bud of it. ") == []
    assert planned.nearly("He spoke to Elena of it. ") != []


def test_a_name_is_known_once_the_book_or_the_text_before_has_it():
    names = Names(["He saw Elara."])
    assert names.nearly("He spoke to Elena. ", before="It was Elena, and Elena came, so Elena it was.") == []
    names.add("That was Elena.")
    assert names.nearly("He spoke to Elena. ") == []


def test_a_passage_that_grows_is_not_compared_with_the_whole_book_at_each_token(monkeypatch: pytest.MonkeyPatch):
    compared = []
    monkeypatch.setattr(namesakes, "_is_near", lambda name, other: compared.append(name) is not None)
    names = Names(["He saw Elara and Jonas."])
    for _token in range(3):
        names.nearly("Then the sailor spoke. ")
    assert compared == ["Then", "Then"]


def test_what_was_near_nothing_is_near_a_name_that_came_since():
    names = Names(["He saw Jonas."])
    assert names.nearly("He spoke to Elena. ") == []
    names.add("He saw Elara.")
    assert names.nearly("He spoke to Elena. ") == [(12, 17)]
