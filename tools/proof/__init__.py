"""The proof: page → snippets → run → compare → report.

page            reads a Markdown page strictly: snippets, outputs, tables, prose
fences          its fenced blocks
generations     its tabs, and in which Keras a snippet is run
outputs         which block is the output of which snippet
tables          its tables: those that are run, and the words of the others
sections        what stands under which heading, or in which question
shape_comments  what a shape comment says, and what a value answers
protocol        what is sent to the worker, and what it answers
program         runs a snippet, and says what a reader sees of it
worker          the process that runs snippets, each in a fork
runner          starts the worker, hands it snippets, stops it
results         keeps what snippets showed, within a run and between runs
installed       what is installed, as a digest: what is kept depends on it
compare         the differences between a page and a result, and the edits that accept them
prose           what the sentences of a page state, and whether what is run says the same
evidence        what was run near a sentence
stated_numbers  its shapes and counts
named_shapes    its shapes and formulas in names
names           its names, and the values of arguments
known_names     the names that exist: run by the worker, like a snippet
claims          its quotes, and what it says of Keras 2 or Keras 3
entries         the causes and fixes of an error
rendered        the code that a reader sees, against what was run
prove           all of it, for one page
plugin          the pytest side: collects pages, reports, updates
watch           proves a page again when it is saved
docs_folder     what may stand in docs/
scripts         reads an example as a notebook with the same statements as the program
notebooks       executes the examples, and keeps what they showed
figures         the figures, from shapes that Keras reports
drawing         how they are drawn
error_index     the index of the paste box, from what the pages show
"""
