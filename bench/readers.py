"""What the trials of weblog share: the program they try, and the Python that has the other readers."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
WORK = Path(os.environ.get("WEBLOG_BENCH_DIR") or Path.home() / ".cache/weblog-bench").absolute()
PACKAGES = ["pyarrow", "polars", "deltalake", "duckdb", "duckdb-cli", "chdb"]


def arguments(doc):
    """A parser of arguments that has --weblog."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    target = Path(os.environ.get("CARGO_TARGET_DIR") or BENCH.parent / "target")
    parser.add_argument("--weblog", type=Path, default=target / "release/weblog", help="the program")
    return parser


def enter(script):
    """Goes on in the environment of bench/peers, which may have been there before, with the readers installed."""
    python = WORK / "venv/bin/python"
    if not (python.exists() and os.path.samefile(sys.prefix, WORK / "venv")):
        install(python)
        os.execv(python, [str(python), script, *sys.argv[1:]])


def program(args):
    """The program to try."""
    if not os.access(args.weblog, os.X_OK):
        name = Path(sys.argv[0]).name
        sys.exit(f"{name}: no program at {args.weblog}: `cargo build --release`, or name it with --weblog")
    return args.weblog.absolute()


def install(python):
    if not python.exists():
        print(f"installing {', '.join(PACKAGES)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", python.parent.parent], check=True)
    ask = [python, "-c", "import importlib.metadata as m, sys; [m.version(name) for name in sys.argv[1:]]"]
    if subprocess.run([*ask, *PACKAGES], stderr=subprocess.DEVNULL).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
