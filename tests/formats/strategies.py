"""Books at random, rich in what formats take for their own marks."""

from hypothesis import strategies as st

from writer.formats.book import Book
from writer.story import Section
from writer.text import clean

lines = st.text(st.sampled_from(list("ab 1.#=-~^\"'>*_&;\\[]潮，\u3000\t😀")), max_size=8) | st.text().map(
    lambda line: clean(line).replace("\n", "")
)
headings = lines.map(lambda line: " ".join(line.split()))
_typical = st.sampled_from(
    ["", "---", " ===", "***", "Chapter 1", "第一章", "1986. A year", "- said", "    in", "&#65;"]
)
prose = st.lists(lines | _typical, max_size=6).map("\n".join)
books = st.builds(
    Book,
    headings.filter(bool),
    st.lists(st.builds(Section, st.integers(0, 5), headings, prose), max_size=5).map(tuple),
)
