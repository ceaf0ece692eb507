"""What tests of several packages are built with."""
