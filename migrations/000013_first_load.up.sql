-- A first load writes votes, vetoes and sponsors while the triggers that look at
-- each statement are off, and has all rows looked at once, at its end. A program of
-- before this step still has record_is_whole look at the votes alone.

CREATE FUNCTION loaded_rows_are_sound() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT r.id, r.date, v.code, v.resolution_no INTO wrong
      FROM votes v
      LEFT JOIN resolutions r ON r.no = v.resolution_no
     WHERE NOT EXISTS (SELECT FROM terms t
                        WHERE t.code = v.code AND r.date BETWEEN t.from_date AND t.to_date);
    IF FOUND THEN
        PERFORM refuse_vote(wrong.id, wrong.date, wrong.code, wrong.resolution_no);
    END IF;
    SELECT r.id, r.date, v.code INTO wrong
      FROM vetoes v
      JOIN resolutions r ON r.no = v.resolution_no
      LEFT JOIN votes w ON w.resolution_no = v.resolution_no AND w.code = v.code
     WHERE r.outcome <> 'vetoed' OR w.position <> 'no'
        OR NOT EXISTS (SELECT FROM terms t
                        WHERE t.code = v.code AND t.permanent AND r.date BETWEEN t.from_date AND t.to_date);
    IF FOUND THEN
        RAISE EXCEPTION '% cannot have vetoed % on %', wrong.code, wrong.id, wrong.date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'vetoes_need_a_permanent_seat';
    END IF;
    SELECT s.name, s.code, s.resolution_no, r.no IS NULL AS of_nothing INTO wrong
      FROM sponsors s
      LEFT JOIN resolutions r ON r.no = s.resolution_no
      LEFT JOIN states t ON t.code = s.code
     WHERE r.no IS NULL OR (s.code IS NOT NULL AND t.code IS NULL);
    IF FOUND AND wrong.of_nothing THEN
        RAISE EXCEPTION '% sponsors resolution number %, which does not exist', wrong.name, wrong.resolution_no
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'sponsors_resolution_no_fkey';
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'a sponsor of resolution number % is %, which is no state', wrong.resolution_no, wrong.code
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'sponsors_code_fkey';
    END IF;
    RETURN true;
END $$;
