"""Tables and pages of docs/ that are generated from code; each module writes its page when it is run."""
