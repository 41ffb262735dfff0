"""What of a sentence no source has."""

from __future__ import annotations

from dataclasses import dataclass

from writer.i18n import _

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Flag:
    """A number, name or quotation that no source has, from ``start`` up to but not including ``end``."""

    kind: str
    """What it is.

    Number, name, quotation, words (a source has them, but nobody says them there), speaker (others do there) or report
    (in other words somebody is told to have said what no source has).
    """
    start: int
    end: int
    text: str

    @property
    def why(self) -> str:
        """What is wrong, in a sentence for the author."""
        said = {
            "number": _("No source has the number “{text}”; check it, or add its source to the notes."),
            "name": _("No source has the name “{text}”; check it, or add its source to the notes."),
            "quotation": _("No source has the quotation “{text}”; take it out, or add its source to the notes."),
            "words": _("A source says “{text}” but quotes nobody; take the quotation marks out, or set them there."),
            "report": _(
                "No source has what is told here (“{text}”); check who said it, or add its source to the notes."
            ),
            "speaker": _("No source lets “{text}” say this; look up who did."),
        }
        text = self.text if len(self.text) <= _SHOWN else self.text[:_SHOWN].rstrip() + "…"
        return said[self.kind].format(text=text)
