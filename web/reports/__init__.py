"""Reports: what a shift hands over to the next one, and the alarm load of a week; for pages, the API and mails."""
