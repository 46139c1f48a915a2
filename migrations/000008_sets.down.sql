DROP TRIGGER record_is_whole_insert ON resolutions;
DROP TRIGGER record_is_whole_update ON resolutions;
DROP TABLE unchecked;
DROP FUNCTION resolutions_are_unchecked();
DROP TRIGGER votes_go_with_their_resolution ON resolutions;
DROP TRIGGER votes_go_with_all_resolutions ON resolutions;
DROP TRIGGER votes_hold_their_resolution ON resolutions;
DROP TRIGGER votes_hold_their_state_delete ON states;
DROP TRIGGER votes_hold_their_state_update ON states;
DROP FUNCTION votes_go_with_their_resolution();
DROP FUNCTION votes_go_with_all_resolutions();
DROP FUNCTION votes_hold_their_resolution();
DROP FUNCTION votes_hold_their_state();

CREATE OR REPLACE FUNCTION record_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
    counted record;
    unlike text;
BEGIN
    SELECT id, date, outcome, procedural, roll_call, roll, yes::bigint, no_votes::bigint, abstain::bigint, members::bigint
      INTO r FROM resolutions WHERE no = NEW.no;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF r.outcome = 'vetoed' AND r.roll_call <> 'disputed' AND NOT EXISTS (SELECT FROM vetoes WHERE resolution_no = NEW.no) THEN
        RAISE EXCEPTION '% is vetoed, but by nobody', r.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
    SELECT count(*) FILTER (WHERE position = 'yes') AS yes, count(*) FILTER (WHERE position = 'no') AS no_votes,
           count(*) FILTER (WHERE position = 'abstain') AS abstain, count(*) FILTER (WHERE position <> 'veto') AS members,
           coalesce(array_agg(code || ':' || position ORDER BY code, position), '{}') AS roll
      INTO counted
      FROM (SELECT code, position FROM votes WHERE resolution_no = NEW.no
            UNION ALL SELECT code, 'veto' FROM vetoes WHERE resolution_no = NEW.no) cast_and_vetoed;
    IF counted.roll IS DISTINCT FROM r.roll THEN
        RAISE EXCEPTION 'the roll of % is %, its votes and vetoes are %', r.id, r.roll, counted.roll
            USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
    END IF;
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
CREATE CONSTRAINT TRIGGER record_is_whole AFTER INSERT OR UPDATE ON resolutions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_is_whole();

CREATE OR REPLACE FUNCTION votes_need_a_seat() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT r.id, r.date, v.code INTO wrong
      FROM changed v
      JOIN resolutions r ON r.no = v.resolution_no
     WHERE NOT EXISTS (SELECT FROM terms t
                        WHERE t.code = v.code AND r.date BETWEEN t.from_date AND t.to_date)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% had no seat on %, the day of %', wrong.code, wrong.date, wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'votes_need_a_seat';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER sponsors_need_a_resolution_insert ON sponsors;
DROP TRIGGER sponsors_need_a_resolution_update ON sponsors;
DROP FUNCTION sponsors_need_a_resolution();
DROP FUNCTION refuse_vote(text, date, text, integer);

ALTER TABLE votes DROP CONSTRAINT votes_resolution_no_fkey, DROP CONSTRAINT votes_code_fkey;
ALTER TABLE votes
    ADD CONSTRAINT votes_resolution_no_fkey FOREIGN KEY (resolution_no) REFERENCES resolutions (no) ON DELETE CASCADE,
    ADD CONSTRAINT votes_code_fkey FOREIGN KEY (code) REFERENCES states (code);
ALTER TABLE sponsors
    ADD CONSTRAINT sponsors_resolution_no_fkey FOREIGN KEY (resolution_no) REFERENCES resolutions (no) ON DELETE CASCADE,
    ADD CONSTRAINT sponsors_code_fkey FOREIGN KEY (code) REFERENCES states (code);
