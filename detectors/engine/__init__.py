"""The engine: readings → waves → scores → levels → findings, for thousands of series at once.

    readings ─▶ reading_indexer ─▶ waves.cut ─▶ time_advance ─▶ tables: one a detector ─▶ finding_builder ─▶ findings
                (names → numbers)  (arrays)     (ticks first)   (score, then decide)

A device that has many more readings in a batch than the others has a block in place of waves (`waves.split`): the
tables evaluate its readings along time, as long as no tick between them has an effect (`quiet_time`).

`devices` are the devices with their series, `rule_assignment` gives each the rows of its rules, and `tables`
hold these rows: their parameters, state and decision.
"""
