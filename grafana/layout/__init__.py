"""What all dashboards have in common: grid, links, refresh, template variables and annotations."""
