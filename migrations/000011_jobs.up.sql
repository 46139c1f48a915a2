-- Work that is done behind an answer: files that are taken in, and webhooks.
--
-- The queue is River's (github.com/riverqueue/river), whose tables come first, as
-- its own migrations 2 to 8 leave them; a test holds them to that. Those cannot be
-- run in one transaction, and so not in this one.

CREATE TYPE river_job_state AS ENUM ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');

CREATE FUNCTION river_job_state_in_bitmask(bitmask bit(8), state river_job_state) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;

CREATE TABLE river_job (
    id            bigserial PRIMARY KEY,
    state         river_job_state NOT NULL DEFAULT 'available',
    attempt       smallint NOT NULL DEFAULT 0,
    max_attempts  smallint NOT NULL DEFAULT 25,
    attempted_at  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finalized_at  timestamptz,
    scheduled_at  timestamptz NOT NULL DEFAULT now(),
    priority      smallint NOT NULL DEFAULT 1,
    args          jsonb NOT NULL,
    attempted_by  text[],
    errors        jsonb[],
    kind          text NOT NULL,
    metadata      jsonb NOT NULL DEFAULT '{}',
    queue         text NOT NULL DEFAULT 'default',
    tags          varchar(255)[] NOT NULL DEFAULT '{}',
    unique_key    bytea,
    unique_states bit(8),

    CONSTRAINT finalized_or_finalized_at_null CHECK ((finalized_at IS NULL AND state NOT IN ('cancelled', 'completed', 'discarded'))
                                                     OR (finalized_at IS NOT NULL AND state IN ('cancelled', 'completed', 'discarded'))),
    CONSTRAINT kind_length CHECK (char_length(kind) > 0 AND char_length(kind) < 128),
    CONSTRAINT max_attempts_is_positive CHECK (max_attempts > 0),
    CONSTRAINT priority_in_range CHECK (priority >= 1 AND priority <= 4),
    CONSTRAINT queue_length CHECK (char_length(queue) > 0 AND char_length(queue) < 128)
);
CREATE INDEX river_job_kind ON river_job (kind);
CREATE INDEX river_job_state_and_finalized_at_index ON river_job (state, finalized_at) WHERE finalized_at IS NOT NULL;
CREATE INDEX river_job_prioritized_fetching_index ON river_job (state, queue, priority, scheduled_at, id);
CREATE INDEX river_job_args_index ON river_job USING gin (args);
CREATE INDEX river_job_metadata_index ON river_job USING gin (metadata);
CREATE UNIQUE INDEX river_job_unique_idx ON river_job (unique_key)
    WHERE unique_key IS NOT NULL AND unique_states IS NOT NULL AND river_job_state_in_bitmask(unique_states, state);

CREATE UNLOGGED TABLE river_leader (
    elected_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    leader_id  text NOT NULL,
    name       text PRIMARY KEY DEFAULT 'default',

    CONSTRAINT leader_id_length CHECK (char_length(leader_id) > 0 AND char_length(leader_id) < 128),
    CONSTRAINT name_length CHECK (name = 'default')
);

CREATE TABLE river_queue (
    name       text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    metadata   jsonb NOT NULL DEFAULT '{}',
    paused_at  timestamptz,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE river_notification (
    id         bigserial PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    payload    text NOT NULL,
    topic      text NOT NULL,

    CONSTRAINT topic_length CHECK (length(topic) > 0 AND length(topic) < 128)
);
CREATE INDEX river_notification_created_at_idx ON river_notification (created_at);
CREATE INDEX river_notification_topic_id_idx ON river_notification (topic, id);

-- Who is told of changes. The changes themselves are the outbox: they are written
-- in the transaction that makes a revision, by whatever program makes it, and
-- "told" says up to which of them the messages of a webhook were written.

CREATE TABLE webhooks (
    id         bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    url        text NOT NULL CHECK (url ~ '^https?://' AND length(url) <= 2000),
    events     text[] NOT NULL CHECK (array_length(events, 1) > 0),
    filter     text NOT NULL DEFAULT '' CHECK (length(filter) <= 8000),
    state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    reason     text NOT NULL DEFAULT '',
    created    timestamptz NOT NULL DEFAULT now(),
    told       bigint NOT NULL CHECK (told >= 0),
    turn_until timestamptz,

    CONSTRAINT disabled_for_a_reason CHECK ((state = 'disabled') = (reason <> ''))
);
COMMENT ON COLUMN webhooks.filter IS 'a query of GET /v1/resolutions';
COMMENT ON COLUMN webhooks.told IS 'the newest revision of which its messages are written';
COMMENT ON COLUMN webhooks.turn_until IS 'until then one program delivers to it, and no other';

CREATE TABLE webhook_secrets (
    webhook_id bigint NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    number     integer NOT NULL,
    secret     text NOT NULL CHECK (secret ~ '^whsec_[A-Za-z0-9+/]+=*$'),
    created    timestamptz NOT NULL DEFAULT now(),
    expires    timestamptz,
    PRIMARY KEY (webhook_id, number)
);
COMMENT ON TABLE webhook_secrets IS 'what messages are signed with, and so kept as it is; of a newer one the older expires';

CREATE TABLE webhook_messages (
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    webhook_id    bigint NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    name          text NOT NULL UNIQUE CHECK (name ~ '^msg_[A-Za-z0-9]+$'),
    event         text NOT NULL,
    revision      bigint NOT NULL,
    resolutions   integer NOT NULL CHECK (resolutions >= 0),
    body          text,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts      integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    status        integer,
    error         text NOT NULL DEFAULT '',
    took_ms       integer,
    created       timestamptz NOT NULL DEFAULT now(),
    first_attempt timestamptz,
    last_attempt  timestamptz,
    next_attempt  timestamptz,

    CONSTRAINT waiting_has_a_body_and_a_time CHECK ((state = 'waiting') = (body IS NOT NULL) AND (state = 'waiting') = (next_attempt IS NOT NULL))
);
CREATE INDEX webhook_messages_of_a_webhook ON webhook_messages (webhook_id, id DESC);
CREATE INDEX webhook_messages_waiting ON webhook_messages (webhook_id, id) WHERE state = 'waiting';

-- Files that are taken in by a worker. The content goes when the job has ended;
-- the job and its report stay a while longer.

CREATE TABLE jobs (
    id         text COLLATE "C" PRIMARY KEY CHECK (id ~ '^job_[a-z0-9]+$'),
    state      text NOT NULL CHECK (state IN ('arriving', 'waiting', 'running', 'done', 'refused', 'failed', 'cancelled')),
    file       text NOT NULL,
    options    json NOT NULL,
    asked_by   text NOT NULL DEFAULT '',
    size       bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
    attempt    integer NOT NULL DEFAULT 0,
    bytes_read bigint NOT NULL DEFAULT 0,
    rows_read  bigint NOT NULL DEFAULT 0,
    cancelling boolean NOT NULL DEFAULT false,
    report     json,
    error      text NOT NULL DEFAULT '',
    import_id  bigint,
    created    timestamptz NOT NULL DEFAULT now(),
    seen       timestamptz NOT NULL DEFAULT now(),
    finished   timestamptz,

    CONSTRAINT ended_at_a_time CHECK ((state IN ('done', 'refused', 'failed', 'cancelled')) = (finished IS NOT NULL))
);
COMMENT ON COLUMN jobs.attempt IS 'whoever works on it holds the newest: of an older one nothing lands';
COMMENT ON COLUMN jobs.seen IS 'when its sender or its worker gave the last sign of life';
CREATE INDEX jobs_under_way ON jobs (seen) WHERE finished IS NULL;
CREATE INDEX jobs_ended ON jobs (finished) WHERE finished IS NOT NULL;

CREATE TABLE job_chunks (
    job_id  text COLLATE "C" NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    ord     integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (job_id, ord)
);
