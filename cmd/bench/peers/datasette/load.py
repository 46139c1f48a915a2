"""Writes the lines of "scvotes export --format ndjson" into an SQLite file for
Datasette: python load.py RECORD.ndjson RECORD.db"""

import json
import sqlite3
import sys

TEXTS = ["id", "draft", "resolution", "meeting", "date", "title", "agenda_item", "outcome", "reason"]
NUMBERS = ["yes", "no", "abstain", "not_voting", "members", "required"]
VOTE = ["code", "name", "permanent", "position", "veto"]


def insert(table, columns):
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def main(lines, name):
    db = sqlite3.connect(name)
    db.execute(f"CREATE TABLE resolutions (id TEXT PRIMARY KEY, {', '.join(c + ' TEXT' for c in TEXTS[1:])}, "
               f"{', '.join(c + ' INTEGER' for c in NUMBERS)})")
    db.execute("CREATE TABLE votes (resolution_id TEXT NOT NULL REFERENCES resolutions (id), code TEXT, name TEXT, "
               "permanent INTEGER, position TEXT, veto INTEGER)")
    for line in lines:
        r = json.loads(line)
        tally = r["tally"] or {}
        db.execute(insert("resolutions", TEXTS + NUMBERS), [r[c] for c in TEXTS] + [tally.get(c) for c in NUMBERS])
        db.executemany(insert("votes", ["resolution_id"] + VOTE), [[r["id"]] + [v[c] for c in VOTE] for v in r["votes"]])
    db.execute("CREATE INDEX votes_by_resolution ON votes (resolution_id)")
    db.commit()
    db.execute("ANALYZE")
    db.execute("VACUUM")
    db.close()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as lines:
        main(lines, sys.argv[2])
