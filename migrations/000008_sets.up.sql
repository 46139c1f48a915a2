-- What held each row by itself is held by the set: an import writes votes by
-- the ten thousand, and a look at the resolution and at the state for each of
-- them cost more than everything else together.

-- A vote is on a resolution, by a state, that had a seat on the day. The foreign
-- keys are kept by these triggers, under their names: who writes votes looks
-- once for the rows of a statement, and holds the resolutions as a key would.
CREATE FUNCTION refuse_vote(id text, day date, code text, no integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF id IS NULL THEN
        RAISE EXCEPTION 'a vote of % is on resolution number %, which does not exist', code, no
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'votes_resolution_no_fkey';
    END IF;
    IF NOT EXISTS (SELECT FROM states s WHERE s.code = refuse_vote.code) THEN
        RAISE EXCEPTION 'a vote on % is by %, which is no state', id, code
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'votes_code_fkey';
    END IF;
    RAISE EXCEPTION '% had no seat on %, the day of %', code, day, id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'votes_need_a_seat';
END $$;

CREATE OR REPLACE FUNCTION votes_need_a_seat() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
    nos   integer[]; -- not by a join: it would read all resolutions for the rows of one statement
BEGIN
    SELECT array_agg(DISTINCT resolution_no) INTO nos FROM changed;
    PERFORM FROM resolutions WHERE no = ANY (nos) FOR KEY SHARE;
    SELECT r.id, r.date, v.code, v.resolution_no INTO wrong
      FROM changed v
      LEFT JOIN (SELECT no, id, date FROM resolutions WHERE no = ANY (nos)) r ON r.no = v.resolution_no
     WHERE NOT EXISTS (SELECT FROM terms t
                        WHERE t.code = v.code AND r.date BETWEEN t.from_date AND t.to_date);
    IF FOUND THEN
        PERFORM refuse_vote(wrong.id, wrong.date, wrong.code, wrong.resolution_no);
    END IF;
    RETURN NULL;
END $$;

-- The keys go, their names stay: a program of before this step takes both off by
-- name when it loads an empty record, and puts real keys in their place.
ALTER TABLE votes
    DROP CONSTRAINT votes_resolution_no_fkey,
    DROP CONSTRAINT votes_code_fkey;
ALTER TABLE votes
    ADD CONSTRAINT votes_resolution_no_fkey CHECK (resolution_no IS NOT NULL),
    ADD CONSTRAINT votes_code_fkey CHECK (code IS NOT NULL);

-- The same of sponsors, of which there are three to a resolution, or thirty.
CREATE FUNCTION sponsors_need_a_resolution() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
    nos   integer[];
BEGIN
    SELECT array_agg(DISTINCT resolution_no) INTO nos FROM changed;
    PERFORM FROM resolutions WHERE no = ANY (nos) FOR KEY SHARE;
    SELECT s.name, s.resolution_no INTO wrong
      FROM changed s
      LEFT JOIN (SELECT no FROM resolutions WHERE no = ANY (nos)) r ON r.no = s.resolution_no
     WHERE r.no IS NULL;
    IF FOUND THEN
        RAISE EXCEPTION '% sponsors resolution number %, which does not exist', wrong.name, wrong.resolution_no
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'sponsors_resolution_no_fkey';
    END IF;
    SELECT s.code, s.resolution_no INTO wrong
      FROM changed s
     WHERE s.code IS NOT NULL AND NOT EXISTS (SELECT FROM states t WHERE t.code = s.code);
    IF FOUND THEN
        RAISE EXCEPTION 'a sponsor of resolution number % is %, which is no state', wrong.resolution_no, wrong.code
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'sponsors_code_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sponsors_need_a_resolution_insert AFTER INSERT ON sponsors
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sponsors_need_a_resolution();
CREATE TRIGGER sponsors_need_a_resolution_update AFTER UPDATE ON sponsors
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sponsors_need_a_resolution();
ALTER TABLE sponsors
    DROP CONSTRAINT sponsors_resolution_no_fkey,
    DROP CONSTRAINT sponsors_code_fkey;

-- The other side of the keys: what a resolution takes with it, and the states
-- that cannot be taken away.

CREATE FUNCTION votes_go_with_their_resolution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM votes WHERE resolution_no IN (SELECT no FROM gone);
    DELETE FROM sponsors WHERE resolution_no IN (SELECT no FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER votes_go_with_their_resolution AFTER DELETE ON resolutions
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION votes_go_with_their_resolution();

CREATE FUNCTION votes_go_with_all_resolutions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM votes;
    DELETE FROM sponsors;
    RETURN NULL;
END $$;
CREATE TRIGGER votes_go_with_all_resolutions AFTER TRUNCATE ON resolutions
    FOR EACH STATEMENT EXECUTE FUNCTION votes_go_with_all_resolutions();

CREATE FUNCTION votes_hold_their_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM votes WHERE code = OLD.code) THEN
        RAISE EXCEPTION '% has voted', OLD.code
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'votes_code_fkey';
    END IF;
    IF EXISTS (SELECT FROM sponsors WHERE code = OLD.code) THEN
        RAISE EXCEPTION '% has sponsored', OLD.code
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'sponsors_code_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER votes_hold_their_state_delete AFTER DELETE ON states
    FOR EACH ROW EXECUTE FUNCTION votes_hold_their_state();
CREATE TRIGGER votes_hold_their_state_update AFTER UPDATE OF code ON states
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION votes_hold_their_state();

CREATE FUNCTION votes_hold_their_resolution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM votes WHERE resolution_no = OLD.no) THEN
        RAISE EXCEPTION 'there are votes on %', OLD.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'votes_resolution_no_fkey';
    END IF;
    IF EXISTS (SELECT FROM sponsors WHERE resolution_no = OLD.no) THEN
        RAISE EXCEPTION 'there are sponsors of %', OLD.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'sponsors_resolution_no_fkey';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER votes_hold_their_resolution AFTER UPDATE OF no ON resolutions
    FOR EACH ROW WHEN (OLD.no <> NEW.no) EXECUTE FUNCTION votes_hold_their_resolution();

-- record_is_whole looks at all resolutions of a statement at once, still at the
-- end of the transaction: each statement lays the numbers of its resolutions down
-- in one row, and what waits for the end is that row.

CREATE TABLE unchecked (
    nos   integer[] NOT NULL,
    votes boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE unchecked IS 'resolutions that the transaction has touched and record_is_whole has not seen yet; empty to everybody else';
COMMENT ON COLUMN unchecked.votes IS 'their votes were written while votes_need_a_seat was off, and have to be looked at too';

DROP TRIGGER record_is_whole ON resolutions;

CREATE OR REPLACE FUNCTION record_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    w        record;
    unlike   text;
    todo     integer[];
    cast_too boolean;
BEGIN
    -- All that waits is looked at when the first of it comes up; the others then
    -- find nothing left.
    SELECT array_agg(DISTINCT no), bool_or(u.votes) INTO todo, cast_too FROM unchecked u CROSS JOIN unnest(u.nos) AS no;
    DELETE FROM unchecked;
    IF todo IS NULL THEN
        RETURN NULL;
    END IF;
    IF cast_too THEN
        SELECT r.id, r.date, v.code, v.resolution_no INTO w
          FROM votes v
          LEFT JOIN resolutions r ON r.no = v.resolution_no
         WHERE NOT EXISTS (SELECT FROM terms t
                            WHERE t.code = v.code AND r.date BETWEEN t.from_date AND t.to_date);
        IF FOUND THEN
            PERFORM refuse_vote(w.id, w.date, w.code, w.resolution_no);
        END IF;
    END IF;
    FOR w IN
        SELECT r.no, r.id, r.outcome, r.procedural, r.roll_call, r.roll, r.yes, r.no_votes, r.abstain, r.members,
               coalesce(c.yes, 0) AS c_yes, coalesce(c.no_votes, 0) AS c_no_votes, coalesce(c.abstain, 0) AS c_abstain,
               coalesce(c.members, 0) AS c_members, coalesce(c.vetoes, 0) AS c_vetoes, coalesce(c.roll, '{}') AS c_roll
          FROM resolutions r
          LEFT JOIN (
            SELECT resolution_no, count(*) FILTER (WHERE position = 'yes') AS yes, count(*) FILTER (WHERE position = 'no') AS no_votes,
                   count(*) FILTER (WHERE position = 'abstain') AS abstain, count(*) FILTER (WHERE position <> 'veto') AS members,
                   count(*) FILTER (WHERE position = 'veto') AS vetoes,
                   array_agg(code || ':' || position ORDER BY code, position) AS roll
              FROM (SELECT resolution_no, code, position FROM votes WHERE resolution_no = ANY (todo)
                    UNION ALL SELECT resolution_no, code, 'veto' FROM vetoes WHERE resolution_no = ANY (todo)) cast_and_vetoed
             GROUP BY resolution_no) c ON c.resolution_no = r.no
         WHERE r.no = ANY (todo)
           AND (r.outcome = 'vetoed' AND r.roll_call <> 'disputed' AND coalesce(c.vetoes, 0) = 0
                OR coalesce(c.roll, '{}') IS DISTINCT FROM r.roll
                OR r.roll_call = 'complete' AND (coalesce(c.yes, 0), coalesce(c.no_votes, 0), coalesce(c.abstain, 0), coalesce(c.members, 0))
                                                IS DISTINCT FROM (r.yes::bigint, r.no_votes::bigint, r.abstain::bigint, r.members::bigint)
                OR r.roll_call IN ('disputed', 'none', 'tally_only') AND c.members > 0
                OR r.outcome IN ('adopted', 'vetoed') AND NOT r.procedural AND (c.no_votes > 0 OR r.outcome = 'vetoed'))
    LOOP
        IF w.outcome = 'vetoed' AND w.roll_call <> 'disputed' AND w.c_vetoes = 0 THEN
            RAISE EXCEPTION '% is vetoed, but by nobody', w.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
        END IF;
        IF w.c_roll IS DISTINCT FROM w.roll THEN
            RAISE EXCEPTION 'the roll of % is %, its votes and vetoes are %', w.id, w.roll, w.c_roll
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
        END IF;
        IF w.roll_call = 'complete' AND (w.c_yes, w.c_no_votes, w.c_abstain, w.c_members)
           IS DISTINCT FROM (w.yes::bigint, w.no_votes::bigint, w.abstain::bigint, w.members::bigint) THEN
            RAISE EXCEPTION 'the roll of % counts %-%-% of %, its tally is %-%-% of %', w.id,
                w.c_yes, w.c_no_votes, w.c_abstain, w.c_members, w.yes, w.no_votes, w.abstain, w.members
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
        END IF;
        IF w.roll_call IN ('disputed', 'none', 'tally_only') AND w.c_members > 0 THEN
            RAISE EXCEPTION 'the roll of % is %, but % positions are given', w.id, w.roll_call, w.c_members
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
        END IF;
        -- A permanent member's negative vote defeats what is not procedural and had the number, and nothing else does.
        SELECT min(v.code) INTO unlike
          FROM resolutions s
          JOIN votes v ON v.resolution_no = s.no
          JOIN terms t ON t.code = v.code AND t.permanent AND s.date BETWEEN t.from_date AND t.to_date
          LEFT JOIN vetoes x ON x.resolution_no = v.resolution_no AND x.code = v.code
         WHERE s.no = w.no AND (v.position = 'no') <> (x.code IS NOT NULL);
        IF unlike IS NOT NULL THEN
            RAISE EXCEPTION '% is %, which the vote and the veto of % do not fit', w.id, w.outcome, unlike
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_is_whole';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER record_is_whole AFTER INSERT ON unchecked
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_is_whole();

CREATE FUNCTION resolutions_are_unchecked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unchecked (nos) SELECT array_agg(no ORDER BY no) FROM changed HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER record_is_whole_insert AFTER INSERT ON resolutions
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION resolutions_are_unchecked();
CREATE TRIGGER record_is_whole_update AFTER UPDATE ON resolutions
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION resolutions_are_unchecked();
