"""The commands about the author's own server: its key, and what the author is told of it."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from writer.cli.output import Output
from writer.errors import UsageError
from writer.i18n import _

if TYPE_CHECKING:
    from writer.settings import Settings


def key(args: argparse.Namespace, out: Output) -> None:
    """Ask for the key to the server in the settings and keep it, or forget it."""
    from writer import address, secret, settings

    place = address.read(settings.load(notice=lambda sentence: None).server_url)
    if place is None:
        raise UsageError(_("Say first where your server is: “writer settings set server_url ADDRESS”."))
    if args.forget:
        secret.forget(place.origin)
        out.say(_("The key for {address} is forgotten.").format(address=place.origin))
        out.done(server=place.origin, kept=False)
        return
    kept = secret.keep(place.origin, _typed(place.origin))
    if kept:
        out.say(_("The key for {address} is in the system's keyring.").format(address=place.origin))
    else:
        out.note(
            _("There is no keyring here to keep the key in; set {variable} where you start Writer.").format(
                variable=secret.VARIABLE
            )
        )
    tell(settings.load(notice=lambda sentence: None), out)
    out.done(server=place.origin, kept=kept)


def tell(chosen: Settings, out: Output) -> None:
    """Say what it means for the text that the server is where it is."""
    from writer import address, secret

    place = address.read(chosen.server_url)
    if place is None or place.is_here:
        return
    for sentence in address.notices(place, has_key=bool(secret.read(place.origin))):
        out.record({"notice": sentence}, sentence)


def _typed(server: str) -> str:
    """The key as typed without being shown, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return getpass.getpass(_("Key for {address}: ").format(address=server))
    return sys.stdin.readline()
