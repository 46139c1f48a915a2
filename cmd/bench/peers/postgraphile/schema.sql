-- The record as PostGraphile is shown it: the tables of scvotes themselves, and how
-- they hang together, which it reads from foreign keys or else from such comments.
CREATE SCHEMA postgraphile;
CREATE VIEW postgraphile.resolutions AS
    SELECT no, id, draft, resolution, meeting, date, title, agenda_item, outcome, reason,
           yes, no_votes, abstain, not_voting, members, required
      FROM public.resolutions;
COMMENT ON VIEW postgraphile.resolutions IS E'@primaryKey no\n@unique id';
CREATE VIEW postgraphile.votes AS SELECT resolution_no, code, position FROM public.votes;
COMMENT ON VIEW postgraphile.votes IS E'@primaryKey resolution_no,code\n@foreignKey (resolution_no) references resolutions (no)';
