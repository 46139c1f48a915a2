-- Who may change the record over the network, and what whoever changed it did.

CREATE TABLE tokens (
    id        text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[a-z2-7]{12}$'),
    name      text NOT NULL CHECK (name <> ''),
    hash      bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    scopes    text[] NOT NULL CHECK (scopes <> '{}' AND scopes <@ ARRAY['read', 'import', 'edit', 'admin']),
    created   timestamptz NOT NULL DEFAULT now(),
    expires   timestamptz CHECK (expires > created),
    last_used timestamptz,
    revoked   timestamptz
);
COMMENT ON COLUMN tokens.hash IS 'SHA-256 of the 32 random bytes of the token, which are kept nowhere';

-- A person at the editor's page, by a token.
CREATE TABLE sessions (
    hash     bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    token_id text COLLATE "C" NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    created  timestamptz NOT NULL DEFAULT now(),
    expires  timestamptz NOT NULL CHECK (expires > created)
);
CREATE INDEX sessions_by_end ON sessions (expires);

-- What was answered to a call with an Idempotency-Key, kept in the transaction
-- of what the call changed.
CREATE TABLE replies (
    token_id    text COLLATE "C" NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    key         text COLLATE "C" NOT NULL CHECK (key <> ''),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status      smallint NOT NULL,
    header      json NOT NULL,
    body        bytea NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (token_id, key)
);
CREATE INDEX replies_by_time ON replies (at);

-- The log refers to nothing: it outlives what it tells of, and a record that is
-- restored beside it.
CREATE TABLE audit_log (
    number   bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at       timestamptz NOT NULL DEFAULT now(),
    token    text COLLATE "C",
    who      text NOT NULL CHECK (who <> ''),
    method   text NOT NULL CHECK (method <> ''),
    route    text NOT NULL CHECK (route <> ''),
    target   text NOT NULL,
    client   text NOT NULL,
    request  text NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    status   smallint,
    revision bigint
);
COMMENT ON TABLE audit_log IS 'who did what, when and from where; it only grows';
COMMENT ON COLUMN audit_log.token IS 'the id of the token; null at the command line';

CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'audit_log_only_grows';
END $$;
CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows();
-- Also where triggers are switched off for a replica.
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_only_grows;
