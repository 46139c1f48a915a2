-- Back to the schema in which only sound accounts land. Resolutions that rest
-- on others cannot stay: their votes are in dispute.
DELETE FROM resolutions WHERE roll_call = 'disputed' OR yes IS NULL AND outcome <> 'vetoed' AND adopted_by IS DISTINCT FROM 'no_vote' AND outcome <> 'withdrawn';
DELETE FROM resolutions r USING resolutions o WHERE o.resolution = r.resolution AND o.id < r.id;
SET CONSTRAINTS ALL IMMEDIATE; -- or the tables that follow cannot be altered
ALTER TABLE resolutions
    DROP CONSTRAINT disputed_feeds_no_figure,
    DROP CONSTRAINT adopted_tells_how,
    DROP CONSTRAINT adopted_had_the_number,
    DROP CONSTRAINT failed_lacked_the_number,
    DROP CONSTRAINT unanimity_is_every_seat,
    ADD CONSTRAINT adopted_tells_how CHECK ((outcome = 'adopted') = (adopted_by IS NOT NULL)),
    ADD CONSTRAINT adopted_had_the_number CHECK (outcome <> 'adopted' OR adopted_by = 'no_vote' OR coalesce(yes >= required, false)),
    ADD CONSTRAINT failed_lacked_the_number CHECK (outcome <> 'failed' OR coalesce(yes < required, false)),
    ADD CONSTRAINT unanimity_is_every_seat CHECK (adopted_by IS DISTINCT FROM 'unanimity' OR coalesce(yes = members, false)),
    DROP COLUMN sources,
    DROP COLUMN provenance,
    ADD CONSTRAINT resolutions_resolution_key UNIQUE (resolution);
DROP INDEX resolutions_by_number;
DROP TABLE discrepancies;
CREATE TABLE discrepancies (
    resolution_no integer NOT NULL REFERENCES resolutions (no) ON DELETE CASCADE,
    ord           smallint NOT NULL CHECK (ord >= 1),
    kind          text NOT NULL,
    severity      text NOT NULL CHECK (severity IN ('serious', 'minor')),
    state         text NOT NULL CHECK (state IN ('open', 'explained', 'corrected')),
    message       text NOT NULL,
    source        text NOT NULL,
    line          integer NOT NULL,
    PRIMARY KEY (resolution_no, ord)
);
DROP TABLE changes;
DROP TABLE edits;
DELETE FROM accounts WHERE NOT sound AND id NOT IN (SELECT superseded_by FROM accounts WHERE superseded_by IS NOT NULL);
UPDATE accounts SET resolution_id = base_id;
ALTER TABLE accounts
    DROP COLUMN base_id, DROP COLUMN draft_id, DROP COLUMN meeting, DROP COLUMN numbered, DROP COLUMN sound,
    DROP COLUMN match_rule, DROP COLUMN match_doubt;

DROP TRIGGER day_has_its_council ON resolutions;
DROP FUNCTION day_has_its_council();
UPDATE import_problems SET severity = 'refused' WHERE severity = 'serious';
ALTER TABLE import_problems
    DROP CONSTRAINT import_problems_severity_check,
    ADD CONSTRAINT import_problems_severity_check CHECK (severity IN ('refused', 'noted'));

CREATE OR REPLACE FUNCTION record_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r resolutions;
    counted record;
BEGIN
    SELECT * INTO r FROM resolutions WHERE no = NEW.no;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF r.outcome = 'vetoed' AND NOT EXISTS (SELECT FROM vetoes WHERE resolution_no = r.no) THEN
        RAISE EXCEPTION '% is vetoed, but by nobody', r.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    SELECT count(*) FILTER (WHERE v.position = 'yes') AS yes, count(*) FILTER (WHERE v.position = 'no') AS no_votes,
           count(*) FILTER (WHERE v.position = 'abstain') AS abstain, count(*) AS members,
           min(v.code) FILTER (WHERE t.permanent AND (v.position = 'no') <> (x.code IS NOT NULL)) AS unlike
      INTO counted
      FROM votes v
      JOIN terms t ON t.code = v.code AND r.date BETWEEN t.from_date AND t.to_date
      LEFT JOIN vetoes x ON x.resolution_no = v.resolution_no AND x.code = v.code
     WHERE v.resolution_no = r.no;
    IF r.roll_call = 'complete' AND (counted.yes, counted.no_votes, counted.abstain, counted.members)
       IS DISTINCT FROM (r.yes::bigint, r.no_votes::bigint, r.abstain::bigint, r.members::bigint) THEN
        RAISE EXCEPTION 'the roll of % counts %-%-% of %, its tally is %-%-% of %', r.id,
            counted.yes, counted.no_votes, counted.abstain, counted.members, r.yes, r.no_votes, r.abstain, r.members
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    -- A permanent member's negative vote defeats what is not procedural and had the number, and nothing else does.
    IF r.outcome IN ('adopted', 'vetoed') AND NOT r.procedural AND counted.unlike IS NOT NULL THEN
        RAISE EXCEPTION '% is %, which the vote and the veto of % do not fit', r.id, r.outcome, counted.unlike
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    RETURN NULL;
END $$;
