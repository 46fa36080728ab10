"""One file a step; steps are never changed once released."""
