package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// match finds out of which resolution each account speaks, for the accounts
// that landed and all that share a symbol or a meeting with them. Nearly every
// account is alone with its symbol or agrees with the others on it: the
// database sees to those. Only where one source speaks twice of a symbol, or a
// meeting has proposals under several symbols, are the accounts looked at.
func (im *importer) match(ctx context.Context) error {
	if err := im.near(ctx); err != nil {
		return fmt.Errorf("looking for accounts of the same votes: %w", err)
	}
	edits, err := editsOf(ctx, im.tx, nil)
	if err != nil {
		return err
	}
	return rematch(ctx, im.tx, edits, `
		SELECT id FROM accounts WHERE superseded_by IS NULL AND base_id IN (SELECT base_id FROM near)
		UNION SELECT id FROM accounts WHERE superseded_by IS NULL AND NOT numbered AND meeting IN (SELECT meeting FROM near WHERE meeting IS NOT NULL)`,
		func(list []matchedAccount, matches []votes.Match) error { return im.keepMatches(ctx, list, matches) })
}

// near collects the symbols and meetings at which matching is not plain, and
// everything that hangs together with them, by an editor's merge too.
func (im *importer) near(ctx context.Context) error {
	if _, err := im.tx.Exec(ctx, nearStart, pgx.NamedArgs{"import": im.importID}); err != nil {
		return err
	}
	for {
		// Without its size, and with one condition that has an OR, the planner would
		// look through all of it for each account there is.
		if _, err := im.tx.Exec(ctx, `ANALYZE near`); err != nil {
			return err
		}
		more, err := im.tx.Exec(ctx, `
			INSERT INTO near
			SELECT a.base_id, CASE WHEN NOT a.numbered THEN a.meeting END
			  FROM accounts a WHERE a.superseded_by IS NULL AND a.base_id IN (SELECT base_id FROM near)
			UNION SELECT a.base_id, a.meeting
			  FROM accounts a WHERE a.superseded_by IS NULL AND NOT a.numbered AND a.meeting IN (SELECT meeting FROM near WHERE meeting IS NOT NULL)
			UNION SELECT value, NULL FROM edits WHERE field = 'merge' AND id IN (SELECT base_id FROM near)
			UNION SELECT id, NULL FROM edits WHERE field = 'merge' AND value IN (SELECT base_id FROM near)
			EXCEPT SELECT base_id, meeting FROM near`)
		if err != nil || more.RowsAffected() == 0 {
			return err
		}
	}
}

// nearStart: symbols of which one source speaks twice, meetings with proposals
// that several sources tell of under several symbols, accounts that were matched otherwise than by their
// symbol, and symbols that editors moved, as far as the import touches them: by
// the accounts that it brought, and by those (prior) that it took the place of.
// An account without a meeting still touches the meetings of its symbol, because
// it can be the one that speaks for all of them there.
const nearStart = `
	CREATE TEMPORARY TABLE near ON COMMIT DROP AS
	WITH fresh AS (SELECT base_id, CASE WHEN NOT numbered THEN meeting END AS meeting FROM accounts JOIN touched USING (resolution_id) WHERE import_id = @import
	               UNION SELECT base_id, meeting FROM prior),
	held AS (SELECT meeting FROM fresh WHERE meeting IS NOT NULL
	         UNION SELECT a.meeting FROM accounts a
	                WHERE a.superseded_by IS NULL AND NOT a.numbered AND a.meeting IS NOT NULL AND a.base_id IN (SELECT base_id FROM fresh)),
	twice AS (SELECT a.base_id FROM accounts a JOIN sources s ON s.id = a.source_id
	           WHERE a.superseded_by IS NULL AND a.base_id IN (SELECT base_id FROM fresh)
	           GROUP BY a.base_id, s.name, s.format HAVING count(*) > 1),
	shared AS (SELECT a.meeting FROM accounts a JOIN sources s ON s.id = a.source_id
	            WHERE a.superseded_by IS NULL AND NOT a.numbered AND a.meeting IN (SELECT meeting FROM held)
	            GROUP BY a.meeting HAVING count(DISTINCT a.base_id) > 1 AND count(DISTINCT s.name) > 1),
	apart AS (SELECT base_id FROM accounts a
	           WHERE a.superseded_by IS NULL AND (a.resolution_id, a.match_rule, a.match_doubt) <> (a.base_id, 'same symbol', '') AND a.base_id IN (SELECT base_id FROM fresh)
	          UNION SELECT base_id FROM accounts a
	           WHERE a.superseded_by IS NULL AND (a.resolution_id, a.match_rule, a.match_doubt) <> (a.base_id, 'same symbol', '') AND NOT a.numbered
	             AND a.meeting IN (SELECT meeting FROM held)),
	moved AS (SELECT id AS base_id FROM edits WHERE field IN ('merge', 'split', 'undo')
	          UNION SELECT value FROM edits WHERE field = 'merge')
	SELECT base_id, NULL::text COLLATE "C" AS meeting FROM twice
	UNION SELECT base_id, NULL FROM apart
	UNION SELECT base_id, NULL FROM moved WHERE base_id IN (SELECT base_id FROM fresh)
	UNION SELECT a.base_id, a.meeting FROM accounts a JOIN shared USING (meeting) WHERE a.superseded_by IS NULL AND NOT a.numbered`

// keepMatches writes the matches that are new, and marks the resolutions that
// gained or lost an account by them.
func (im *importer) keepMatches(ctx context.Context, list []matchedAccount, matches []votes.Match) error {
	var ids []int64
	var before, to, rules, doubts []string
	for i, m := range matches {
		if a := list[i]; a.match != m {
			ids, before, to = append(ids, a.id), append(before, a.match.ID), append(to, m.ID)
			rules, doubts = append(rules, m.Rule), append(doubts, m.Doubt)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := im.tx.Exec(ctx, `
		UPDATE accounts a SET resolution_id = f.resolution_id, match_rule = f.rule, match_doubt = f.doubt
		  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS f (id, resolution_id, rule, doubt)
		 WHERE a.id = f.id`, ids, to, rules, doubts); err != nil {
		return err
	}
	_, err := im.tx.Exec(ctx, `INSERT INTO touched SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, append(before, to...))
	return err
}
