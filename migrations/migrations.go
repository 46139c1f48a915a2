// Package migrations carries the database's schema, one step a pair of files.
package migrations

import "embed"

// FS holds 000001_name.up.sql and 000001_name.down.sql.
//
//go:embed *.sql
var FS embed.FS
