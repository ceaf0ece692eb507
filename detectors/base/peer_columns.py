"""What is kept of one member of a cohort, for the comparison with the others."""

import numpy as np

from detectors.base.columns import Columns

# By how much of its length before or after its end, by the bridge's clock, the reading may come that ends a window: a
# device whose clock differs by more is not compared, and nobody waits longer for it.
GRACE = 0.25
# How many windows a comparison looks at, and how many more are kept: so many may be late, and it is the same.
COMPARED, LATE_WINDOWS = 24, 8
# The means of the newest windows, the newest first; the number of that window since 1970, and of the newest one that
# was compared; the own offset; the spread of all differences; how many windows there were of those compared; how many
# members can be compared, and with how many others it was; and how far away it was from these, NaN for not compared.
PEER_COLUMNS = Columns(
    means=(np.nan, COMPARED + LATE_WINDOWS), newest=np.nan, closed=np.nan, offset=np.nan, spread=np.nan, windows=np.nan,
    members=np.nan, others=np.nan, away=np.nan,
)  # fmt: skip
