"""Charts drawn as SVG on the server: each has a sentence and a table beside it."""
