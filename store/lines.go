package store

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
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
	lines *otter.Cache[lineKey, keptLine]
	pages *otter.Cache[uint64, struct{}] // those that were read with their lines
	seed  maphash.Seed
}

type keptLine struct {
	json json.RawMessage
	id   string
	date votes.Date
}

func newLines() *lines {
	l := &lines{}
	l.forget()
	return l
}

// forget begins anew. What is being read keeps its lines where nobody finds them.
func (l *lines) forget() {
	l.kept.Store(&keptLines{
		lines: otter.Must(&otter.Options[lineKey, keptLine]{
			MaximumWeight: linesKept,
			Weigher:       func(_ lineKey, line keptLine) uint32 { return uint32(len(line.json)) },
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
//
// The places are two arrays of one row, which is read faster than fifty rows: as
// they were found, since nothing but the ordered rows is gathered.
func (s *Store) itemPlaces(ctx context.Context, kept *keptLines, q pageQuery) (page votes.ItemPage, ok bool, err error) {
	at := "0::float8"
	if q.order.at != "" {
		at = "(array_agg(at))[" + strconv.Itoa(q.limit) + "]"
	}
	page = q.counted()
	var numbers []int32
	var laid []int64
	var mark votes.Mark
	err = s.db.QueryRow(ctx, `
		SELECT `+recordRevision+`, coalesce(`+at+`, 0), coalesce(array_agg(no), '{}'), coalesce(array_agg(laid), '{}')
		  FROM (SELECT r.no, CASE WHEN `+laidDown+` THEN r.revision ELSE 0 END AS laid, `+q.order.number()+` AS at
		          FROM `+q.places()+`) l`, q.w.planned()...).Scan(&page.Revision, &mark.At, &numbers, &laid)
	if err != nil {
		return page, false, fmt.Errorf("reading resolutions: %w", err)
	}
	if page.Revision != q.remembered.revision || slices.Contains(laid, 0) {
		return page, false, nil
	}
	keys := make([]lineKey, min(len(numbers), q.limit))
	for i := range keys {
		keys[i] = lineKey{numbers[i], laid[i]}
	}
	lines, ok, err := s.linesOf(ctx, kept, keys)
	if !ok || err != nil || len(lines) == 0 {
		return page, false, err
	}
	for _, line := range lines {
		page.Data = append(page.Data, line.json)
	}
	if len(numbers) > q.limit {
		last := lines[q.limit-1]
		mark.ID, mark.Date = last.id, last.date
		page.Next = &mark
	}
	return page, true, nil
}

// linesOf returns lines, and asks the database for those that are not known. It is
// false where one was written anew meanwhile.
func (s *Store) linesOf(ctx context.Context, kept *keptLines, keys []lineKey) ([]keptLine, bool, error) {
	found := make([]keptLine, len(keys))
	var numbers []int32
	var revisions []int64
	var place map[lineKey]int
	for i, key := range keys {
		line, known := kept.lines.GetIfPresent(key)
		if known {
			found[i] = line
			continue
		}
		if place == nil {
			place = map[lineKey]int{}
		}
		place[key] = i
		numbers, revisions = append(numbers, key.no), append(revisions, key.revision)
	}
	if len(numbers) == 0 {
		return found, true, nil
	}
	rows, err := s.db.Query(ctx, `
		SELECT `+recordRevision+`, r.no, r.revision, r.id, r.date, r.item
		  FROM unnest($1::integer[], $2::bigint[]) w(no, revision) JOIN resolutions r ON r.no = w.no AND r.revision = w.revision
		 WHERE `+laidDown, numbers, revisions)
	if err != nil {
		return nil, false, fmt.Errorf("reading resolutions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key lineKey
		var line keptLine
		if err := rows.Scan(nil, &key.no, &key.revision, &line.id, &line.date, (*[]byte)(&line.json)); err != nil {
			return nil, false, fmt.Errorf("reading resolutions: %w", err)
		}
		found[place[key]] = line
		kept.lines.Set(key, line)
		delete(place, key)
	}
	return found, len(place) == 0, rows.Err()
}
