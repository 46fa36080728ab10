"""What was meant and what to say next: interpretation, policy, wording, conversation."""
