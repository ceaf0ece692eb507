"""Tables and pages of docs/ that are made from code; each module writes its page anew when it is run."""
