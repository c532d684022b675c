"""How a store's tables came to be, by version; `dse.store.opening.upgrade` runs what is missing."""
