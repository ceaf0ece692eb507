"""How problems in heartbeats begin that other programs treat in a way of their own."""

DISK_FULL = "the disk is full"
DETECTORS_BEHIND = "detectors are behind"
SCORES_BEHIND = "scores of patients are behind"  # rules about devices go on
