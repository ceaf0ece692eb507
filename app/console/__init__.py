"""What all commands share: settings and config, errors, tables, time ranges."""
