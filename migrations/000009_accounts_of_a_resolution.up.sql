-- What every source says of a vote is asked with what a newer edition has taken
-- the place of. Those accounts have an index of their own: one over all accounts
-- has no statistics when a load begins, and is then joined with another that all
-- current accounts stand in, for each resolution anew.
CREATE INDEX accounts_replaced_by_resolution ON accounts (resolution_id) WHERE superseded_by IS NOT NULL;
