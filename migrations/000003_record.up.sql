-- The record as worked out from the accounts. The checks say what a true
-- record can look like (Charter, Article 27), whatever the program thinks.

CREATE TABLE resolutions (
    no           integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id           text COLLATE "C" NOT NULL UNIQUE CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9.-]*$'),
    draft        text COLLATE "C",
    resolution   text COLLATE "C" UNIQUE CHECK (resolution ~ '^S/RES/[0-9]+ \([0-9]{4}\)$'),
    part         text,
    meeting      text COLLATE "C",
    date         date NOT NULL CHECK (date >= '1946-01-17'),
    kind         text NOT NULL CHECK (kind IN ('draft_resolution', 'amendment', 'paragraph', 'oral_proposal',
                                               'recommendation', 'preliminary_question', 'other')),
    procedural   boolean NOT NULL,
    title        text,
    agenda_item  text,
    topic        text,
    region       text,
    note         text,
    outcome      text NOT NULL CHECK (outcome IN ('adopted', 'vetoed', 'failed', 'withdrawn')),
    adopted_by   text CHECK (adopted_by IN ('unanimity', 'majority', 'no_vote')),
    reason       text NOT NULL,
    yes          smallint,
    no_votes     smallint,
    abstain      smallint,
    not_voting   smallint,
    members      smallint,
    required     smallint,
    roll_call    text NOT NULL CHECK (roll_call IN ('complete', 'partial', 'tally_only', 'none', 'disputed')),
    carried_but_for_veto boolean NOT NULL,
    sponsored_as text,
    links        json NOT NULL,
    digest       text NOT NULL,
    revision     bigint NOT NULL REFERENCES revisions (number),

    CONSTRAINT known_by_a_symbol CHECK (draft IS NOT NULL OR resolution IS NOT NULL OR meeting IS NOT NULL),
    CONSTRAINT adopted_tells_how CHECK ((outcome = 'adopted') = (adopted_by IS NOT NULL)),
    CONSTRAINT only_adopted_is_numbered CHECK (outcome = 'adopted' OR resolution IS NULL),
    CONSTRAINT only_vetoed_but_for_veto CHECK ((outcome = 'vetoed') = carried_but_for_veto),
    CONSTRAINT procedural_is_never_vetoed CHECK (NOT (outcome = 'vetoed' AND procedural)),
    CONSTRAINT tally_is_whole CHECK (num_nulls(yes, no_votes, abstain, not_voting, members, required) IN (0, 6)),
    CONSTRAINT seven_of_11_nine_of_15 CHECK (yes IS NULL OR (members, required) IN ((11, 7), (15, 9))
                                             AND (members = 11) = (date < '1966-01-01')),
    CONSTRAINT counts_are_not_negative CHECK (yes IS NULL OR (yes >= 0 AND no_votes >= 0 AND abstain >= 0 AND not_voting >= 0)),
    CONSTRAINT no_more_votes_than_seats CHECK (yes IS NULL OR yes + no_votes + abstain + not_voting <= members),
    CONSTRAINT tally_fills_the_seats CHECK (roll_call NOT IN ('complete', 'tally_only') OR yes IS NULL
                                            OR yes + no_votes + abstain + not_voting = members),
    CONSTRAINT complete_roll_has_a_tally CHECK (roll_call <> 'complete' OR yes IS NOT NULL),
    CONSTRAINT adopted_had_the_number CHECK (outcome <> 'adopted' OR adopted_by = 'no_vote' OR coalesce(yes >= required, false)),
    CONSTRAINT vetoed_had_the_number CHECK (outcome <> 'vetoed' OR yes IS NULL OR (yes >= required AND no_votes >= 1)),
    CONSTRAINT failed_lacked_the_number CHECK (outcome <> 'failed' OR coalesce(yes < required, false)),
    CONSTRAINT unanimity_is_every_seat CHECK (adopted_by IS DISTINCT FROM 'unanimity' OR coalesce(yes = members, false)),
    CONSTRAINT no_vote_has_no_roll CHECK (adopted_by IS DISTINCT FROM 'no_vote' OR roll_call = 'none')
);
COMMENT ON COLUMN resolutions.no IS 'inner key; the world knows a resolution by id';
CREATE INDEX resolutions_by_date ON resolutions (date DESC, id DESC);
CREATE INDEX resolutions_by_outcome ON resolutions (outcome, date DESC, id DESC);
CREATE INDEX resolutions_by_revision ON resolutions (revision);

CREATE TABLE sponsors (
    resolution_no integer NOT NULL REFERENCES resolutions (no) ON DELETE CASCADE,
    ord           smallint NOT NULL CHECK (ord >= 1),
    code          text COLLATE "C" REFERENCES states (code),
    name          text NOT NULL CHECK (name <> ''),
    PRIMARY KEY (resolution_no, ord),
    UNIQUE (resolution_no, code)
);
COMMENT ON COLUMN sponsors.code IS 'null where the sponsor is no state: the President, a committee';
CREATE INDEX sponsors_by_code ON sponsors (code, resolution_no);

CREATE TABLE votes (
    resolution_no integer NOT NULL REFERENCES resolutions (no) ON DELETE CASCADE,
    code          text COLLATE "C" NOT NULL REFERENCES states (code),
    position      text COLLATE "C" NOT NULL CHECK (position IN ('yes', 'no', 'abstain', 'not_participating', 'absent')),
    PRIMARY KEY (resolution_no, code)
);
COMMENT ON TABLE votes IS 'one member''s position on one resolution; the key keeps a member from having two';
CREATE INDEX votes_by_member ON votes (code, position, resolution_no);

CREATE TABLE vetoes (
    resolution_no integer NOT NULL REFERENCES resolutions (no) ON DELETE CASCADE,
    code          text COLLATE "C" NOT NULL REFERENCES states (code),
    PRIMARY KEY (resolution_no, code)
);
CREATE INDEX vetoes_by_member ON vetoes (code, resolution_no);

CREATE TABLE statements (
    resolution_no integer NOT NULL REFERENCES resolutions (no) ON DELETE CASCADE,
    ord           smallint NOT NULL CHECK (ord >= 1),
    speaker       text NOT NULL,
    code          text COLLATE "C" REFERENCES states (code),
    kind          text NOT NULL CHECK (kind IN ('explanation_of_vote', 'reaction', 'joint_statement')),
    date          date,
    text          text NOT NULL CHECK (text <> ''),
    source        text NOT NULL,
    PRIMARY KEY (resolution_no, ord),
    CONSTRAINT statements_speaker_check CHECK (speaker <> '' OR code IS NOT NULL)
);
COMMENT ON COLUMN statements.source IS 'the document it stands in; empty where the account names none beside its own source';

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

-- A vote, and a veto, needs a seat on the day of the vote. Checked once for
-- each statement, over all its rows, so that a bulk load pays little for it.

CREATE FUNCTION votes_need_a_seat() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER votes_need_a_seat_insert AFTER INSERT ON votes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION votes_need_a_seat();
CREATE TRIGGER votes_need_a_seat_update AFTER UPDATE ON votes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION votes_need_a_seat();

CREATE FUNCTION vetoes_need_a_permanent_seat() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT r.id, r.date, v.code INTO wrong
      FROM changed v
      JOIN resolutions r ON r.no = v.resolution_no
     WHERE r.outcome <> 'vetoed'
        OR EXISTS (SELECT FROM votes w WHERE w.resolution_no = v.resolution_no AND w.code = v.code AND w.position <> 'no')
        OR NOT EXISTS (SELECT FROM terms t
                        WHERE t.code = v.code AND t.permanent AND r.date BETWEEN t.from_date AND t.to_date)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% cannot have vetoed % on %', wrong.code, wrong.id, wrong.date
            USING ERRCODE = 'check_violation', CONSTRAINT = 'vetoes_need_a_permanent_seat';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER vetoes_need_a_permanent_seat_insert AFTER INSERT ON vetoes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION vetoes_need_a_permanent_seat();
CREATE TRIGGER vetoes_need_a_permanent_seat_update AFTER UPDATE ON vetoes
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION vetoes_need_a_permanent_seat();

-- At the end of a transaction the roll, the tally and the vetoes of every
-- resolution it touched must tell the same.

CREATE FUNCTION record_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE CONSTRAINT TRIGGER record_is_whole AFTER INSERT OR UPDATE ON resolutions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_is_whole();

-- A vote or a veto changed or taken away touches its resolution, so that it is
-- looked at again. One added comes with its resolution and needs no touch.

CREATE FUNCTION touch_resolutions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE resolutions SET digest = digest WHERE no IN (SELECT resolution_no FROM changed);
    RETURN NULL;
END $$;
CREATE TRIGGER votes_touch_update AFTER UPDATE ON votes
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION touch_resolutions();
CREATE TRIGGER votes_touch_delete AFTER DELETE ON votes
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION touch_resolutions();
CREATE TRIGGER vetoes_touch_update AFTER UPDATE ON vetoes
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION touch_resolutions();
CREATE TRIGGER vetoes_touch_delete AFTER DELETE ON vetoes
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION touch_resolutions();
