"""Sound and lines: carriers, recognisers, voices and turn-taking."""
