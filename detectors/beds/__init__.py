"""Rules about the patient in a bed, whatever devices stand there.

    readings ─▶ devices' engine ─▶ bed_forward: values that such rules need ─▶ log: bed-readings
                                                                                     │ by patient, or bed
    findings, scores ◀─ beds' engine ◀─ source_choice: one device for each signal ◀──┘

A patient, or a bed without a known patient, is for the second engine what a device is for the first: the same waves,
tables, checkpoints and ticks. So devices of one bed may be in different partitions, evaluated by different processes.
"""
