from __future__ import annotations

import os
import stat
from pathlib import Path

import psutil
import pytest

from writer import models
from writer.engines import EngineSpec
from writer.engines.llamaserver import LlamaServer
from writer.errors import EngineError, ModelError


@pytest.mark.model
@pytest.mark.skipif(os.name != "posix", reason="a guarded port elsewhere")
def test_no_port_is_opened_and_the_socket_is_private() -> None:
    before = {connection.laddr for connection in psutil.Process().net_connections("inet")}
    spec = EngineSpec("llamacpp", str(models.find("smollm2-135m")), "smollm2-135m", 512, threads=1)
    server = LlamaServer(spec, slots=1, batch=256)
    try:
        assert {connection.laddr for connection in psutil.Process().net_connections("inet")} == before
        folder = server._address.folder
        assert folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with pytest.raises(EngineError, match="could not continue"):
            server.post("/nowhere", {})
    finally:
        server.close()
    assert not folder.exists()


def test_sockets_of_killed_processes_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "writer-999999999-x").mkdir()
    (tmp_path / f"writer-{os.getpid()}-x").mkdir()
    with pytest.raises(ModelError):
        LlamaServer(EngineSpec("llamacpp", str(tmp_path / "none.gguf"), "none"), slots=1, batch=256)
    assert [path.name for path in tmp_path.iterdir()] == [f"writer-{os.getpid()}-x"]
