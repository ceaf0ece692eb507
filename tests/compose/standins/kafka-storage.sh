#!/bin/sh
# As the script of that name in Apache Kafka's archive, on the jars of Maven Central.
exec java -Xmx128m -cp '/opt/kafka/libs/*' kafka.tools.StorageTool "$@"
