from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writer import address, settings
from writer.errors import UsageError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("localhost:8080", "http://localhost:8080/v1"),
        (" http://localhost:11434/ ", "http://localhost:11434/v1"),
        ("https://models.example/api/v1/chat/completions", "https://models.example:443/api/v1"),
        ("http://localhost:8080/v1/models", "http://localhost:8080/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("HTTP://GPU-Box.local:8000/v1/", "http://gpu-box.local:8000/v1"),
        ("http://bücher.example", "http://xn--bcher-kva.example:80/v1"),
    ],
)
def test_what_an_author_types_is_understood(text: str, url: str) -> None:
    place = address.read(text)
    assert place is not None
    assert place.url == url
    assert address.read(url) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://",
        "ftp://localhost",
        "http://name:key@localhost",
        "http://localhost/v1?key=x",
        "http://a b",
        "http://x:0",
        "http://localhost:99999",
        "http://localhost/v1#x",
        "http://local\nhost",
        "http://localhost/v1\r\nX: y",
    ],
)
def test_what_is_no_address_or_has_a_key_in_it_is_refused(text: str) -> None:
    assert address.read(text) is None
    if text:
        with pytest.raises(UsageError, match="without a key"):
            settings.change(settings.Settings(), "server_url", text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    place = address.read(text)
    assert place is None or address.read(place.url) == place


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "writer.localhost"])
def test_this_computer_needs_no_notice(host: str) -> None:
    place = address.read(f"http://{host}:8080")
    assert place is not None
    assert address.notices(place, has_key=True) == []


@pytest.mark.parametrize(
    "host", ["192.168.1.5", "gpu-box.local", "localhost.example", "127.0.0.1.example", "[fe80::1]"]
)
def test_another_computer_is_told(host: str) -> None:
    place = address.read(f"https://{host}:8080")
    assert place is not None
    (sent,) = address.notices(place)
    assert host.strip("[]") in sent
    plain = address.read(f"http://{host}:8080")
    assert plain is not None
    assert "key" in address.notices(plain, has_key=True)[1]
    assert "unencrypted" in address.notices(plain)[1]
