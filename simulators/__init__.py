"""The simulators: patients, devices and their faults."""
