package store

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// VerifyReport tells how the record compares with what its accounts and edits
// give when everything is worked out anew.
type VerifyReport struct {
	Accounts    int          `json:"accounts"`
	Edits       int          `json:"edits"`
	Resolutions int          `json:"resolutions"`
	Differences []Difference `json:"differences"`
	Revision    int64        `json:"revision"`
}

// Difference is one place where the record is not what the accounts give.
type Difference struct {
	ID      string         `json:"id"`
	What    string         `json:"what"`
	Changes []votes.Change `json:"changes,omitempty"` // from the record, to what the accounts give
}

// Verify works out the whole record again, in memory, from the accounts and the
// edits, and compares it with what the tables hold. Everything is read at one
// moment; nothing is written.
func (s *Store) Verify(ctx context.Context) (VerifyReport, error) {
	rep := VerifyReport{Differences: []Difference{}}
	err := s.snapshot(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(number), 0) FROM revisions`).Scan(&rep.Revision); err != nil {
			return err
		}
		edits, err := editsOf(ctx, tx, nil)
		if err != nil {
			return err
		}
		rep.Edits = len(edits)
		if err := verifyMatches(ctx, tx, edits, &rep); err != nil {
			return err
		}
		return verifyRecord(ctx, tx, edits, &rep)
	})
	return rep, err
}

// verifyRecord works out every resolution and holds it against its tables.
func verifyRecord(ctx context.Context, tx pgx.Tx, edits []votes.Edit, rep *VerifyReport) error {
	byID := votes.EditsByID(edits)
	for last := ""; ; {
		groups, err := accountGroups(ctx, tx, `(SELECT DISTINCT resolution_id FROM accounts WHERE superseded_by IS NULL)`, last)
		if err != nil {
			return err
		}
		if len(groups) == 0 {
			return verifyNoneLeft(ctx, tx, rep)
		}
		ids := make([]string, len(groups))
		for i, g := range groups {
			ids[i] = g.id
		}
		last = ids[len(ids)-1]
		records, err := recordsOf(ctx, tx, ids)
		if err != nil {
			return err
		}
		unlike, err := itemsUnlike(ctx, tx, records, ids)
		if err != nil {
			return err
		}
		provenance, err := provenanceOf(ctx, tx, ids)
		if err != nil {
			return err
		}
		for _, g := range groups {
			accounts, err := g.accounts()
			if err != nil {
				return err
			}
			want, _ := votes.Reconcile(accounts, byID[g.id])
			have, ok := records[g.id]
			switch {
			case want.ID == "" && !ok: // statements that wait for their vote
				continue
			case !ok:
				rep.Differences = append(rep.Differences, Difference{ID: g.id, What: "not in the record"})
				continue
			case want.ID == "":
				rep.Differences = append(rep.Differences, Difference{ID: g.id, What: "no account tells of the vote"})
				continue
			}
			rep.Resolutions++
			found := len(rep.Differences)
			if err := compare(&want, have, provenance[g.id], rep); err != nil {
				return err
			}
			// Where the record itself is wrong, that is the difference to tell.
			if unlike[g.id] && len(rep.Differences) == found {
				rep.Differences = append(rep.Differences, Difference{ID: g.id, What: "the API tells otherwise of it than the record"})
			}
		}
	}
}

// compare holds what the accounts give against the record, with where each of
// its fields is said to be from.
func compare(want, have *votes.Resolution, provenance []byte, rep *VerifyReport) error {
	want.Revision, have.Revision = 0, 0
	w, err := json.Marshal(want)
	if err != nil {
		return err
	}
	h, err := json.Marshal(have)
	if err != nil {
		return err
	}
	if !bytes.Equal(w, h) {
		changes, err := votes.Changes(have, want)
		rep.Differences = append(rep.Differences, Difference{ID: want.ID, What: "the record differs from its accounts", Changes: changes})
		return err
	}
	if w, err = json.Marshal(want.Provenance); err == nil && !bytes.Equal(w, provenance) {
		rep.Differences = append(rep.Differences, Difference{ID: want.ID, What: "the record tells otherwise where its fields are from"})
	}
	return err
}

// provenanceOf returns where the fields of some resolutions are from, by id, as
// it is stored.
func provenanceOf(ctx context.Context, tx pgx.Tx, ids []string) (map[string][]byte, error) {
	rows, err := tx.Query(ctx, `SELECT id, provenance FROM resolutions WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	list := make(map[string][]byte, len(ids))
	var id string
	var provenance []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &provenance}, func() error { list[id] = bytes.Clone(provenance); return nil })
	return list, err
}

// verifyNoneLeft looks for resolutions of which no account speaks, and for
// rolls that stand otherwise beside their resolution than in the votes.
func verifyNoneLeft(ctx context.Context, tx pgx.Tx, rep *VerifyReport) error {
	rows, err := tx.Query(ctx, `
		SELECT id, 'no account tells of it' FROM resolutions r
		 WHERE NOT EXISTS (SELECT FROM accounts a WHERE a.resolution_id = r.id AND a.superseded_by IS NULL)
		UNION ALL
		SELECT id, 'its roll is not that of its votes and vetoes' FROM resolutions WHERE roll <> roll_of(no)
		 ORDER BY 1`)
	if err != nil {
		return err
	}
	var d Difference
	_, err = pgx.ForEachRow(rows, []any{&d.ID, &d.What}, func() error {
		rep.Differences = append(rep.Differences, d)
		return nil
	})
	return err
}
