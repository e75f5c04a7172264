"""A copy of the built site that needs no server: `make build OFFLINE=1`.

copy        the pages, their links, and what a folder can't have
bundle.mjs  the site's modules as one plain script
entry.js    what stands in there for what browsers refuse to a page from a folder
"""
