"""Readers and writers of questionnaires: YAML and XLSForm."""
