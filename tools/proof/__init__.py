"""The proof engine: page → snippets → run → compare → report.

page     reads a Markdown page strictly: its snippets, outputs, tables, prose
claims   what a shape comment or a table cell says, and what a value answers
worker   the process that runs snippets, with Keras imported once
runner   starts the worker, hands it snippets, stops the endless ones
plugin   the pytest side: collects pages, compares, reports, updates
census   reads the built site back and compares it with the pages
notebooks examples as executed notebooks, and which of them to execute anew
cells    runs them, each in a fork of a process that has imported TensorFlow
figures  the drawings, from shapes that Keras reported
"""
