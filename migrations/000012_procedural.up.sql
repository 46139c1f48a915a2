-- Votes on procedure are few: a list of them looks at no others. With the
-- condition written out, Postgres knows the index to hold all that it asks for.
CREATE INDEX resolutions_on_procedure ON resolutions (date DESC, id DESC) WHERE procedural;
