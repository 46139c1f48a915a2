package store_test

import (
	"context"
	"fmt"
	"slices"

	"scvotes/store"
	"scvotes/votes"
)

// membersOf returns every state that sat on the Council, by name, with its
// counts, and the record's revision. With seat set, predecessor and successor
// of a permanent seat are one member, under the code that holds it now.
func membersOf(ctx context.Context, s *store.Store, seat bool) ([]votes.Member, int64, error) {
	count := votes.NewMemberCount(seat)
	revision, err := s.Events(ctx, votes.Filter{}, false, func(e votes.Event) error { count.Add(e); return nil })
	return count.Members(), revision, err
}

// memberOf returns one member, or an error that wraps votes.ErrNotFound.
func memberOf(ctx context.Context, s *store.Store, code votes.Code, seat bool) (*votes.Member, int64, error) {
	list, revision, err := membersOf(ctx, s, seat)
	if err != nil {
		return nil, 0, err
	}
	if seat {
		code = code.Seat()
	}
	at := slices.IndexFunc(list, func(m votes.Member) bool { return m.Code == code })
	if at < 0 {
		return nil, 0, fmt.Errorf("member %s: it never sat on the Council: %w", code, votes.ErrNotFound)
	}
	return &list[at], revision, nil
}
