"""Folds of the log into what screens show, and the shapes made from them."""
