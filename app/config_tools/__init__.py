"""Reads a config directory for people: every fault, and which limits hold for one device."""
