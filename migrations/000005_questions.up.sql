-- What questions are asked of: who voted how as one column that an index can
-- search, the words of each vote, and how close it was.

ALTER TABLE resolutions
    ADD roll      text[] COLLATE "C" NOT NULL DEFAULT '{}',
    ADD search    tsvector NOT NULL DEFAULT '',
    ADD closeness smallint GENERATED ALWAYS AS (CASE WHEN yes >= required THEN yes - required + 1
                                                     WHEN yes < required THEN required - yes ELSE 99 END) STORED;
COMMENT ON COLUMN resolutions.roll IS 'its votes as CODE:position and its vetoes as CODE:veto, in order; record_is_whole holds it against the tables votes and vetoes';
COMMENT ON COLUMN resolutions.search IS 'folded words: A title and symbols, B agenda item, topic and region, C names of members, D statements and note';
COMMENT ON COLUMN resolutions.closeness IS 'how many votes would have had to change for the number to be reached, or missed; 99 where there is no tally';

CREATE INDEX resolutions_by_roll ON resolutions USING gin (roll);
CREATE INDEX resolutions_by_words ON resolutions USING gin (search);
CREATE INDEX resolutions_by_closeness ON resolutions (closeness, date DESC, id DESC);
CREATE INDEX resolutions_by_margin ON resolutions ((yes - required), date DESC, id DESC);
CREATE INDEX resolutions_by_topic ON resolutions (lower(topic), date DESC, id DESC);
CREATE INDEX resolutions_by_agenda_item ON resolutions (lower(agenda_item), date DESC, id DESC);
CREATE INDEX resolutions_by_draft ON resolutions (draft);
CREATE INDEX resolutions_by_meeting ON resolutions (meeting);
DROP INDEX resolutions_by_revision;
CREATE INDEX resolutions_by_revision ON resolutions (revision, id);
-- Who voted how is asked of resolutions.roll, in one step instead of a join.
DROP INDEX votes_by_member;


CREATE FUNCTION roll_of(integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(mark ORDER BY mark COLLATE "C"), '{}')
      FROM (SELECT code || ':' || position AS mark FROM votes WHERE resolution_no = $1
            UNION ALL SELECT code || ':veto' FROM vetoes WHERE resolution_no = $1) marks
$$;
UPDATE resolutions SET roll = roll_of(no);

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

-- The words of what is there already are laid down by store.Migrate.
