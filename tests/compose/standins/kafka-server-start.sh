#!/bin/sh
# As the script of that name in Apache Kafka's archive, on the jars of Maven Central.
exec java ${KAFKA_HEAP_OPTS:--Xmx1g} -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*' kafka.Kafka "$@"
