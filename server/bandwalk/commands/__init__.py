"""One module for each command that is neither a show nor a clip."""
