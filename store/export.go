package store

import (
	"context"
	"fmt"

	"scvotes/votes"
)

// Each gives every resolution that a filter chooses, with its votes, oldest
// first, to yield. All of them are of one moment, and only one is held at a time.
func (s *Store) Each(ctx context.Context, f votes.Filter, yield func(*votes.Resolution) error) error {
	w := whereOf(f)
	rows, err := s.pool.Query(ctx, `SELECT `+lineColumns+detailColumns+` FROM resolutions r WHERE `+w.String()+` ORDER BY r.date, r.id`, w.args)
	if err != nil {
		return fmt.Errorf("reading the record: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw recordRow
		if err := rows.Scan(append(raw.line(), raw.detail()...)...); err != nil {
			return fmt.Errorf("reading the record: %w", err)
		}
		r, err := raw.assemble(true)
		if err != nil {
			return err
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the record: %w", err)
	}
	return nil
}
