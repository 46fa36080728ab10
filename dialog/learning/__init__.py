"""Learning what phrases mean: features, training, and the classifiers that come of it."""
