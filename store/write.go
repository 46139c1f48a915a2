package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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
}

var recordColumns = []string{"id", "draft", "resolution", "part", "meeting", "date", "kind", "procedural", "title",
	"agenda_item", "topic", "region", "note", "outcome", "adopted_by", "reason", "yes", "no_votes", "abstain",
	"not_voting", "members", "required", "roll_call", "carried_but_for_veto", "sponsored_as", "links", "sources", "provenance",
	"roll", "digest", "revision"}

func (w *recordWriter) prepare(ctx context.Context) error {
	_, err := w.tx.Exec(ctx, `
		CREATE TEMPORARY TABLE worked_out (LIKE resolutions) ON COMMIT DROP;
		ALTER TABLE worked_out ALTER COLUMN no DROP NOT NULL, DROP COLUMN search, DROP COLUMN closeness,
			ADD `+strings.Join(wordColumns, ` text, ADD `)+` text`)
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
	numbers, err := w.resolutions(ctx, changed)
	if err != nil {
		return fmt.Errorf("writing resolutions: %w", err)
	}
	if err := w.keepHistory(ctx, changed); err != nil {
		return fmt.Errorf("writing the history: %w", err)
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
	before *votes.Resolution // nil for a new one
}

// digest sums a record up, with where its fields are from.
func digest(r *votes.Resolution) (digested, error) {
	content, err := json.Marshal(struct {
		*votes.Resolution
		Provenance []votes.FieldSource `json:"provenance"`
	}{r, r.Provenance})
	if err != nil {
		return digested{}, fmt.Errorf("%s: %w", r.ID, err)
	}
	sum := sha256.Sum256(content)
	return digested{record: r, digest: hex.EncodeToString(sum[:])}, nil
}

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
	for i, d := range changed {
		changed[i].before = before[d.record.ID]
	}
	return changed, w.clear(ctx, stale)
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
		d, err := digest(r)
		if err != nil {
			return err
		}
		known[id] = knownRecord{known[id].no, d.digest}
	}
	return nil
}

// keepHistory writes what this revision changes of each resolution.
func (w *recordWriter) keepHistory(ctx context.Context, changed []digested) error {
	_, err := w.tx.CopyFrom(ctx, pgx.Identifier{"changes"}, []string{"resolution_id", "revision", "what", "fields"},
		pgx.CopyFromSlice(len(changed), func(i int) ([]any, error) {
			d := changed[i]
			if d.before == nil {
				return []any{d.record.ID, w.rep.Revision, votes.Created, []byte("[]")}, nil
			}
			changes, err := votes.Changes(d.before, d.record)
			if err != nil {
				return nil, err
			}
			fields, err := json.Marshal(changes)
			return []any{d.record.ID, w.rep.Revision, votes.Changed, fields}, err
		}))
	return err
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
	if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{"worked_out"}, slices.Concat(recordColumns, wordColumns),
		pgx.CopyFromSlice(len(changed), func(i int) ([]any, error) { return w.row(changed[i]) })); err != nil {
		return nil, err
	}
	list := columnList(recordColumns, "")
	rows, err := w.tx.Query(ctx, `
		INSERT INTO resolutions (`+list+`, search) SELECT `+list+`, `+searchColumn+` FROM worked_out
		ON CONFLICT (id) DO UPDATE SET (`+list+`, search) = ROW (`+columnList(recordColumns, "excluded.")+`, excluded.search)
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
	var asJSON [3][]byte
	for i, v := range []any{r.Links, r.Detail.Sources, r.Provenance} {
		var err error
		if asJSON[i], err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	counts := make([]*int16, 6)
	if t := r.Tally; t != nil {
		for i, n := range []int{t.Yes, t.No, t.Abstain, t.NotVoting, t.Members, t.Required} {
			v := int16(n)
			counts[i] = &v
		}
	}
	return append([]any{r.ID, orNull(r.Draft), orNull(r.Resolution), orNull(r.Part), orNull(r.Meeting), r.Date.Time(), string(r.Kind),
		r.Procedural, orNull(r.Title), orNull(r.AgendaItem), orNull(r.Topic), orNull(r.Region), orNull(r.Note),
		string(r.Outcome), orNull(r.AdoptedBy), r.Reason, counts[0], counts[1], counts[2], counts[3], counts[4], counts[5],
		string(r.RollCall), r.CarriedButForVeto, orNull(r.SponsoredAs), asJSON[0], asJSON[1], asJSON[2],
		rollColumn(r), d.digest, w.rep.Revision}, wordsOf(r)...), nil
}

// rollColumn writes a roll as CODE:position, and vetoes as CODE:veto, in order.
func rollColumn(r *votes.Resolution) []string {
	list := make([]string, 0, len(r.Votes)+len(r.VetoedBy))
	for _, v := range r.Votes {
		list = append(list, string(v.Code)+":"+string(v.Position))
	}
	for _, c := range r.VetoedBy {
		list = append(list, string(c)+vetoMark)
	}
	slices.Sort(list)
	return list
}

// vetoMark stands behind the code of a member that vetoed.
const vetoMark = ":veto"

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
	{"discrepancies", []string{"resolution_no", "ord", "key", "kind", "field", "severity", "state", "message", "sources", "sides", "explanation", "reference"}, func(rows [][]any, no int32, r *votes.Resolution) [][]any {
		for i, d := range r.Discrepancies {
			sources := make([]string, len(d.Sides))
			for j, side := range d.Sides {
				sources[j] = side.Source
			}
			rows = append(rows, []any{no, i + 1, d.Key, d.Kind, orNull(d.Field), d.Severity, d.State, d.Message, sources, d.Sides,
				orNull(d.Explanation), orNull(d.Reference)})
		}
		return rows
	}},
}
