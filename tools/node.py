"""Run a script by the Node.js of requirements.txt."""

import json
import subprocess
import sys
from pathlib import Path

NODE = Path(sys.executable).with_name("node")


def run_node(script: Path, data: object, *arguments: Path) -> str:
    """What a script prints for some data, which it reads as JSON.

    Raises OSError where there is no Node, CalledProcessError where the script fails.
    """
    return subprocess.run(
        [NODE, script, *arguments],
        input=json.dumps(data),
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ).stdout
