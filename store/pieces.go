package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// matchBatch is how many accounts are matched at a time, where they can be
// matched apart: so many are in memory together.
const matchBatch = 2000

// matchedAccount is a current account, as far as matching looks at it.
type matchedAccount struct {
	id    int64
	brief votes.Brief
	match votes.Match // as it is stored
	line  int
	asIs  bool // its digest is that of what it says
	filed bool // it is found by the symbol and the meeting that it names
}

// rematch matches the current accounts that are in (a query of their ids), and
// has found look at the matches. The accounts must be all of every symbol and
// meeting among them. They are read in pieces, so that memory does not grow with
// them but for some forty bytes each.
func rematch(ctx context.Context, q querier, edits []votes.Edit, in string, found func([]matchedAccount, []votes.Match) error) error {
	rows, err := q.Query(ctx, `SELECT id, base_id, coalesce(meeting, ''), numbered FROM accounts a JOIN (`+in+`) found USING (id) ORDER BY id`)
	if err != nil {
		return err
	}
	pieces := votes.NewPieces(edits)
	var ids []int64
	var id int64
	var base string
	var meeting votes.Symbol
	var numbered bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &base, &meeting, &numbered}, func() error {
		pieces.Add(base, meeting, numbered)
		ids = append(ids, id)
		return nil
	}); err != nil {
		return err
	}
	for _, places := range pieces.Batches(matchBatch) {
		batch := make([]int64, len(places))
		for i, at := range places {
			batch[i] = ids[at]
		}
		accounts, err := matchedAccounts(ctx, q, batch)
		if err != nil {
			return err
		}
		briefs := make([]votes.Brief, len(accounts))
		for i, a := range accounts {
			briefs[i] = a.brief
		}
		if err := found(accounts, votes.MatchAccounts(briefs, edits)); err != nil {
			return err
		}
	}
	return nil
}

// matchedAccounts reads some accounts.
func matchedAccounts(ctx context.Context, q querier, ids []int64) ([]matchedAccount, error) {
	rows, err := q.Query(ctx, `
		SELECT id, content, digest, resolution_id, match_rule, match_doubt, line, base_id, coalesce(meeting, ''), numbered
		  FROM accounts WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	list := make([]matchedAccount, 0, len(ids))
	var m matchedAccount
	var content []byte
	var digest, base string
	var meeting votes.Symbol
	var numbered bool
	_, err = pgx.ForEachRow(rows, []any{&m.id, &content, &digest, &m.match.ID, &m.match.Rule, &m.match.Doubt, &m.line, &base, &meeting, &numbered}, func() error {
		var a votes.Account
		if err := json.Unmarshal(content, &a); err != nil {
			return fmt.Errorf("reading an account of %s: %w", m.match.ID, err)
		}
		sum := sha256.Sum256(content)
		m.brief, m.asIs = votes.BriefOf(&a), hex.EncodeToString(sum[:]) == digest
		m.filed = base == m.brief.Base && meeting == m.brief.Meeting && numbered == m.brief.Number
		list = append(list, m)
		return nil
	})
	return list, err
}

// verifyMatches matches all accounts anew and compares with the matches that
// imports found.
func verifyMatches(ctx context.Context, q querier, edits []votes.Edit, rep *VerifyReport) error {
	type place struct {
		id int64
		Difference
	}
	var differences []place
	err := rematch(ctx, q, edits, `SELECT id FROM accounts WHERE superseded_by IS NULL`, func(list []matchedAccount, matches []votes.Match) error {
		rep.Accounts += len(list)
		for i, a := range list {
			for _, what := range a.unlike(matches[i]) {
				differences = append(differences, place{a.id, Difference{ID: a.match.ID,
					What: fmt.Sprintf("the account of %s, line %d, %s", a.brief.Source, a.line, what)}})
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the accounts: %w", err)
	}
	slices.SortStableFunc(differences, func(a, b place) int { return cmp.Compare(a.id, b.id) })
	for _, d := range differences {
		rep.Differences = append(rep.Differences, d.Difference)
	}
	return nil
}

// unlike tells in what the account is stored otherwise than it should be.
func (a *matchedAccount) unlike(m votes.Match) (list []string) {
	if !a.asIs {
		list = append(list, "is not as it was read")
	}
	if !a.filed {
		list = append(list, "is filed under another symbol or meeting than it names")
	}
	switch was := a.match; {
	case m.ID != was.ID:
		list = append(list, "belongs to "+m.ID)
	case m.Rule != was.Rule:
		list = append(list, fmt.Sprintf("is matched by %q, not by %q", m.Rule, was.Rule))
	case m.Doubt != was.Doubt:
		list = append(list, fmt.Sprintf("has the doubt %q, not %q", m.Doubt, was.Doubt))
	}
	return list
}
