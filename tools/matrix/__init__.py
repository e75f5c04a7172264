"""The matrix: the snippets of the pages, run in the versions and backends that readers have.

environments  the table of them, and how each is made
own           the reader's own: an environment that exists, or one made for a version
jobs          which snippets are run there, and as which code
run           `make matrix`: runs an environment, keeps its record
record        what an environment showed where it parts from the page, kept as YAML
form          whether a difference is one of form or of substance
notes         what the site shows of the records: a note under each snippet, words for the paste box
versions      the tables of the compatibility page, with a column for each environment
plugin        `pytest --keras PYTHON`: the pages on the reader's own Keras
nightly       `make nightly`: what drifts on what comes next, as the text of an issue
"""
