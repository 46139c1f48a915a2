package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"scvotes/votes"
)

const (
	itemQueries = 2  // of items that are under way at once
	itemsAtOnce = 64 // the most that one of them asks for
	itemTimeout = 5 * time.Second
)

// itemBatches reads items for many who ask at the same time. Whoever asks while
// queries are under way is answered by the next one, together with all that came
// meanwhile: under load a query costs little more for twenty than for one. Nobody
// waits for others to come.
type itemBatches struct {
	read    func(ctx context.Context, ids []string) (map[string]readItem, error)
	mu      sync.Mutex
	busy    int // queries under way
	waiting []wantedItem
}

type wantedItem struct {
	ctx  context.Context // of the request
	id   string
	done chan<- readItem
}

// readItem is what a query told of an id: whether it is in the record, and laid
// down as the program knows it.
type readItem struct {
	item        votes.Item
	found, laid bool
	err         error
}

// get reads one item, or gives up with ctx.
func (b *itemBatches) get(ctx context.Context, id string) readItem {
	done := make(chan readItem, 1)
	b.mu.Lock()
	b.waiting = append(b.waiting, wantedItem{ctx, id, done})
	if b.busy < itemQueries {
		b.busy++
		go b.work()
	}
	b.mu.Unlock()
	select {
	case got := <-done:
		return got
	case <-ctx.Done():
		return readItem{err: ctx.Err()}
	}
}

// work reads what is wanted until nobody waits.
func (b *itemBatches) work() {
	for {
		b.mu.Lock()
		wanted := b.waiting
		if len(wanted) > itemsAtOnce {
			wanted = wanted[:itemsAtOnce]
		}
		b.waiting = slices.Clone(b.waiting[len(wanted):])
		if len(wanted) == 0 {
			b.busy--
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		b.answer(wanted)
	}
}

func (b *itemBatches) answer(wanted []wantedItem) {
	// It is for all who asked, and does not end with the one who came first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(wanted[0].ctx), itemTimeout)
	defer cancel()
	ids := make([]string, 0, len(wanted))
	for _, w := range wanted {
		if !slices.Contains(ids, w.id) {
			ids = append(ids, w.id)
		}
	}
	got, err := b.read(ctx, ids)
	for _, w := range wanted {
		one := got[w.id]
		one.err = err
		w.done <- one
	}
}

// readItems reads some items as they are laid down.
func (s *Store) readItems(ctx context.Context, ids []string) (map[string]readItem, error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, r.id, CASE WHEN `+laidDown+` THEN r.item END, r.item_detail, array_to_string(r.roll, ' '), r.date
		  FROM resolutions r WHERE r.id = ANY ($1)`, ids)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	got := make(map[string]readItem, len(ids))
	for rows.Next() {
		var item votes.Item
		var line, detail pgtype.DriverBytes // of the driver: until the next row
		var roll string
		var date votes.Date
		if err := rows.Scan(&item.Record, &item.ID, &line, &detail, &roll, &date); err != nil {
			return nil, err
		}
		if line == nil {
			got[item.ID] = readItem{found: true}
			continue
		}
		council, _ := votes.CouncilOn(date)
		cast, vetoes := rollOf(strings.Fields(roll))
		if item.JSON, err = votes.WholeJSON(line, detail, votes.RollOf(council, cast, council.InOrder(vetoes))); err != nil {
			return nil, fmt.Errorf("reading resolution %s: %w", item.ID, err)
		}
		got[item.ID] = readItem{item: item, found: true, laid: true}
	}
	return got, rows.Err()
}
