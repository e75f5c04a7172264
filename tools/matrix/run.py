"""Run the pages in each environment of the matrix, and keep what parts from them.

`python -m matrix.run [SLUG ...]`. What a record has of the same versions isn't run again.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from matrix.environments import ROOT, Environment, NotMade, environments, make
from matrix.form import is_chatter
from matrix.jobs import digest, job_in, pages, runs_in
from matrix.record import Part, Record, named, part_of, path_of, read_record
from proof.page import Page, Snippet
from proof.protocol import Result
from proof.prove import job_of
from proof.results import ResultCache
from proof.runner import Runner, SnippetStopped, shared_runner

WORKERS = 2
LIMIT = 120.0  # seconds for a snippet
_ONE_AT_A_TIME = Lock()
_OWN_CODE = re.compile(
    r"WARNING:tensorflow:From \S*/site-packages/.*\n(?:Instructions .*\n.*\n)?\n*"
)
_PLACES = re.compile(r"[^\s('\"]*/site-packages/")  # where an environment stands
_FRAMES = re.compile(r"(Detected at node .*\n)(?: {6,}.*\n)+")  # TensorFlow's, before 2.15


def main(slugs: list[str]) -> int:
    """Run those that are named, or all; return 1 where one could not be made."""
    known = {one.slug: one for one in environments()}
    if unknown := set(slugs) - known.keys():
        print(f"{', '.join(sorted(unknown))}: no such environment; there are: {', '.join(known)}")
        return 2
    missing = []
    for environment in known.values():
        if slugs and environment.slug not in slugs:
            continue
        try:
            run(environment, path_of(environment))
        except (NotMade, SnippetStopped, ValueError) as error:
            print(f"\n{environment.name}: NOT RUN: {error}")
            missing.append(environment.name)
    if missing:
        print(f"Not run: {', '.join(missing)}")
    return bool(missing)


def run(environment: Environment, path: Path) -> Record:
    """Run all snippets of an environment that its record at `path` doesn't have, and keep it.

    Raises NotMade and SnippetStopped where the environment or its worker can't be had, ValueError
    for a file that is no record.
    """
    python = make(environment)
    runners = [environment.runner(python) for _ in range(WORKERS)]
    free: SimpleQueue[Runner] = SimpleQueue()
    for runner in runners:
        runner.start()
        free.put(runner)
    try:
        runners[0].wait_until_ready()
        record = _record_for(environment, path, runners[0].versions)

        def part(job: tuple[Page, Snippet]) -> Part | None:
            runner = free.get()
            try:
                return run_snippet(*job, runner, environment.package)
            finally:
                free.put(runner)

        todo = _jobs(environment)
        total, done = sum(len(snippets) for _, snippets in todo), 0
        with ThreadPoolExecutor(WORKERS) as threads:
            for page, snippets in todo:
                name = str(page.path)
                before, digests = record.ran.get(name, []), [digest(page, one) for one in snippets]
                pairs = zip(snippets, digests, strict=True)
                new = [(page, one) for one, key in pairs if key not in before]
                found = [one for one in threads.map(part, new) if one]
                gone = set(before) - set(digests)
                record.parts = [
                    one for one in record.parts if one.page != name or one.snippet not in gone
                ] + found
                record.ran[name] = digests
                done += len(snippets)
                if new:
                    record.date = date.today().isoformat()
                    record.write(path)
                print(
                    f"\r{environment.name}: {done} of {total} snippets, "
                    f"{len(record.parts)} part from their page",
                    end="",
                    flush=True,
                )
        names = {str(page.path) for page, _ in todo}
        record.ran = {page: ran for page, ran in record.ran.items() if page in names}
        record.parts = [one for one in record.parts if one.page in names]
        record.write(path)
        print()
        return record
    finally:
        for runner in runners:
            runner.stop()


def run_snippet(page: Page, snippet: Snippet, runner: Runner, package: str) -> Part | None:
    """Run a snippet by a worker whose Keras is in `package`; None where it agrees."""
    job = job_in(page, snippet, package)
    try:
        result = runner.run(job, LIMIT)
    except SnippetStopped as stopped:
        return Part(*named(page, snippet), stopped=str(stopped))
    part = part_of(page, snippet, cleaned(result))
    if part and part.output is not None and result.raised_at:
        here = for_the_page(page, snippet).raised_at
        if here and here != result.raised_at:
            return replace(part, raised_at=(result.raised_at, here))
    return part


def cleaned(result: Result) -> Result:
    """A result without what an environment says of its own files.

    A row that shows nothing but what libraries log has its answer.
    """
    texts = {key: _clean(text) for key, text in result.failures.items()}
    failures = {key: text for key, text in texts.items() if not is_chatter(text)}
    return replace(result, output=_clean(result.output), failures=failures)


def _clean(text: str) -> str:
    text = _OWN_CODE.sub("", text)
    return _FRAMES.sub(r"\1", _PLACES.sub("", text))


def for_the_page(page: Page, snippet: Snippet) -> Result:
    """What a snippet shows in the Keras whose outputs are on the pages."""
    with _ONE_AT_A_TIME:
        return _results().run(job_of(page, snippet))


@cache
def _results() -> ResultCache:
    return ResultCache(shared_runner(), ROOT / ".cache" / "results")


def _jobs(environment: Environment) -> list[tuple[Page, list[Snippet]]]:
    return [
        (page, [one for one in page.snippets if runs_in(one, environment)])
        for page in pages(ROOT / "docs")
    ]


def _record_for(environment: Environment, path: Path, versions: dict[str, str]) -> Record:
    """The environment's record so far, or a new one where it is of other versions."""
    if path.exists():
        record = read_record(path)
        if record.versions == versions:
            return record
    return Record(environment.name, versions, date.today().isoformat())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
