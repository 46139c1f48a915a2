-- A resolution takes most of a page of the database. What lists are chosen by
-- beside the day therefore stands in the index of days, which is read through
-- twenty times faster: once the table is vacuumed, a list looks at no resolution but
-- its own. The new index takes the place of the old one at the end, since from then
-- on readers wait.
CREATE INDEX resolutions_by_date_and_more ON resolutions (date DESC, id DESC)
    INCLUDE (no, outcome, adopted_by, kind, roll_call, procedural, no_votes);

-- As topics and agenda items have one.
CREATE INDEX resolutions_by_region ON resolutions (lower(region), date DESC, id DESC);

-- What changed is asked with what was deleted, which is little or nothing.
CREATE INDEX changes_of_the_deleted ON changes (revision) WHERE what = 'deleted';

DROP INDEX resolutions_by_date;
ALTER INDEX resolutions_by_date_and_more RENAME TO resolutions_by_date;
