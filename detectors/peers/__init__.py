"""One device against all devices of its kind, in its ward or everywhere, whichever workers evaluate them.

    readings ─▶ devices' engine ─▶ cohort_forward: the mean of each window ─▶ log: bed-readings
                                                                                   │ by cohort
    findings about single devices ◀─ comparison, when all means have come ◀── beds' engine

A cohort is for the second engine what a patient is: a device, whose signals are its members. So the state of a cohort
is one record, and its members may be in any partition of the readings.
"""
