"""The search: what its index holds, and how well it finds.

index          the sections of the built site, and what people ask that they answer
compile.mjs    from them, the file that a reader's browser loads
measure        asks the questions, each without its own wording in the index: `make search`
questions.csv  what people asked, in full and in short, and the pages that answer it
queries.csv    how else people might ask for a section

What runs in the browser is in docs/assets/search/.
"""
