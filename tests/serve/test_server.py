"""The server answers only this machine's browser, only GETs of its own paths, and a socket that knows its token."""

from __future__ import annotations

import http.client

import pytest

from tests.served import Server


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(server.host, timeout=60)
    connection.request(method, path, headers=headers)
    return connection.getresponse()


SOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def test_a_page_is_answered_and_may_be_framed_by_ours_alone(server):
    answer = ask(server, "/lab/population.mdl/")
    assert answer.status == 200
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Server" not in answer.headers
    assert b'id="server"' in answer.read()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_other_hosts_and_origins_are_refused(server, headers):
    assert ask(server, "/lab/population.mdl/", **headers).status == 403
    assert ask(server, "/live/population.mdl", **SOCKET, **headers).status == 403


def test_a_socket_without_the_token_is_closed(server):
    answer = ask(
        server, "/live/population.mdl?token=wrong", **SOCKET, Origin=f"http://{server.host}"
    )
    assert answer.status == 101
    frame = answer.fp.read(4)
    assert frame[0] == 0x88  # close
    assert int.from_bytes(frame[2:4], "big") == 4001


def test_a_socket_without_an_origin_is_not_opened_by_a_page(server):
    assert ask(server, "/live/population.mdl?token=wrong").status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_nothing_but_get_is_answered(server, method):
    assert ask(server, "/lab/population.mdl/", method).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/lab/../../etc/passwd/",
        "/lab/%2e%2e%2f%2e%2e%2fetc%2fpasswd/",
        "/lab/other.mdl/",
        "/lab/",
        "/x",
    ],
)
def test_other_paths_are_not_found(server, path):
    assert ask(server, path).status == 404
