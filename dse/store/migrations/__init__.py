"""How a store's tables came to be, version by version; `dse.store.upgrade` runs what is missing."""
