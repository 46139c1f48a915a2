package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Accounts returns what every source says of a resolution, current accounts
// first, and where each field of the record is from. Both kinds of accounts have
// an index of their own, and are asked for by themselves. An unknown id is an error
// that wraps votes.ErrNotFound.
func (s *Store) Accounts(ctx context.Context, id string) (*votes.Accounts, error) {
	out := &votes.Accounts{ID: id, Accounts: []votes.AccountView{}}
	var fields, accounts, edits []byte
	err := s.db.QueryRow(ctx, `
		SELECT r.provenance, r.revision, `+recordRevision+`,
		       (SELECT coalesce(json_agg(`+accountView+`
		                 ORDER BY a.superseded_by IS NOT NULL, s.name, s.edition DESC, a.id), '[]')
		          FROM accounts a JOIN imports i ON i.id = a.import_id JOIN sources s ON s.id = a.source_id
		         WHERE a.resolution_id = r.id AND a.superseded_by IS NULL OR a.resolution_id = r.id AND a.superseded_by IS NOT NULL),
		       (SELECT coalesce(json_agg(json_build_object('number', e.number, 'id', e.id, 'field', e.field, 'value', e.value,
		                   'reason', e.reason, 'reference', e.reference) ORDER BY e.number), '[]') FROM edits e WHERE e.id = r.id)
		  FROM resolutions r WHERE r.id = $1`, id).Scan(&fields, &out.Revision, &out.Record, &accounts, &edits)
	if err != nil {
		return nil, notFound(err, "accounts of", id)
	}
	for _, p := range []jsonPart{{fields, &out.Fields}, {accounts, &out.Accounts}, {edits, &out.Edits}} {
		if err := json.Unmarshal(p.json, p.into); err != nil {
			return nil, fmt.Errorf("reading the accounts of %s: %w", id, err)
		}
	}
	for i := range out.Accounts {
		complete(&out.Accounts[i])
	}
	return out, nil
}

// accountView is an account a of an import i as votes.AccountView has it in JSON.
const accountView = `json_build_object(
	'number', a.id, 'file', i.file, 'sha256', i.sha256, 'import', a.import_id, 'sound', a.sound,
	'superseded_by', a.superseded_by, 'matched_by', a.match_rule, 'doubt', nullif(a.match_doubt, ''),
	'source', a.content->'source', 'account', a.content)`

// complete adds what is worked out of an account alone.
func complete(v *votes.AccountView) {
	v.Source.Line = v.Account.Line
	if d, err := votes.Decide(v.Account.Ballot()); err == nil && v.Account.Date != "" {
		v.Finds = string(d.Outcome) + ": " + d.Reason
	}
}

// EachAccount gives every account of the record, by resolution, to yield, and
// returns the record's revision. All of them are of one moment, and only one is
// held at a time.
func (s *Store) EachAccount(ctx context.Context, yield func(votes.FoundAccount) error) (revision int64, err error) {
	const from = `accounts a JOIN imports i ON i.id = a.import_id`
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, a.resolution_id, `+accountView+`
		  FROM `+from+` ORDER BY a.resolution_id, a.id`)
	if err != nil {
		return 0, fmt.Errorf("reading the accounts: %w", err)
	}
	var id string
	var view []byte
	tag, err := pgx.ForEachRow(rows, []any{&revision, &id, &view}, func() error {
		found := votes.FoundAccount{Resolution: id}
		if err := json.Unmarshal(view, &found.AccountView); err != nil {
			return fmt.Errorf("an account of %s: %w", id, err)
		}
		complete(&found.AccountView)
		return yield(found)
	})
	if err != nil {
		return 0, fmt.Errorf("reading the accounts: %w", err)
	}
	if tag.RowsAffected() > 0 {
		return revision, nil
	}
	revision, some, err := s.none(ctx, from)
	if some {
		return s.EachAccount(ctx, yield)
	}
	return revision, err
}

// History returns every revision of a resolution, the newest first; also of one
// that is no longer in the record.
func (s *Store) History(ctx context.Context, id string) (*votes.History, error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, c.revision, v.committed, c.what, v.summary,
		       (SELECT min(i.id) FROM imports i WHERE i.revision = c.revision),
		       (SELECT coalesce(json_agg(json_build_object('number', e.number, 'id', e.id, 'field', e.field, 'value', e.value,
		                   'reason', e.reason, 'reference', e.reference) ORDER BY e.number), '[]')
		          FROM edits e WHERE e.revision = c.revision AND (e.id = c.resolution_id OR e.value = c.resolution_id)),
		       c.fields
		  FROM changes c JOIN revisions v ON v.number = c.revision
		 WHERE c.resolution_id = $1 ORDER BY c.revision DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", id, err)
	}
	var record int64
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r votes.Revised, err error) {
		var edits, changes []byte
		if err := row.Scan(&record, &r.Revision, &r.Committed, &r.What, &r.Summary, &r.Import, &edits, &changes); err != nil {
			return r, err
		}
		if err := json.Unmarshal(edits, &r.Edits); err != nil {
			return r, err
		}
		return r, json.Unmarshal(changes, &r.Changes)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the history of %s: %w", id, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("history of %s: %w", id, votes.ErrNotFound)
	}
	return &votes.History{ID: id, Data: list, Revision: list[0].Revision, Record: record}, nil
}
