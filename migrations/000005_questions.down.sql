-- The function as it was before there was a roll to hold the votes against.
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

DROP FUNCTION roll_of(integer);
ALTER TABLE resolutions DROP COLUMN roll, DROP COLUMN search, DROP COLUMN closeness;
DROP INDEX resolutions_by_margin, resolutions_by_topic, resolutions_by_agenda_item, resolutions_by_draft, resolutions_by_meeting, resolutions_by_revision;
CREATE INDEX resolutions_by_revision ON resolutions (revision);
CREATE INDEX votes_by_member ON votes (code, position, resolution_no);
