-- Accounts that contradict something are kept, matched, and shown; editors
-- decide in the open; every change of the record can be seen.

ALTER TABLE accounts
    ADD base_id     text COLLATE "C",
    ADD draft_id    text COLLATE "C",
    ADD meeting     text COLLATE "C",
    ADD numbered    boolean,
    ADD sound       boolean NOT NULL DEFAULT true,
    ADD match_rule  text NOT NULL DEFAULT 'same symbol',
    ADD match_doubt text NOT NULL DEFAULT '';
-- The id of the draft is folded as votes.ID folds it.
UPDATE accounts SET base_id = resolution_id, meeting = content->>'meeting', numbered = content->>'resolution' IS NOT NULL,
                    draft_id = coalesce(trim(BOTH '-' FROM regexp_replace(
                        (content->>'draft') || '-' || lower(coalesce(content->>'part', '')), '[^0-9A-Za-z.]+', '-', 'g')), '');
ALTER TABLE accounts ALTER base_id SET NOT NULL, ALTER draft_id SET NOT NULL, ALTER numbered SET NOT NULL;
COMMENT ON COLUMN accounts.base_id IS 'the id that the account''s own symbols give; resolution_id is the one it was matched to';
CREATE INDEX accounts_current_by_base ON accounts (base_id) WHERE superseded_by IS NULL;
CREATE INDEX accounts_by_draft ON accounts (draft_id) WHERE draft_id <> '';
CREATE INDEX accounts_current_by_meeting ON accounts (meeting) WHERE superseded_by IS NULL AND NOT numbered;

CREATE TABLE edits (
    number    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    revision  bigint NOT NULL REFERENCES revisions (number),
    id        text COLLATE "C" NOT NULL CHECK (id <> ''),
    field     text NOT NULL CHECK (field <> ''),
    value     text NOT NULL,
    reason    text NOT NULL CHECK (reason <> ''),
    reference text NOT NULL CHECK (reference <> '')
);
COMMENT ON TABLE edits IS 'decisions of editors; none is ever changed, one is undone by another';
CREATE INDEX edits_by_id ON edits (id);

CREATE TABLE changes (
    resolution_id text COLLATE "C" NOT NULL,
    revision      bigint NOT NULL REFERENCES revisions (number),
    what          text NOT NULL CHECK (what IN ('created', 'changed', 'deleted')),
    fields        json NOT NULL,
    PRIMARY KEY (resolution_id, revision)
);
CREATE INDEX changes_by_revision ON changes (revision);

ALTER TABLE resolutions
    ADD sources    json NOT NULL DEFAULT '[]',
    ADD provenance json NOT NULL DEFAULT '[]';
-- Where one source speaks twice of a number, and differently, both votes stand,
-- each with its doubt; an editor parts or joins them. Ids stay unique.
ALTER TABLE resolutions DROP CONSTRAINT resolutions_resolution_key;
CREATE INDEX resolutions_by_number ON resolutions (resolution);
-- How a text was adopted, and by how many, is not known where its roll is in
-- dispute, or where its source gives no tally.
ALTER TABLE resolutions
    DROP CONSTRAINT adopted_tells_how,
    DROP CONSTRAINT adopted_had_the_number,
    DROP CONSTRAINT failed_lacked_the_number,
    DROP CONSTRAINT unanimity_is_every_seat,
    ADD CONSTRAINT adopted_tells_how CHECK (CASE WHEN outcome = 'adopted' THEN adopted_by IS NOT NULL OR yes IS NULL
                                                 ELSE adopted_by IS NULL END),
    ADD CONSTRAINT adopted_had_the_number CHECK (outcome <> 'adopted' OR adopted_by IS NOT DISTINCT FROM 'no_vote'
                                                 OR yes IS NULL OR yes >= required),
    ADD CONSTRAINT failed_lacked_the_number CHECK (outcome <> 'failed' OR yes IS NULL OR yes < required),
    ADD CONSTRAINT unanimity_is_every_seat CHECK (adopted_by IS DISTINCT FROM 'unanimity' OR yes IS NULL OR yes = members),
    ADD CONSTRAINT disputed_feeds_no_figure CHECK (roll_call <> 'disputed' OR yes IS NULL);

DROP TABLE discrepancies;
CREATE TABLE discrepancies (
    resolution_no integer NOT NULL REFERENCES resolutions (no) ON DELETE CASCADE,
    ord           smallint NOT NULL CHECK (ord >= 1),
    key           text NOT NULL,
    kind          text NOT NULL,
    field         text,
    severity      text NOT NULL CHECK (severity IN ('serious', 'minor')),
    state         text NOT NULL CHECK (state IN ('open', 'explained', 'corrected')),
    message       text NOT NULL,
    sources       text[] NOT NULL,
    sides         json NOT NULL,
    explanation   text,
    reference     text,
    PRIMARY KEY (resolution_no, ord),
    UNIQUE (resolution_no, key),
    CHECK (state <> 'explained' OR explanation IS NOT NULL)
);
CREATE INDEX discrepancies_by_kind ON discrepancies (kind, resolution_no);

-- The votes of a disputed roll are shown by account only.
CREATE OR REPLACE FUNCTION record_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
    counted record;
    unlike text;
BEGIN
    SELECT id, date, outcome, procedural, roll_call, yes::bigint, no_votes::bigint, abstain::bigint, members::bigint
      INTO r FROM resolutions WHERE no = NEW.no;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF r.outcome = 'vetoed' AND r.roll_call <> 'disputed' AND NOT EXISTS (SELECT FROM vetoes WHERE resolution_no = NEW.no) THEN
        RAISE EXCEPTION '% is vetoed, but by nobody', r.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    SELECT count(*) FILTER (WHERE position = 'yes') AS yes, count(*) FILTER (WHERE position = 'no') AS no_votes,
           count(*) FILTER (WHERE position = 'abstain') AS abstain, count(*) AS members
      INTO counted FROM votes WHERE resolution_no = NEW.no;
    IF r.roll_call = 'complete' AND (counted.yes, counted.no_votes, counted.abstain, counted.members)
       IS DISTINCT FROM (r.yes, r.no_votes, r.abstain, r.members) THEN
        RAISE EXCEPTION 'the roll of % counts %-%-% of %, its tally is %-%-% of %', r.id,
            counted.yes, counted.no_votes, counted.abstain, counted.members, r.yes, r.no_votes, r.abstain, r.members
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    IF r.roll_call IN ('disputed', 'none', 'tally_only') AND counted.members > 0 THEN
        RAISE EXCEPTION 'the roll of % is %, but % positions are given', r.id, r.roll_call, counted.members
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    -- A permanent member's negative vote defeats what is not procedural and had the number, and nothing else does.
    IF r.outcome IN ('adopted', 'vetoed') AND NOT r.procedural AND (counted.no_votes > 0 OR r.outcome = 'vetoed') THEN
        SELECT min(v.code) INTO unlike
          FROM votes v
          JOIN terms t ON t.code = v.code AND t.permanent AND r.date BETWEEN t.from_date AND t.to_date
          LEFT JOIN vetoes x ON x.resolution_no = v.resolution_no AND x.code = v.code
         WHERE v.resolution_no = NEW.no AND (v.position = 'no') <> (x.code IS NOT NULL);
        IF unlike IS NOT NULL THEN
            RAISE EXCEPTION '% is %, which the vote and the veto of % do not fit', r.id, r.outcome, unlike
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- Votes are held against the seats when they are written; a day that is moved
-- afterwards, by the end of the transaction.
CREATE FUNCTION day_has_its_council() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong text;
BEGIN
    SELECT min(v.code) INTO wrong
      FROM (SELECT code, false AS permanent FROM votes WHERE resolution_no = NEW.no
            UNION ALL SELECT code, true FROM vetoes WHERE resolution_no = NEW.no) v
      JOIN resolutions r ON r.no = NEW.no
     WHERE NOT EXISTS (SELECT FROM terms t WHERE t.code = v.code AND t.permanent >= v.permanent AND r.date BETWEEN t.from_date AND t.to_date);
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '% had no seat on %, to which % was moved', wrong, NEW.date, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'votes_need_a_seat';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER day_has_its_council AFTER UPDATE OF date ON resolutions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.date <> NEW.date) EXECUTE FUNCTION day_has_its_council();

ALTER TABLE import_problems
    DROP CONSTRAINT import_problems_severity_check,
    ADD CONSTRAINT import_problems_severity_check CHECK (severity IN ('refused', 'serious', 'noted'));

-- What is new in a row has to be worked out from its accounts: see store.Migrate.
UPDATE resolutions SET digest = '';
