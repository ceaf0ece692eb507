"""A scene on its own port, with running time, for the browser tests."""

import threading
from collections.abc import Callable
from types import TracebackType

from tests.web.scene import Scene
from web.server import Server, bind

_STEP = 0.25


class Stage:
    """Serves a scene while it is open. `script` is called every quarter of a second, before the log is read."""

    def __init__(self, scene: Scene, script: Callable[[], None] = lambda: None) -> None:
        self.scene = scene
        self.script = script
        self.following = True
        self._socket = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = Server(scene.app, self._socket)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stage")

    def __enter__(self) -> "Stage":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._end.set()
        self._thread.join()

    def kill(self) -> None:
        """Stop the server at once."""
        self._server.close()
        self._socket.close()

    def _run(self) -> None:
        while not self._end.wait(_STEP):
            self.scene.clock.advance(_STEP)
            self.script()
            if self.following:
                self.scene.settle()
