"""Migrations, shipped with the package; :meth:`models.database.Database.migrate` runs them."""
