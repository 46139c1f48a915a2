COMMENT ON COLUMN unchecked.votes IS 'their votes were written while votes_need_a_seat was off, and have to be looked at too';

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

DROP FUNCTION loaded_rows_are_sound();
