"""What people see, and what wires everything together."""
