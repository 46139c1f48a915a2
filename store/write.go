package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// recordWriter writes resolutions with all that hangs on them, and only those
// that are not in the record as they are.
type recordWriter struct {
	tx  pgx.Tx
	rep *votes.ImportReport
}

var recordColumns = []string{"id", "draft", "resolution", "part", "meeting", "date", "kind", "procedural", "title",
	"agenda_item", "topic", "region", "note", "outcome", "adopted_by", "reason", "yes", "no_votes", "abstain",
	"not_voting", "members", "required", "roll_call", "carried_but_for_veto", "sponsored_as", "links", "digest", "revision"}

func (w *recordWriter) prepare(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, `
		CREATE TEMPORARY TABLE worked_out (LIKE resolutions) ON COMMIT DROP;
		ALTER TABLE worked_out ALTER COLUMN no DROP NOT NULL`)
	return err
}

// write writes a batch of resolutions. Their votes are copied straight into
// the table: what hung on a changed resolution was deleted first.
func (w *recordWriter) write(ctx context.Context, records []*votes.Resolution) error {
	changed, err := w.changed(ctx, records)
	if err != nil || len(changed) == 0 {
		return err
	}
	numbers, err := w.resolutions(ctx, changed)
	if err != nil {
		return fmt.Errorf("writing resolutions: %w", err)
	}
	for _, child := range children {
		var rows [][]any
		for i, c := range changed {
			rows = child.rows(rows, numbers[i], c.record)
		}
		if len(rows) == 0 {
			continue
		}
		if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{child.table}, child.columns, pgx.CopyFromRows(rows)); err != nil {
			return fmt.Errorf("writing %s: %w", child.table, err)
		}
		switch child.table {
		case "votes":
			w.rep.Votes += len(rows)
		case "sponsors":
			w.rep.Sponsors += len(rows)
		}
	}
	return nil
}

type digested struct {
	record *votes.Resolution
	digest string
}

// changed leaves out what the record already holds, and deletes what hangs on
// the rest.
func (w *recordWriter) changed(ctx context.Context, records []*votes.Resolution) ([]digested, error) {
	ids := make([]string, len(records))
	all := make([]digested, len(records))
	for i, r := range records {
		content, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		ids[i], all[i] = r.ID, digested{r, hex.EncodeToString(sum[:])}
	}
	rows, err := w.tx.Query(ctx, `SELECT id, no, digest FROM resolutions WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[string]string)
	var stale []int32
	var id, digest string
	var no int32
	numbers := make(map[string]int32)
	if _, err := pgx.ForEachRow(rows, []any{&id, &no, &digest}, func() error {
		known[id], numbers[id] = digest, no
		return nil
	}); err != nil {
		return nil, err
	}
	changed := all[:0]
	for _, d := range all {
		switch was, ok := known[d.record.ID]; {
		case !ok:
			w.rep.ResolutionsNew++
		case was == d.digest:
			w.rep.ResolutionsUnchanged++
			continue
		default:
			w.rep.ResolutionsChanged++
			stale = append(stale, numbers[d.record.ID])
		}
		changed = append(changed, d)
	}
	return changed, w.clear(ctx, stale)
}

func (w *recordWriter) clear(ctx context.Context, stale []int32) error {
	if len(stale) == 0 {
		return nil
	}
	for _, child := range children {
		if _, err := w.tx.Exec(ctx, `DELETE FROM `+pgx.Identifier{child.table}.Sanitize()+` WHERE resolution_no = ANY($1)`, stale); err != nil {
			return err
		}
	}
	return nil
}

// resolutions merges the batch into the table and returns the inner numbers.
func (w *recordWriter) resolutions(ctx context.Context, changed []digested) ([]int32, error) {
	if _, err := w.tx.Exec(ctx, `TRUNCATE worked_out`); err != nil {
		return nil, err
	}
	if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{"worked_out"}, recordColumns,
		pgx.CopyFromSlice(len(changed), func(i int) ([]any, error) { return w.row(changed[i]) })); err != nil {
		return nil, err
	}
	list := columnList(recordColumns, "")
	rows, err := w.tx.Query(ctx, `
		INSERT INTO resolutions (`+list+`) SELECT `+list+` FROM worked_out
		ON CONFLICT (id) DO UPDATE SET (`+list+`) = ROW (`+columnList(recordColumns, "excluded.")+`)
		RETURNING id, no`)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]int32, len(changed))
	var id string
	var no int32
	if _, err := pgx.ForEachRow(rows, []any{&id, &no}, func() error { byID[id] = no; return nil }); err != nil {
		return nil, err
	}
	numbers := make([]int32, len(changed))
	for i, c := range changed {
		numbers[i] = byID[c.record.ID]
	}
	return numbers, nil
}

func (w *recordWriter) row(d digested) ([]any, error) {
	r := d.record
	links, err := json.Marshal(r.Links)
	if err != nil {
		return nil, err
	}
	counts := make([]*int16, 6)
	if t := r.Tally; t != nil {
		for i, n := range []int{t.Yes, t.No, t.Abstain, t.NotVoting, t.Members, t.Required} {
			v := int16(n)
			counts[i] = &v
		}
	}
	return []any{r.ID, orNull(r.Draft), orNull(r.Resolution), orNull(r.Part), orNull(r.Meeting), r.Date.Time(), string(r.Kind),
		r.Procedural, orNull(r.Title), orNull(r.AgendaItem), orNull(r.Topic), orNull(r.Region), orNull(r.Note),
		string(r.Outcome), orNull(r.AdoptedBy), r.Reason, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5],
		string(r.RollCall), r.CarriedButForVeto, orNull(r.SponsoredAs), links, d.digest, w.rep.Revision}, nil
}

func columnList(columns []string, prefix string) string {
	s := ""
	for i, c := range columns {
		if i > 0 {
			s += ", "
		}
		s += prefix + c
	}
	return s
}

// children are the tables that hang on a resolution.
var children = []struct {
	table   string
	columns []string
	rows    func(rows [][]any, no int32, r *votes.Resolution) [][]any
}{
	{"votes", []string{"resolution_no", "code", "position"}, func(rows [][]any, no int32, r *votes.Resolution) [][]any {
		for _, v := range r.Detail.Votes {
			rows = append(rows, []any{no, string(v.Code), string(v.Position)})
		}
		return rows
	}},
	{"vetoes", []string{"resolution_no", "code"}, func(rows [][]any, no int32, r *votes.Resolution) [][]any {
		for _, c := range r.VetoedBy {
			rows = append(rows, []any{no, string(c)})
		}
		return rows
	}},
	{"sponsors", []string{"resolution_no", "ord", "code", "name"}, func(rows [][]any, no int32, r *votes.Resolution) [][]any {
		seen := make(map[votes.Code]bool) // a state named twice, by name and in a group, is one sponsor
		for i, s := range r.Sponsors {
			if s.Code == "" || !seen[s.Code] {
				rows = append(rows, []any{no, i + 1, orNull(s.Code), s.Name})
			}
			seen[s.Code] = true
		}
		return rows
	}},
	{"statements", []string{"resolution_no", "ord", "speaker", "code", "kind", "date", "text", "source"}, func(rows [][]any, no int32, r *votes.Resolution) [][]any {
		for i, s := range r.Detail.Statements {
			rows = append(rows, []any{no, i + 1, s.Speaker, orNull(s.For), s.Kind, s.Date, s.Text, s.Source})
		}
		return rows
	}},
	{"discrepancies", []string{"resolution_no", "ord", "kind", "severity", "state", "message", "source", "line"}, func(rows [][]any, no int32, r *votes.Resolution) [][]any {
		for i, d := range r.Discrepancies {
			rows = append(rows, []any{no, i + 1, d.Kind, d.Severity, d.State, d.Message, d.Source, d.Line})
		}
		return rows
	}},
}
