"""The pages: a frame of HTML each, which the modules in `static/js` fill from the API."""
