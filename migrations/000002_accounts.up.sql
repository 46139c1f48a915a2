-- What sources say, kept as they say it.

CREATE TABLE revisions (
    number    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    committed timestamptz NOT NULL DEFAULT now(),
    summary   text NOT NULL
);
COMMENT ON TABLE revisions IS 'one row for each committed change to the record';

CREATE TABLE sources (
    id      integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name    text NOT NULL CHECK (name <> ''),
    edition text NOT NULL,
    format  text NOT NULL,
    UNIQUE (name, edition, format)
);

CREATE TABLE imports (
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    source_id     integer NOT NULL REFERENCES sources (id),
    file          text NOT NULL,
    sha256        text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    at            timestamptz NOT NULL DEFAULT now(),
    rows          bigint NOT NULL,
    rows_landed   bigint NOT NULL,
    rows_refused  bigint NOT NULL,
    accounts      bigint NOT NULL,
    revision      bigint NOT NULL REFERENCES revisions (number),
    CONSTRAINT every_row_landed_or_was_refused CHECK (rows = rows_landed + rows_refused)
);

CREATE TABLE import_problems (
    import_id  bigint NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    ord        bigint NOT NULL,
    line       integer NOT NULL,
    col        text NOT NULL,
    kind       text NOT NULL,
    severity   text NOT NULL CHECK (severity IN ('refused', 'noted')),
    message    text NOT NULL,
    suggestion text NOT NULL,
    PRIMARY KEY (import_id, ord)
);

CREATE TABLE accounts (
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    source_id     integer NOT NULL REFERENCES sources (id),
    import_id     bigint NOT NULL REFERENCES imports (id) DEFERRABLE INITIALLY DEFERRED,
    key           text NOT NULL CHECK (key <> ''),
    resolution_id text COLLATE "C" NOT NULL,
    line          integer NOT NULL,
    rows          integer NOT NULL,
    digest        text NOT NULL,
    superseded_by bigint REFERENCES accounts (id),
    content       json NOT NULL
);
COMMENT ON TABLE accounts IS 'what one source says of one vote; never changed, only superseded';
COMMENT ON COLUMN accounts.key IS 'how the source tells votes apart: the same in its next edition';
CREATE INDEX accounts_current_by_resolution ON accounts (resolution_id) WHERE superseded_by IS NULL;
CREATE INDEX accounts_current_by_key ON accounts (source_id, key) WHERE superseded_by IS NULL;
