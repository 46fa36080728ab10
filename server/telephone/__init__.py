"""The telephone: calls dialled, answered, held and put away."""
