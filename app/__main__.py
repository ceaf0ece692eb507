"""`python -m app`: the command, where no script is installed."""

from app.cli import main

main(prog_name="wardwatch")
