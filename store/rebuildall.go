package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Rebuild works out the whole record again from its accounts and edits, and
// writes what comes out otherwise than it stands: nothing, unless the rules of
// the program or the schema have changed. It returns how many resolutions it
// changed, and the revision, 0 where nothing changed.
func (s *Store) Rebuild(ctx context.Context) (changed int, revision int64, err error) {
	rep := votes.ImportReport{Discrepancies: map[string]int{}}
	err = s.write(ctx, func(tx pgx.Tx) error {
		im := &importer{tx: tx, rep: &rep, byTables: true}
		for _, sql := range []string{
			fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, importLock),
			`CREATE TEMPORARY TABLE touched (resolution_id text COLLATE "C") ON COMMIT DROP`,
			`INSERT INTO touched SELECT resolution_id FROM accounts UNION SELECT id FROM resolutions`,
			`CREATE UNIQUE INDEX ON touched (resolution_id)`,
			`CREATE TEMPORARY TABLE prior ON COMMIT DROP AS
			 SELECT base_id, CASE WHEN NOT numbered THEN meeting END AS meeting FROM accounts WHERE superseded_by IS NULL`,
			`ANALYZE prior`,
			`CREATE TEMPORARY TABLE landing (resolution_id text COLLATE "C", line integer, rows integer) ON COMMIT DROP`,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		var err error
		if rep.Revision, err = newRevision(ctx, tx, "the record worked out again"); err != nil {
			return err
		}
		before, err := matchesNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := im.match(ctx); err != nil {
			return err
		}
		if _, err := im.rebuild(ctx); err != nil {
			return err
		}
		after, err := matchesNow(ctx, tx)
		if err == nil && before == after && rep.ResolutionsNew+rep.ResolutionsChanged == 0 {
			return errTakenBack
		}
		if err != nil {
			return err
		}
		return s.logDone(ctx, tx, rep.Revision)
	})
	if err == errTakenBack {
		return 0, 0, s.layDownItems(ctx)
	}
	if err == nil {
		err = s.layDownItems(ctx)
	}
	return rep.ResolutionsNew + rep.ResolutionsChanged, rep.Revision, err
}

// matchesNow sums up which account is of which resolution, and which
// resolutions there are.
func matchesNow(ctx context.Context, q querier) (sum string, err error) {
	err = q.QueryRow(ctx, `
		SELECT md5(coalesce(string_agg(concat_ws('|', id, resolution_id, match_rule, match_doubt), ',' ORDER BY id), ''))
		       || (SELECT count(*) FROM resolutions)
		  FROM accounts`).Scan(&sum)
	return sum, err
}
