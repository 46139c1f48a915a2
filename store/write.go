package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// recordWriter writes resolutions with all that hangs on them, and only those
// that are not in the record as they are.
type recordWriter struct {
	tx  pgx.Tx
	rep *votes.ImportReport

	// byTables compares with what the tables hold, not with the digests that
	// were taken when it was written.
	byTables bool

	words *lexicon
}

func (w *recordWriter) prepare(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, `
		CREATE TEMPORARY TABLE worked_out (LIKE resolutions INCLUDING STORAGE) WITH (toast_tuple_target = 8160) ON COMMIT DROP`)
	return err
}

// write writes a batch of resolutions. Their votes are copied straight into
// the table: what hung on a changed resolution was deleted first.
func (w *recordWriter) write(ctx context.Context, records []digested) error {
	for _, r := range records {
		for _, d := range r.record.Discrepancies {
			w.rep.Discrepancies[d.Kind]++
		}
	}
	changed, err := w.changed(ctx, records)
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := w.number(ctx, changed); err != nil {
		return err
	}
	laid := make([]wordsLaid, len(changed))
	for i, d := range changed {
		laid[i] = layWords(d.record)
	}
	search, err := w.words.columns(ctx, w.tx, laid)
	if err != nil {
		return fmt.Errorf("laying down the words: %w", err)
	}
	rows := newRecordRows()
	for i, d := range changed {
		if err := rows.add(d, search[i], w.rep.Revision); err != nil {
			return err
		}
	}
	return w.send(ctx, rows)
}

// number gives the new resolutions their inner numbers.
func (w *recordWriter) number(ctx context.Context, changed []digested) error {
	var fresh []int
	for i, d := range changed {
		if d.no == 0 {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	rows, err := w.tx.Query(ctx, `SELECT nextval(pg_get_serial_sequence('resolutions', 'no'))::integer FROM generate_series(1, $1)`, len(fresh))
	if err != nil {
		return err
	}
	var no int32
	_, err = pgx.ForEachRow(rows, []any{&no}, func() error {
		changed[fresh[0]].no, fresh = no, fresh[1:]
		return nil
	})
	return err
}

// send writes what was encoded: first the resolutions, since all else hangs on them.
func (w *recordWriter) send(ctx context.Context, rows *recordRows) error {
	w.rep.Votes += rows.children[votesTable].n + rows.cast
	rows.cast = 0
	w.rep.Sponsors += rows.children[sponsorsTable].n
	if err := w.mergeChanged(ctx, rows.changed); err != nil {
		return err
	}
	for _, c := range append([]*copyRows{rows.fresh, rows.history}, rows.children...) {
		if err := c.send(ctx, w.tx); err != nil {
			return err
		}
	}
	return nil
}

// mergeChanged writes resolutions that are in the table already.
func (w *recordWriter) mergeChanged(ctx context.Context, changed *copyRows) error {
	if changed.n == 0 {
		return nil
	}
	if _, err := w.tx.Exec(ctx, `TRUNCATE worked_out`); err != nil {
		return err
	}
	if err := changed.send(ctx, w.tx); err != nil {
		return err
	}
	_, err := w.tx.Exec(ctx, `
		UPDATE resolutions r SET (`+columnList(recordColumns[1:], "")+`) = ROW (`+columnList(recordColumns[1:], "o.")+`)
		  FROM worked_out o WHERE o.no = r.no`)
	if err != nil {
		return fmt.Errorf("writing resolutions: %w", err)
	}
	return nil
}

type digested struct {
	record *votes.Resolution
	digest string
	no     int32             // its inner number, 0 as long as it has none
	before *votes.Resolution // nil for a new one
	cast   bool              // its votes and vetoes stand in their tables as they should
}

// digest sums a record up, with where its fields are from.
func digest(r *votes.Resolution) digested {
	scratch := scratches.Get().(*[]byte)
	*scratch = r.AppendRecordJSON((*scratch)[:0])
	sum := sha256.Sum256(*scratch)
	scratches.Put(scratch)
	return digested{record: r, digest: hex.EncodeToString(sum[:])}
}

// scratches are for records that are encoded only to be summed up.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// changed leaves out what the record already holds, and deletes what hangs on
// the rest.
func (w *recordWriter) changed(ctx context.Context, all []digested) ([]digested, error) {
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.record.ID
	}
	known, err := w.known(ctx, ids)
	if err == nil && w.byTables {
		err = w.digestTables(ctx, ids, known)
	}
	if err != nil {
		return nil, err
	}
	changed := all[:0]
	var stale []int32
	var staleIDs []string
	for _, d := range all {
		switch was, ok := known[d.record.ID]; {
		case !ok:
			w.rep.ResolutionsNew++
		case was.digest == d.digest:
			w.rep.ResolutionsUnchanged++
			continue
		default:
			w.rep.ResolutionsChanged++
			d.no = was.no
			stale, staleIDs = append(stale, was.no), append(staleIDs, d.record.ID)
		}
		changed = append(changed, d)
	}
	if len(stale) == 0 {
		return changed, nil
	}
	before, err := recordsOf(ctx, w.tx, staleIDs)
	if err != nil {
		return nil, err
	}
	// Most often it is another source's account that was added, and the roll is
	// what it was.
	var recast []int32
	for i := range changed {
		d := &changed[i]
		if d.before = before[d.record.ID]; d.before == nil {
			continue
		}
		if d.cast = slices.Equal(rollColumn(d.record), rollColumn(d.before)); !d.cast {
			recast = append(recast, d.no)
		}
	}
	return changed, w.clear(ctx, stale, recast)
}

type knownRecord struct {
	no     int32
	digest string
}

func (w *recordWriter) known(ctx context.Context, ids []string) (map[string]knownRecord, error) {
	rows, err := w.tx.Query(ctx, `SELECT id, no, digest FROM resolutions WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[string]knownRecord)
	var id string
	var k knownRecord
	_, err = pgx.ForEachRow(rows, []any{&id, &k.no, &k.digest}, func() error { known[id] = k; return nil })
	return known, err
}

// digestTables replaces the digests by those of what the tables hold now.
func (w *recordWriter) digestTables(ctx context.Context, ids []string, known map[string]knownRecord) error {
	records, err := recordsOf(ctx, w.tx, ids)
	if err != nil {
		return err
	}
	provenance, err := provenanceOf(ctx, w.tx, ids)
	if err != nil {
		return err
	}
	for id, r := range records {
		r.Revision = 0 // of its own, not of what it tells
		if err := json.Unmarshal(provenance[id], &r.Provenance); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		known[id] = knownRecord{known[id].no, digest(r).digest}
	}
	return nil
}

// clear deletes what hangs on some resolutions, the roll only of those that have
// another now.
func (w *recordWriter) clear(ctx context.Context, stale, recast []int32) error {
	for i, child := range children {
		nos := stale
		if isRoll(i) {
			nos = recast
		}
		if len(nos) == 0 {
			continue
		}
		if _, err := w.tx.Exec(ctx, `DELETE FROM `+child.table+` WHERE resolution_no = ANY($1)`, nos); err != nil {
			return err
		}
	}
	return nil
}

// forget takes resolutions out again that were written at this very revision,
// as if they had not been: another account of the vote came up behind.
func (w *recordWriter) forget(ctx context.Context, ids []string) error {
	rows, err := w.tx.Query(ctx, `SELECT no, id FROM resolutions WHERE id = ANY($1) AND revision = $2`, ids, w.rep.Revision)
	if err != nil {
		return err
	}
	var no int32
	var id string
	var nos []int32
	ids = ids[:0:0]
	if _, err := pgx.ForEachRow(rows, []any{&no, &id}, func() error { nos, ids = append(nos, no), append(ids, id); return nil }); err != nil || len(nos) == 0 {
		return err
	}
	var cast, sponsors int
	if err := w.tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM votes WHERE resolution_no = ANY($1)), (SELECT count(*) FROM sponsors WHERE resolution_no = ANY($1))`, nos).
		Scan(&cast, &sponsors); err != nil {
		return err
	}
	w.rep.ResolutionsNew -= len(nos)
	w.rep.Votes -= cast
	w.rep.Sponsors -= sponsors
	if rows, err = w.tx.Query(ctx, `SELECT kind, count(*) FROM discrepancies WHERE resolution_no = ANY($1) GROUP BY 1`, nos); err != nil {
		return err
	}
	var kind string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&kind, &n}, func() error {
		if w.rep.Discrepancies[kind] -= n; w.rep.Discrepancies[kind] == 0 {
			delete(w.rep.Discrepancies, kind)
		}
		return nil
	}); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `DELETE FROM resolutions WHERE no = ANY($1)`, nos); err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, `DELETE FROM changes WHERE resolution_id = ANY($1) AND revision = $2`, ids, w.rep.Revision)
	return err
}
