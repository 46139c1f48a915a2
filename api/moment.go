package api

import (
	"context"
	"time"

	"scvotes/votes"
)

// reading is what one answer reads. All of it is to be of one revision.
type reading struct {
	revision votes.Revision
	moment   Reader // the record held still at the revision; nil for the record as it is
	mixed    bool   // something of another revision was read
}

type readingKey struct{}

func readingOf(ctx context.Context) *reading {
	r, _ := ctx.Value(readingKey{}).(*reading)
	return r
}

// freeReads is how often an answer is read from the record as it is before it is
// held still for it. Hardly any is read twice: the record would have to change in
// the very moment.
const freeReads = 2

// atOneRevision asks, and sees to it that all that is read for the answer is of
// one revision: of the state given, or of a newer one, which is returned. Holding
// the record still takes three round trips, so that it is only done where it
// keeps changing.
func (s *server) atOneRevision(ctx context.Context, st state, ask func(ctx context.Context) ([]byte, error)) (state, []byte, error) {
	for range freeReads {
		r := &reading{revision: st.revision}
		body, err := ask(context.WithValue(ctx, readingKey{}, r))
		if err != nil || !r.mixed {
			return st, body, err
		}
		if st, err = s.look(ctx, time.Now()); err != nil {
			return st, nil, err
		}
	}
	var body []byte
	err := s.atMoment(ctx, func(ctx context.Context, now state) (err error) {
		st = now
		body, err = ask(ctx)
		return err
	})
	return st, body, err
}

// atMoment lets read read the record held still at one moment.
func (s *server) atMoment(ctx context.Context, read func(ctx context.Context, st state) error) error {
	return s.record.At(ctx, func(moment Reader) error {
		rev, err := moment.Revision(ctx)
		if err != nil {
			return err
		}
		return read(context.WithValue(ctx, readingKey{}, &reading{revision: rev, moment: moment}), s.stateAt(rev))
	})
}

// watched is the record as handlers read it: what they read for an answer is
// noted in its reading, and comes from the moment that the reading holds, if any.
// Nothing of Reader is embedded, so that no read can slip by unnoted.
type watched struct{ record Reader }

func (w watched) from(ctx context.Context) Reader {
	if r := readingOf(ctx); r != nil && r.moment != nil {
		return r.moment
	}
	return w.record
}

// note notes of which revision something was that was read.
func note(ctx context.Context, revision int64, err error) {
	if r := readingOf(ctx); r != nil && err == nil && revision != r.revision.Number {
		r.mixed = true
	}
}

// Revision is the one that the answer is of.
func (w watched) Revision(ctx context.Context) (votes.Revision, error) {
	if r := readingOf(ctx); r != nil {
		return r.revision, nil
	}
	return w.record.Revision(ctx)
}

func (w watched) Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error) {
	r, revision, err := w.from(ctx).Resolution(ctx, id)
	note(ctx, revision, err)
	return r, revision, err
}

func (w watched) Resolutions(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error) {
	page, err := w.from(ctx).Resolutions(ctx, f, p)
	note(ctx, page.Revision, err)
	return page, err
}

func (w watched) Item(ctx context.Context, id string) (votes.Item, error) {
	item, err := w.from(ctx).Item(ctx, id)
	note(ctx, item.Record, err)
	return item, err
}

func (w watched) Items(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.ItemPage, error) {
	page, err := w.from(ctx).Items(ctx, f, p)
	note(ctx, page.Revision, err)
	return page, err
}

func (w watched) Each(ctx context.Context, f votes.Filter, sort votes.Sort, yield func(*votes.Resolution) error) (int64, error) {
	revision, err := w.from(ctx).Each(ctx, f, sort, yield)
	note(ctx, revision, err)
	return revision, err
}

func (w watched) Events(ctx context.Context, f votes.Filter, sponsors bool, yield func(votes.Event) error) (int64, error) {
	revision, err := w.from(ctx).Events(ctx, f, sponsors, yield)
	note(ctx, revision, err)
	return revision, err
}

func (w watched) Accounts(ctx context.Context, id string) (*votes.Accounts, error) {
	a, err := w.from(ctx).Accounts(ctx, id)
	if err == nil {
		note(ctx, a.Record, nil)
	}
	return a, err
}

func (w watched) History(ctx context.Context, id string) (*votes.History, error) {
	h, err := w.from(ctx).History(ctx, id)
	if err == nil {
		note(ctx, h.Record, nil)
	}
	return h, err
}

func (w watched) EachAccount(ctx context.Context, yield func(votes.FoundAccount) error) (int64, error) {
	revision, err := w.from(ctx).EachAccount(ctx, yield)
	note(ctx, revision, err)
	return revision, err
}

func (w watched) Discrepancies(ctx context.Context, f votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error) {
	page, err := w.from(ctx).Discrepancies(ctx, f, limit, after)
	note(ctx, page.Revision, err)
	return page, err
}

func (w watched) EachDiscrepancy(ctx context.Context, f votes.DiscrepancyFilter, yield func(votes.FoundDiscrepancy) error) (int64, error) {
	revision, err := w.from(ctx).EachDiscrepancy(ctx, f, yield)
	note(ctx, revision, err)
	return revision, err
}

func (w watched) Vetoes(ctx context.Context, f votes.Filter, groupBy string) (votes.VetoRecord, error) {
	v, err := w.from(ctx).Vetoes(ctx, f, groupBy)
	note(ctx, v.Revision, err)
	return v, err
}

func (w watched) Imports(ctx context.Context, limit int, before int64) (votes.ImportPage, error) {
	page, err := w.from(ctx).Imports(ctx, limit, before)
	note(ctx, page.Revision, err)
	return page, err
}

func (w watched) Imported(ctx context.Context, id int64, limit int, after int64) (votes.ImportDetail, error) {
	d, err := w.from(ctx).Imported(ctx, id, limit, after)
	note(ctx, d.Record, err)
	return d, err
}

func (w watched) Edits(ctx context.Context, f votes.EditFilter, limit int, before int64) (votes.EditPage, error) {
	page, err := w.from(ctx).Edits(ctx, f, limit, before)
	note(ctx, page.Revision, err)
	return page, err
}

func (w watched) MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error) {
	e, revision, err := w.from(ctx).MadeEdit(ctx, number)
	note(ctx, revision, err)
	return e, revision, err
}

// Near is asked only for what the record does not hold, and of no revision.
func (w watched) Near(ctx context.Context, id string) ([]string, error) {
	return w.from(ctx).Near(ctx, id)
}

func (w watched) Ping(ctx context.Context) error { return w.record.Ping(ctx) }
