#!/bin/sh
# Debian's mosquitto, with the configuration where eclipse-mosquitto expects it.
exec /usr/sbin/mosquitto -c /mosquitto/config/mosquitto.conf
