"""The engine: readings → columns → waves → scores → decisions → findings, for thousands of series at once.

    log: readings ─▶ worker ─▶ columns ─▶ engine ─▶ bank (one a detector) ─▶ decide ─▶ findings ─▶ log: findings
                        └────────────── checkpoint ◀── rows of all banks ──▶ log: detector-state

`base` is what a detector is; `bank` holds the rows of one detector, a row being one rule on one
series; `decide` turns scores into levels and is the same for all; `checkpoint` keeps rows with the
offset they belong to.
"""
