// Package migrations carries the database's schema, one step a pair of files.
//
// Programs of two releases run side by side while they are replaced, and all of
// them on the newest schema. A step therefore only adds (expand): a table, an
// index, a function, a column that may be null, as the program that does not
// know it leaves it. What is no longer used is taken away, or made NOT NULL, by a
// step of a later release (contract), when no program is left that uses it. A
// program that finds a schema newer than it knows goes on, and leaves the schema
// as it is.
//
// Every step is taken in a transaction, all missing ones in the same: nothing
// that Postgres refuses in one (CREATE INDEX CONCURRENTLY) can stand in a step.
//
// A step that keeps more of the record than its accounts have told so far has the
// record worked out anew, and says so:
//
//	INSERT INTO unfinished (task) VALUES ('record') ON CONFLICT DO NOTHING;
//
// That takes as long as `scvotes rebuild`, and an index or a function does not
// need it.
package migrations

import "embed"

// FS holds 000001_name.up.sql and 000001_name.down.sql.
//
//go:embed *.sql
var FS embed.FS

// RecordAnew is the last of the steps that do not say so: whoever takes one up to
// it works the record out anew.
const RecordAnew = 12
