package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scvotes/votes"
)

const (
	// chronicleBytes is the most memory for the votes as the figures need them: a
	// record such as that of today takes a hundredth of it.
	chronicleBytes = 64 << 20
	// chronicleTimeout is how long it may be read, which is longer than anybody
	// waits for it.
	chronicleTimeout = time.Minute
	// readForPart is of how many resolutions a record is read whole at once where
	// only a part is asked for: that takes a tenth of a second.
	readForPart = 10_000
)

// chronicle is every vote as the figures need it, oldest first, at one revision
// of the record. Its rows and words hold no pointers, so that whoever collects
// garbage passes them by.
type chronicle struct {
	revision int64
	tooLarge bool // to be kept: it is empty
	rows     []packedEvent
	place    map[int32]int32 // of each resolution, by its number
	words    words
}

// packedEvent is an eventRow whose texts are words.
type packedEvent struct {
	no                                                                                             int32
	id, date, kind, title, agendaItem, topic, region, outcome, adoptedBy, rollCall, roll, sponsors uint32
	yes, against, abstain, notVoting, members, required                                            int16
	procedural                                                                                     bool
}

// words are texts by their numbers.
type words struct {
	text   string
	ends   []uint32
	number map[string]uint32 // while they are gathered
	gather strings.Builder
}

func (w *words) add(text string) uint32 {
	n, known := w.number[text]
	if !known {
		n = w.new(text)
		w.number[strings.Clone(text)] = n
	}
	return n
}

// new adds a text that no other row has.
func (w *words) new(text string) uint32 {
	w.gather.WriteString(text)
	w.ends = append(w.ends, uint32(w.gather.Len()))
	return uint32(len(w.ends) - 1)
}

func (w *words) end() {
	*w = words{text: strings.Clone(w.gather.String()), ends: slices.Clip(w.ends)}
}

func (w *words) at(n uint32) string {
	begin := uint32(0)
	if n > 0 {
		begin = w.ends[n-1]
	}
	return w.text[begin:w.ends[n]]
}

func (c *chronicle) size() int {
	const row, word = 80, 4 // with its place
	return len(c.rows)*row + len(c.words.ends)*word + len(c.words.text) + c.words.gather.Len()
}

func (c *chronicle) add(e *eventRow) {
	w := c.words.add
	c.rows = append(c.rows, packedEvent{no: e.no,
		id: c.words.new(e.id), date: w(string(e.date)), kind: w(string(e.kind)), title: w(string(e.title)), agendaItem: w(string(e.agendaItem)),
		topic: w(string(e.topic)), region: w(string(e.region)), outcome: w(string(e.outcome)), adoptedBy: w(string(e.adoptedBy)),
		rollCall: w(string(e.rollCall)), roll: w(e.roll),
		yes: e.yes, against: e.against, abstain: e.abstain, notVoting: e.notVoting, members: e.members, required: e.required,
		procedural: e.procedural})
}

func (c *chronicle) row(place int32) eventRow {
	p, w := &c.rows[place], c.words.at
	return eventRow{id: w(p.id), date: votes.Date(w(p.date)), kind: votes.Kind(w(p.kind)), procedural: p.procedural,
		title: votes.Text(w(p.title)), agendaItem: votes.Text(w(p.agendaItem)), topic: votes.Text(w(p.topic)), region: votes.Text(w(p.region)),
		outcome: votes.Outcome(w(p.outcome)), adoptedBy: votes.AdoptedBy(w(p.adoptedBy)), rollCall: votes.RollCall(w(p.rollCall)),
		yes: p.yes, against: p.against, abstain: p.abstain, notVoting: p.notVoting, members: p.members, required: p.required,
		roll: w(p.roll), sponsors: w(p.sponsors)}
}

// events gives those at the places, or all where places is nil.
func (c *chronicle) events(places []int32, sponsors bool, yield func(votes.Event) error) (int64, error) {
	rolls := make(rollTexts)
	give := func(place int32) error {
		e := c.row(place)
		return yield(e.event(sponsors, rolls))
	}
	if places == nil {
		for place := range c.rows {
			if err := give(int32(place)); err != nil {
				return c.revision, err
			}
		}
	}
	for _, place := range places {
		if err := give(place); err != nil {
			return c.revision, err
		}
	}
	return c.revision, nil
}

// places are those of resolutions, in the order of the chronicle; false where it
// does not know one.
func (c *chronicle) places(numbers []int32) ([]int32, bool) {
	if numbers == nil {
		numbers = []int32{}
	}
	for i, no := range numbers {
		place, known := c.place[no]
		if !known {
			return nil, false
		}
		numbers[i] = place
	}
	slices.Sort(numbers)
	return numbers, true
}

// chronicles keeps the newest chronicle.
type chronicles struct {
	kept   atomic.Pointer[keptChronicle]
	most   int // bytes of one that is kept
	tell   func(bytes int)
	open   context.Context
	closed context.CancelFunc
}

type keptChronicle struct {
	newest  atomic.Pointer[chronicle]
	mu      sync.Mutex
	reading *chronicleReading // nil while none is being read
}

// chronicleReading is one that is being read, for all who wait for it.
type chronicleReading struct {
	done chan struct{}
	read *chronicle
	err  error
}

func newChronicles() *chronicles {
	c := &chronicles{most: chronicleBytes}
	c.open, c.closed = context.WithCancel(context.Background())
	c.forget()
	return c
}

// forget begins anew. What is being read is kept where nobody finds it.
func (c *chronicles) forget() { c.kept.Store(new(keptChronicle)) }

// ask returns the chronicle of the revision that the record now stands at, and
// the places of what a condition chooses, nil for all: which these are is asked in
// the same statement as the revision. It is nil where there is none, or where the
// record changes all the time.
func (c *chronicles) ask(ctx context.Context, s *Store, w *where) (*chronicle, []int32, error) {
	kept, whole := c.kept.Load(), len(w.conditions) == 0
	newest := kept.newest.Load()
	switch {
	case newest == nil && (!whole || s.db != s.nodes) || newest != nil && newest.tooLarge:
		return nil, nil, nil
	case newest == nil:
		if read, mine, err := kept.of(ctx, s, 0, whole); mine || err != nil {
			return read.orNone(), nil, err
		}
	}
	for range 2 {
		revision, numbers, err := s.chosen(ctx, w)
		if err != nil {
			return nil, nil, err
		}
		found, mine, err := kept.of(ctx, s, revision, whole)
		switch {
		case err != nil || found.orNone() == nil:
			return nil, nil, err
		case whole && (mine || found.revision == revision):
			return found, nil, nil
		case found.revision != revision:
			continue
		}
		if places, ok := found.places(numbers); ok {
			return found, places, nil
		}
	}
	return nil, nil, nil
}

// orNone is nil for what is too large to be kept.
func (c *chronicle) orNone() *chronicle {
	if c == nil || c.tooLarge {
		return nil
	}
	return c
}

// chosen are the numbers of the resolutions that a condition chooses, none where
// it chooses all.
func (s *Store) chosen(ctx context.Context, w *where) (revision int64, numbers []int32, err error) {
	which := `'{}'::integer[]`
	if len(w.conditions) > 0 {
		which = `ARRAY(SELECT r.no FROM resolutions r WHERE ` + w.String() + `)`
	}
	if err := s.db.QueryRow(ctx, `SELECT `+recordRevision+`, `+which, w.args...).Scan(&revision, &numbers); err != nil {
		return 0, nil, fmt.Errorf("reading votes: %w", err)
	}
	return revision, numbers, nil
}

// of returns the chronicle of a revision, or of a later one: the one that is
// known, or one that is read now, and whether it was begun to be read for this very
// question. For a part of a large record none is read, nor from a moment, which
// does not last.
func (k *keptChronicle) of(ctx context.Context, s *Store, revision int64, whole bool) (c *chronicle, mine bool, err error) {
	if c = k.newest.Load(); c != nil && c.revision >= revision {
		return c, false, nil
	} else if s.db != s.nodes || !whole && len(c.rows) > readForPart {
		return nil, false, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	for again := range 2 { // what began before the question may have failed of what is over
		r, mine := k.read(ctx, s)
		select {
		case <-r.done:
			if r.err == nil || mine || again > 0 {
				return r.read, mine, r.err
			}
		case <-ctx.Done():
			return nil, mine, ctx.Err()
		}
	}
	return nil, false, nil
}

// read begins to read the chronicle where nobody does so already. Once rows come it
// goes on when whoever asked has gone: a large record takes longer than one waits,
// and those who come then find it read.
func (k *keptChronicle) read(ctx context.Context, s *Store) (r *chronicleReading, mine bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.reading != nil {
		return k.reading, false
	}
	r = &chronicleReading{done: make(chan struct{})}
	k.reading = r
	go func() {
		r.read, r.err = s.readOn(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		if newest := k.newest.Load(); r.err == nil && (newest == nil || newest.revision < r.read.revision) {
			k.newest.Store(r.read)
			if s.chronicles.tell != nil {
				s.chronicles.tell(r.read.size())
			}
		}
		k.reading = nil
		close(r.done)
	}()
	return r, true
}

// readOn reads the chronicle until the deadline of ctx, or for longer where rows
// have come by then.
func (s *Store) readOn(ctx context.Context) (*chronicle, error) {
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), chronicleTimeout)
	defer cancel()
	defer context.AfterFunc(s.chronicles.open, cancel)()
	var comes, late atomic.Bool
	if deadline, ok := ctx.Deadline(); ok {
		defer time.AfterFunc(time.Until(deadline), func() {
			if late.Store(true); !comes.Load() {
				cancel()
			}
		}).Stop()
	}
	c, err := s.readChronicle(reading, func() { comes.Store(true) })
	if err != nil && late.Load() && !comes.Load() {
		err = context.DeadlineExceeded
	}
	return c, err
}

// errTooLarge ends the reading of what is not to be kept.
var errTooLarge = errors.New("too large to be kept")

// readChronicle reads every vote, and then the sponsors of all: joined and in
// order they would take Postgres twice as long. It tells when the first has come.
func (s *Store) readChronicle(ctx context.Context, comes func()) (*chronicle, error) {
	c := &chronicle{words: words{number: make(map[string]uint32)}}
	sponsors := map[int32]uint32{}
	none := c.words.add("")
	revision, err := s.eventRows(ctx, func(e *eventRow) error {
		if comes(); e.id == "" {
			sponsors[e.no] = c.words.add(e.sponsors)
		} else {
			c.add(e)
		}
		if c.size() > s.chronicles.most {
			return errTooLarge
		}
		return nil
	}, `
		SELECT revision.number AS `+recordColumn+`, e.*
		  FROM (SELECT `+recordNumber+` AS number) revision
		  LEFT JOIN (
			SELECT `+eventColumns+`, '' FROM resolutions r
			UNION ALL
			SELECT x.resolution_no, '', '1946-01-01', '', false, '', '', '', '', '', '', 0, 0, 0, 0, 0, 0, '', '', string_agg(x.code, ' ' ORDER BY x.ord)
			  FROM sponsors x WHERE x.code IS NOT NULL GROUP BY 1) e ON true`)
	switch {
	case errors.Is(err, errTooLarge): // and grows
		return &chronicle{revision: math.MaxInt64, tooLarge: true}, nil
	case err != nil:
		return nil, err
	}
	c.revision = revision
	c.end(sponsors, none)
	return c, nil
}

// end puts the rows in order.
func (c *chronicle) end(sponsors map[int32]uint32, none uint32) {
	c.words.end()
	c.rows = slices.Clip(c.rows)
	slices.SortFunc(c.rows, func(a, b packedEvent) int {
		return cmp.Or(cmp.Compare(c.words.at(a.date), c.words.at(b.date)), cmp.Compare(c.words.at(a.id), c.words.at(b.id)))
	})
	c.place = make(map[int32]int32, len(c.rows))
	for i := range c.rows {
		row := &c.rows[i]
		c.place[row.no], row.sponsors = int32(i), none
		if codes, has := sponsors[row.no]; has {
			row.sponsors = codes
		}
	}
}
