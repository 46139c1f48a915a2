package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// nearest is how many ids are suggested for one that is not there.
const nearest = 5

// Near returns the ids of the record that are most like one it does not hold,
// the likest first.
func (s *Store) Near(ctx context.Context, id string) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT id FROM resolutions WHERE id LIKE ANY($1) ORDER BY date DESC, id DESC LIMIT 500`, votes.NearPatterns(id))
	if err != nil {
		return nil, fmt.Errorf("looking for ids near %s: %w", id, err)
	}
	candidates, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("looking for ids near %s: %w", id, err)
	}
	return votes.Near(id, candidates, nearest), nil
}
