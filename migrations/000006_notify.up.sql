-- Whoever follows the record is told of a revision when it is committed. A
-- trigger tells, so that a program of an earlier release, beside, does too.

CREATE FUNCTION tell_of_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('scvotes_revision', NEW.number::text);
    RETURN NULL;
END $$;
CREATE TRIGGER tell_of_revisions AFTER INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION tell_of_revisions();

-- What a change of the schema leaves to be done in transactions of their own.
-- A program that dies in between leaves it to the next.

CREATE TABLE unfinished (
    task  text COLLATE "C" PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE unfinished IS 'what is still to be laid down of the record since the schema changed; mostly empty';
