"""The stages joined, without threads of a show."""
