"""Serves an SQLite file with Datasette, without the log of requests that its own
command always writes: python serve.py RECORD.db METADATA.json PORT"""

import json
import sys

import uvicorn
from datasette.app import Datasette

if __name__ == "__main__":
    name, metadata, port = sys.argv[1:]
    with open(metadata, encoding="utf-8") as f:
        app = Datasette(immutables=[name], metadata=json.load(f)).app()
    uvicorn.run(app, host="127.0.0.1", port=int(port), access_log=False, log_level="error")
