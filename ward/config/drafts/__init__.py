"""Rules in the making."""
