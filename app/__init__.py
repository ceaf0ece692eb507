"""The app: the only package that knows all the others. `cli` is the command, `stack` wires a ward in one process."""
