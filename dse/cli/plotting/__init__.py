"""`dse plot KIND`: pictures of what a store, a space or a model holds."""
