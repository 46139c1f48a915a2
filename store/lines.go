package store

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"scvotes/votes"
)

// linesKept is the memory for lines of lists: all of a record such as that of
// today takes half of it.
const linesKept = 6 << 20

// lineKey names a resolution as it was written once. What it says never changes:
// only where the record goes back can the same number be of another revision.
type lineKey struct {
	no       int32
	revision int64
}

// lines keeps what lists show of resolutions. A database finds fifty of them in a
// third of the time in which it finds and sends them.
type lines struct{ kept atomic.Pointer[keptLines] }

type keptLines struct {
	lines *otter.Cache[lineKey, json.RawMessage]
	pages *otter.Cache[uint64, struct{}] // those that were read with their lines
	seed  maphash.Seed
}

func newLines() *lines {
	l := &lines{}
	l.forget()
	return l
}

// forget begins anew. What is being read keeps its lines where nobody finds them.
func (l *lines) forget() {
	l.kept.Store(&keptLines{
		lines: otter.Must(&otter.Options[lineKey, json.RawMessage]{
			MaximumWeight: linesKept,
			Weigher:       func(_ lineKey, line json.RawMessage) uint32 { return uint32(len(line)) },
		}),
		pages: otter.Must(&otter.Options[uint64, struct{}]{MaximumSize: rememberedCounts}),
		seed:  maphash.MakeSeed(),
	})
}

// page is the number of a page. Two that had the same would only be read in the
// slower of two ways.
func (k *keptLines) page(q pageQuery) uint64 {
	var h maphash.Hash
	h.SetSeed(k.seed)
	fmt.Fprintf(&h, "%s %s %d %#v", q.page, q.order.by(), q.limit, q.w.args)
	return h.Sum64()
}

// itemPlaces reads a page of what was counted before, and was read with its lines:
// where its resolutions stand, and of the lines only those that are no longer
// known. It is false where there are none, where the record has changed since they
// were counted or while they were read, or where one is not laid down.
func (s *Store) itemPlaces(ctx context.Context, kept *keptLines, q pageQuery) (page votes.ItemPage, ok bool, err error) {
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, `+q.order.number()+` AS at, r.id, r.date, r.no, CASE WHEN `+laidDown+` THEN r.revision END AS laid
		  FROM resolutions r WHERE `+q.page+`
		 ORDER BY `+q.order.by()+` LIMIT `+q.w.name(q.limit+1), q.w.planned()...)
	if err != nil {
		return page, false, fmt.Errorf("reading resolutions: %w", err)
	}
	defer rows.Close()
	page = q.counted()
	keys := make([]lineKey, 0, q.limit)
	var mark votes.Mark
	for rows.Next() {
		if len(keys) == q.limit {
			page.Next = &mark
			continue
		}
		var laid *int64
		var key lineKey
		if err := rows.Scan(&page.Revision, &mark.At, &mark.ID, &mark.Date, &key.no, &laid); err != nil {
			return page, false, fmt.Errorf("reading resolutions: %w", err)
		}
		if laid == nil || page.Revision != q.remembered.revision {
			return page, false, nil
		}
		key.revision = *laid
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return page, false, fmt.Errorf("reading resolutions: %w", err)
	}
	page.Data, ok, err = s.linesOf(ctx, kept, keys)
	return page, ok && len(page.Data) > 0, err
}

// linesOf returns lines, and asks the database for those that are not known. It is
// false where one was written anew meanwhile.
func (s *Store) linesOf(ctx context.Context, kept *keptLines, keys []lineKey) ([]json.RawMessage, bool, error) {
	found := make([]json.RawMessage, len(keys))
	var numbers []int32
	var revisions []int64
	place := map[lineKey]int{}
	for i, key := range keys {
		line, known := kept.lines.GetIfPresent(key)
		if known {
			found[i] = line
			continue
		}
		place[key] = i
		numbers, revisions = append(numbers, key.no), append(revisions, key.revision)
	}
	if len(numbers) == 0 {
		return found, true, nil
	}
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, r.no, r.revision, r.item
		  FROM unnest($1::integer[], $2::bigint[]) w(no, revision) JOIN resolutions r ON r.no = w.no AND r.revision = w.revision
		 WHERE `+laidDown, numbers, revisions)
	if err != nil {
		return nil, false, fmt.Errorf("reading resolutions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key lineKey
		var line json.RawMessage
		if err := rows.Scan(nil, &key.no, &key.revision, (*[]byte)(&line)); err != nil {
			return nil, false, fmt.Errorf("reading resolutions: %w", err)
		}
		found[place[key]] = line
		kept.lines.Set(key, line)
		delete(place, key)
	}
	return found, len(place) == 0, rows.Err()
}
