"""Apache Kafka 4.1: one process that is broker and controller (KRaft)."""

import contextlib
import subprocess
from collections.abc import Sequence

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.engines.engine import Engine, free_port
from tests.engines.install import KAFKA_JARS, program

_CONFIG = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
num.partitions=4
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.backoff.ms=1000
# After kill -9 the controller waits this long before it accepts the same broker again.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
"""


class Kafka(Engine):
    """The jars of `pom.xml` on the machine's Java, with a heap that leaves room for the others."""

    name = "kafka"

    def prepare(self) -> None:
        self._controller = free_port()
        text = _CONFIG.format(port=self.port, controller=self._controller, folder=self.folder)
        (self.folder / "server.properties").write_text(text)
        formatted = subprocess.run(
            [*self._java("kafka.tools.StorageTool"), "format", "-t", "d2FyZHdhdGNoLXRlc3RzMQ", "-c", self._properties],
            capture_output=True,
            text=True,
        )
        assert formatted.returncode == 0, formatted.stderr[-2000:]

    @property
    def _properties(self) -> str:
        return str(self.folder / "server.properties")

    def _java(self, main: str) -> list[str]:
        return [
            program("java") or "java", "-Xmx768m", "-Xms256m", "-XX:+UseG1GC",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{KAFKA_JARS}/*", main,
        ]  # fmt: skip

    @property
    def url(self) -> str:
        return f"kafka://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        return [*self._java("kafka.Kafka"), self._properties]

    def ready(self) -> bool:
        if not super().ready():
            return False
        admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{self.port}", "log_level": 0})
        with contextlib.suppress(KafkaException):
            return bool(admin.list_topics(timeout=2).brokers)
        return False
