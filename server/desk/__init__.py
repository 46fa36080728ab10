"""The frame that all desks stand in: who may enter, what they see around their work."""
