"""The pages: HTML without data, which the modules in `static/js` fill from the API."""
