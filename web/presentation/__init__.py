"""Schemas of the API made from the read model and the board. Instants become RFC 3339 here, and nowhere earlier."""
