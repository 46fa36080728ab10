"""Carriers: who connects us with telephones, one file or two each."""
