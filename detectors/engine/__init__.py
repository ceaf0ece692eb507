"""The engine: readings → waves → scores → levels → findings, for thousands of series at once.

    readings ─▶ reading_indexer ─▶ waves.cut ─▶ time_advance ─▶ tables: one a detector ─▶ finding_builder ─▶ findings
                (names → numbers)  (arrays)     (ticks first)   (score, then decide)

`devices` are the devices with their series, `rule_assignment` gives each the rows of its rules, and `tables`
hold these rows: their parameters, state and decision.
"""
