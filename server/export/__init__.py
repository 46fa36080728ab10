"""A campaign's records as files for other programs and for paper."""
