package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// importLock is the advisory lock that lets one import write at a time.
const importLock = 0x5cf07e5

// ImportOptions say how a file is taken in.
type ImportOptions struct {
	KeepGoing bool // land the sound accounts though others are refused
	DryRun    bool // do everything, then take it back
}

// ReadFile gives the accounts of a file, in order, to yield, and fills the
// parts of the report that only a reader knows: the file, its format, source
// and digest, its rows and those refused that belong to no account.
type ReadFile func(report *votes.ImportReport, yield func(*votes.Account) error) error

// errTakenBack ends a transaction whose work is not to stay.
var errTakenBack = errors.New("taken back")

// Import takes a file into the record: its accounts land by COPY, and what
// they say is merged and reconciled, in one transaction. The file lands whole
// or not at all, unless KeepGoing is set. What was refused, and why, is in the
// report; the error tells only of what kept Import from finding out, or wraps
// votes.ErrInvalid when the file was refused.
func (s *Store) Import(ctx context.Context, opt ImportOptions, read ReadFile) (votes.ImportReport, error) {
	return s.importAlso(ctx, opt, read, func(context.Context, pgx.Tx, votes.ImportReport) error { return nil })
}

// importAlso is Import that does something more in the same transaction, where
// the file lands.
func (s *Store) importAlso(ctx context.Context, opt ImportOptions, read ReadFile, also func(context.Context, pgx.Tx, votes.ImportReport) error) (votes.ImportReport, error) {
	rep := votes.ImportReport{DryRun: opt.DryRun, Problems: []votes.Problem{}, Discrepancies: map[string]int{}}
	began := time.Now()
	err := s.writeInTurn(ctx, func(tx pgx.Tx) error {
		im := &importer{tx: tx, opt: opt, rep: &rep}
		if err := im.run(ctx, read); err != nil {
			return err
		}
		rep.Import = im.importID
		if err := also(ctx, tx, rep); err != nil {
			return err
		}
		return s.logDone(ctx, tx, rep.Revision)
	})
	switch {
	case errors.Is(err, errTakenBack):
		err = nil
	case err != nil:
		rep.Revision, rep.Import, rep.RowsLanded, rep.RowsRefused = 0, 0, 0, rep.Rows
	}
	rep.Landed = err == nil && rep.Revision > 0
	if !opt.DryRun {
		s.imported(ctx, rep, time.Since(began), err)
	}
	return rep, err
}

type importer struct {
	tx       pgx.Tx
	opt      ImportOptions
	rep      *votes.ImportReport
	importID int64 // 0 as long as nothing is new
	sourceID int32
	edits    map[string][]votes.Edit
	byTables bool // see recordWriter
	words    lexicon

	// While the file is read: see alone.go.
	source        votes.Source
	empty         bool            // the record, before
	edited        map[string]bool // ids on which editors have decided
	seen          map[uint32]struct{}
	seed          maphash.Seed
	mostAlone     atomic.Bool
	alone, others int // accounts
	lastPlace     int
	busy          chan struct{} // as many as may be at work on accounts
	spare         landedRows    // of a batch that was written
	twins         []string      // keys that came up again
	restore       func() error  // puts back what was taken off for a first load; nil where nothing was
	slowly        bool          // the tables are another role's: nothing is taken off them

	beforeAccounts int64 // the numbers of accounts.id and resolutions.no that were taken before
	beforeNumbers  int32
}

func (im *importer) run(ctx context.Context, read ReadFile) error {
	if _, err := im.tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, importLock); err != nil {
		return err
	}
	if err := im.land(ctx, read); err != nil {
		return err
	}
	if im.rep.RowsRefused > 0 && !im.opt.KeepGoing {
		im.rep.RowsLanded = im.rep.Rows - im.rep.RowsRefused
		return im.refused()
	}
	if im.restore != nil {
		if err := im.restore(); err != nil {
			return err
		}
	}
	if err := im.refuseTwins(ctx); err != nil {
		return err
	}
	im.rep.RowsLanded = im.rep.Rows - im.rep.RowsRefused
	if im.rep.RowsRefused > 0 && !im.opt.KeepGoing {
		return im.refused()
	}
	if im.rep.Accounts == 0 {
		return errTakenBack // not even a source is known
	}
	if err := im.dropKnown(ctx); err != nil {
		return err
	}
	if err := im.settle(ctx); err != nil {
		return err
	}
	if err := im.finish(ctx); err != nil {
		return err
	}
	if err := im.keepProblems(ctx); err != nil {
		return err
	}
	if !im.opt.DryRun {
		return nil
	}
	// What is looked at when a transaction ends would not be.
	if _, err := im.tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
		return err
	}
	var err error
	if im.rep.WouldChange, err = wouldChange(ctx, im.tx, im.rep.Revision); err != nil {
		return err
	}
	im.rep.Revision = 0
	return errTakenBack
}

func (im *importer) refused() error {
	return fmt.Errorf("%s: %d of %d rows refused, so nothing landed: %w", im.rep.File, im.rep.RowsRefused, im.rep.Rows, votes.ErrInvalid)
}

// settle merges the accounts that are not alone, and works out the record.
// Accounts from which no record follows are refused, and it begins again without
// them, so that they neither stay nor supersede what is known.
func (im *importer) settle(ctx context.Context) error {
	outer, before := im.tx, *im.rep
	before.Discrepancies = maps.Clone(im.rep.Discrepancies)
	for im.rep.Accounts-im.alone > im.rep.AccountsUnchanged {
		if err := im.begin(ctx); err != nil {
			return err
		}
		if err := im.takeNumbers(ctx); err != nil {
			return err
		}
		var without []withoutRecord
		err := pgx.BeginFunc(ctx, outer, func(savepoint pgx.Tx) error {
			im.tx = savepoint
			if err := im.merge(ctx); err != nil {
				return err
			}
			if err := im.match(ctx); err != nil {
				return err
			}
			var err error
			if without, err = im.rebuild(ctx); err != nil {
				return err
			}
			return im.countMatches(ctx)
		})
		im.tx = outer
		if !errors.Is(err, errTakenBack) {
			return err
		}
		if err := im.refuseWithoutRecord(ctx, without); err != nil {
			return err
		}
		if !im.opt.KeepGoing {
			return im.refused()
		}
		im.rep.ResolutionsNew, im.rep.ResolutionsChanged, im.rep.ResolutionsUnchanged = before.ResolutionsNew, 0, 0
		im.rep.Votes, im.rep.Sponsors = before.Votes, before.Sponsors
		im.rep.Discrepancies = maps.Clone(before.Discrepancies)
	}
	if im.alone == 0 {
		im.rep.Revision = 0
		return errTakenBack // all of it was known
	}
	im.rep.AccountsUnmatched = im.alone
	return im.takeNumbers(ctx)
}

// takeNumbers leaves the sequences behind the numbers that the import gave itself.
func (im *importer) takeNumbers(ctx context.Context) error {
	resolutions := im.beforeNumbers
	if im.alone > 0 {
		resolutions += int32(im.lastPlace)
	}
	_, err := im.tx.Exec(ctx, `
		SELECT setval(pg_get_serial_sequence('accounts', 'id'), $1 + 1, false), setval(pg_get_serial_sequence('resolutions', 'no'), $2 + 1, false)`,
		im.beforeAccounts+int64(im.lastPlace), int64(resolutions))
	return err
}

// refuseTwins refuses accounts of one file that the file itself tells apart by
// nothing: which of them is meant cannot be told.
func (im *importer) refuseTwins(ctx context.Context) error {
	if len(im.twins) == 0 {
		return nil
	}
	if err := im.bringBack(ctx, im.twins); err != nil {
		return err
	}
	rows, err := im.tx.Query(ctx, `
		DELETE FROM landing l USING (
			SELECT key, array_agg(line ORDER BY line) AS lines FROM landing GROUP BY 1 HAVING count(*) > 1) twins
		 WHERE l.key = twins.key
		RETURNING l.resolution_id, l.line, l.rows, twins.lines`)
	if err != nil {
		return err
	}
	var id string
	var line, n int
	var lines []int
	_, err = pgx.ForEachRow(rows, []any{&id, &line, &n, &lines}, func() error {
		im.rep.Accounts--
		im.refuse(n, votes.Problem{Line: line, Kind: votes.KindDuplicate,
			Message: fmt.Sprintf("%d accounts of %s in one file, on lines %v: which is right cannot be told", len(lines), id, lines)})
		return nil
	})
	return err
}

func (im *importer) refuse(rows int, p votes.Problem) {
	p.File, p.Severity = im.rep.File, votes.Refused
	im.rep.AccountsRefused++
	im.rep.RowsRefused += rows
	im.rep.Problems = append(im.rep.Problems, p)
}

// dropKnown takes the accounts out of the landing table that are in the
// record word for word.
func (im *importer) dropKnown(ctx context.Context) error {
	if err := im.knowSource(ctx); err != nil {
		return err
	}
	if im.rep.Accounts == im.alone {
		return nil
	}
	// An account of an older edition is known too, though a newer one took its place.
	for _, sql := range []string{`
		DELETE FROM landing l USING accounts a
		 WHERE a.source_id = $1 AND a.key = l.key AND a.digest = l.digest AND a.superseded_by IS NULL`, `
		DELETE FROM landing l USING accounts a, accounts newer
		 WHERE a.source_id = $1 AND a.key = l.key AND a.digest = l.digest AND newer.id = a.superseded_by AND newer.source_id <> $1
		   AND (SELECT EXISTS (SELECT FROM sources s JOIN sources o USING (name, format) WHERE s.id = $1 AND o.edition > s.edition))`,
	} {
		known, err := im.tx.Exec(ctx, sql, im.sourceID)
		if err != nil {
			return err
		}
		im.rep.AccountsUnchanged += int(known.RowsAffected())
	}
	// A temporary table has no statistics of its own making, and the planner's
	// guess for it turns the joins that follow into nested loops.
	_, err := im.tx.Exec(ctx, `ANALYZE landing`)
	return err
}

// merge writes the new accounts, and has them supersede what the same source
// said of the same vote before.
func (im *importer) merge(ctx context.Context) error {
	for _, sql := range []string{`
		CREATE TEMPORARY TABLE prior ON COMMIT DROP AS
		SELECT old.id, old.key, old.resolution_id, old.base_id,
		       CASE WHEN NOT old.numbered THEN old.meeting END AS meeting, s.edition > @edition AS newer
		  FROM landing l JOIN accounts old USING (key) JOIN sources s ON s.id = old.source_id
		 WHERE old.superseded_by IS NULL
		   AND old.source_id IN (SELECT o.id FROM sources o JOIN sources n USING (name, format) WHERE n.id = @source)`, `
		INSERT INTO accounts (` + columnList(accountColumns, "") + `) OVERRIDING SYSTEM VALUE
		SELECT @before::bigint + place, @source, @import, resolution_id, ` + columnList(landingColumns[1:], "") + `
		  FROM landing ORDER BY place`, `
		UPDATE accounts old SET superseded_by = new.id
		  FROM prior p JOIN accounts new ON new.source_id = @source AND new.key = p.key AND new.import_id = @import
		 WHERE old.id = p.id AND NOT p.newer`, `
		UPDATE accounts new SET superseded_by = p.id
		  FROM prior p
		 WHERE new.source_id = @source AND new.key = p.key AND new.import_id = @import AND p.newer`, `
		CREATE TEMPORARY TABLE touched (resolution_id text COLLATE "C") ON COMMIT DROP`, `
		INSERT INTO touched SELECT resolution_id FROM landing UNION SELECT resolution_id FROM prior`, `
		CREATE UNIQUE INDEX ON touched (resolution_id)`, `
		ANALYZE touched`,
	} {
		if _, err := im.tx.Exec(ctx, sql, pgx.NamedArgs{"source": im.sourceID, "import": im.importID, "edition": im.source.Edition, "before": im.beforeAccounts}); err != nil {
			return err
		}
	}
	return nil
}

// countMatches tells how many of the new accounts met another source's: none
// did that was alone.
func (im *importer) countMatches(ctx context.Context) error {
	if err := im.tx.QueryRow(ctx, `
		SELECT count(*) FROM accounts a JOIN touched USING (resolution_id)
		 WHERE a.import_id = $1
		   AND EXISTS (SELECT FROM accounts o WHERE o.resolution_id = a.resolution_id AND o.superseded_by IS NULL AND o.source_id <> a.source_id)`,
		im.importID).Scan(&im.rep.AccountsMatched); err != nil {
		return err
	}
	im.rep.AccountsUnmatched = im.rep.Accounts - im.rep.AccountsUnchanged - im.rep.AccountsMatched
	return nil
}

// finish fills in what only the end of the file tells of the import.
func (im *importer) finish(ctx context.Context) error {
	rep := im.rep
	_, err := im.tx.Exec(ctx, `UPDATE imports SET sha256 = $2, rows = $3, rows_landed = $4, rows_refused = $5, accounts = $6 WHERE id = $1`,
		im.importID, rep.SHA256, rep.Rows, rep.RowsLanded, rep.RowsRefused, rep.Accounts)
	return err
}

// keepProblems lays the report's problems beside the import.
func (im *importer) keepProblems(ctx context.Context) error {
	_, err := im.tx.CopyFrom(ctx, pgx.Identifier{"import_problems"},
		[]string{"import_id", "ord", "line", "col", "kind", "severity", "message", "suggestion"},
		pgx.CopyFromSlice(len(im.rep.Problems), func(i int) ([]any, error) {
			p := im.rep.Problems[i]
			return []any{im.importID, i + 1, p.Line, p.Column, p.Kind, string(p.Severity), p.Message, p.Suggestion}, nil
		}))
	return err
}
