"""The only package that imports all the others. `cli` is the command; `runtime.standalone` runs all programs in one
process."""
