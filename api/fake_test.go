package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scvotes/votes"
)

// fake is a Reader that holds a few real records in memory, decided by the
// rules as the store's are. A fault that is set is what every call returns. Its
// lists are in fakelists_test.go.
type fake struct {
	all      []votes.Resolution
	told     map[string]*votes.Accounts
	changed  map[string]*votes.History
	revision votes.Revision
	imports  []votes.ImportDetail
	fault    error
	slow     bool         // waits until the request is given up
	asked    atomic.Int64 // how many times the record, not only its revision, was read
	moments  atomic.Int64 // how many times a moment of it was asked for
	held     atomic.Bool  // it is read at a moment
	changes  int          // before so many of the next reads the record changes, but not while it is held

	many     int          // Each gives so many copies of the first resolution in place of all
	given    atomic.Int64 // of these
	breaksAt int64        // the copy at which broken is returned
	broken   error
}

func newFake(t testing.TB) *fake {
	t.Helper()
	e10, _ := votes.CouncilOn("2024-11-20")
	var sponsors []votes.Sponsor
	for _, c := range e10.Elected() {
		sponsors = append(sponsors, votes.Sponsor{Code: c, Name: c.NameOn("2024-11-20")})
	}
	all := []votes.Resolution{
		decided(t, votes.Resolution{Draft: "S/2024/835", Meeting: "S/PV.9790", Date: "2024-11-20", Region: "Middle East",
			Sponsors: sponsors, SponsoredAs: "E10"}, map[votes.Position]string{votes.No: "USA"}),
		decided(t, votes.Resolution{Draft: "S/2022/160", Resolution: "S/RES/2623 (2022)", Meeting: "S/PV.8980", Date: "2022-02-27", Procedural: true},
			map[votes.Position]string{votes.No: "RUS", votes.Abstain: "CHN IND ARE"}),
		decided(t, votes.Resolution{Draft: "S/2014/916", Meeting: "S/PV.7354", Date: "2014-12-30"},
			map[votes.Position]string{votes.No: "AUS USA", votes.Abstain: "GBR KOR NGA RWA LTU"}),
		// As a veto list alone tells it: who vetoed, and no tally.
		decided(t, votes.Resolution{Draft: "S/13729", Meeting: "S/PV.2190", Date: "1980-01-07", VetoedBy: []votes.Code{"SUN"}}, nil),
	}
	all[0].Statements = []votes.Statement{{Speaker: "Robert Wood", For: "USA", Kind: "explanation_of_vote", Date: "2024-11-20",
		Text: "A ceasefire without the release of hostages could not be supported.", Source: "S/PV.9790"}}
	all[2].Discrepancies = []votes.Discrepancy{{Kind: votes.KindOutcome, Field: "vetoed_by", Key: "0a1b2c3d", Severity: votes.SeveritySerious,
		State: votes.StateCorrected, Message: "one list has it as vetoed", Sides: []votes.Side{{Source: "A list", Line: 9, Says: "vetoed"}},
		Explanation: "eight votes in favour do not carry"}}
	all[1].Discrepancies = []votes.Discrepancy{{Kind: votes.KindPermanentNo, Field: "outcome", Key: "0a1b2c3d", Severity: votes.SeveritySerious,
		State: votes.StateExplained, Message: "adopted over a negative vote", Sides: []votes.Side{}, Explanation: "procedural",
		Reference: "Charter of the United Nations, Article 27(2)"},
		{Kind: votes.KindDateSwap, Key: "4d5e6f70", Severity: votes.SeverityMinor, State: votes.StateOpen,
			Message: "day and month are swapped", Sides: []votes.Side{{Source: "A list, second edition", Line: 3, Says: "2022-02-27"}}}}
	told, changed := lives(all)
	return &fake{all: all, told: told, changed: changed, imports: imported(), revision: votes.Revision{Number: 12, Committed: time.Date(2026, 11, 20, 10, 0, 0, 5000, time.UTC)}}
}

// decided fills in what follows from the roll, every seat that is not named in
// others having voted in favour; without others from VetoedBy alone.
func decided(t testing.TB, r votes.Resolution, others map[votes.Position]string) votes.Resolution {
	t.Helper()
	council, ok := votes.CouncilOn(r.Date)
	if !ok {
		t.Fatalf("no Council on %s", r.Date)
	}
	var roll []votes.Vote
	for _, s := range council.Seats {
		position := votes.Yes
		for p, codes := range others {
			if slices.Contains(strings.Fields(codes), string(s.Code)) {
				position = p
			}
		}
		if others != nil {
			roll = append(roll, votes.Vote{Code: s.Code, Position: position})
		}
	}
	d, err := votes.Decide(votes.Ballot{Date: r.Date, Procedural: r.Procedural, Votes: roll, Vetoes: r.VetoedBy})
	if err != nil {
		t.Fatal(err)
	}
	r.ID, r.Kind, r.Revision = votes.ID(r.Resolution, r.Draft, "", ""), votes.DraftResolution, 3
	r.Outcome, r.AdoptedBy, r.VetoedBy, r.CarriedButForVeto = d.Outcome, d.AdoptedBy, d.VetoedBy, d.CarriedButForVeto
	r.Tally, r.Reason, r.RollCall = d.Tally, d.Reason, votes.RollTallyOnly
	r.Links.Draft = r.Draft.URL()
	r.Detail = &votes.Detail{Sources: []votes.Source{{Name: "a list", Line: 2}}}
	for _, v := range roll {
		s, _ := council.Seat(v.Code)
		r.RollCall = votes.RollComplete
		r.Votes = append(r.Votes, votes.MemberVote{Code: v.Code, Seat: v.Code.Seat(), Name: s.Name, Permanent: s.Permanent,
			Position: v.Position, Veto: slices.Contains(d.VetoedBy, v.Code)})
	}
	return r
}

func (f *fake) enter(ctx context.Context) error {
	f.asked.Add(1)
	if f.changes > 0 && !f.held.Load() {
		f.changes--
		f.revision.Number++
	}
	if f.slow {
		<-ctx.Done()
		return fmt.Errorf("reading: %w", ctx.Err())
	}
	return f.fault
}

func (f *fake) Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error) {
	if err := f.enter(ctx); err != nil {
		return nil, 0, err
	}
	for _, r := range f.all {
		if r.ID == id || votes.ID("", r.Draft, "", "") == id {
			return &r, f.revision.Number, nil
		}
	}
	return nil, 0, fmt.Errorf("resolution %s: %w", id, votes.ErrNotFound)
}

func (f *fake) Item(ctx context.Context, id string) (votes.Item, error) {
	r, revision, err := f.Resolution(ctx, id)
	if err != nil {
		return votes.Item{}, err
	}
	all := complete(*r)
	line, err := votes.LineJSON(&all)
	if err != nil {
		return votes.Item{}, err
	}
	detail, err := votes.DetailJSON(&all)
	if err != nil {
		return votes.Item{}, err
	}
	whole, err := votes.WholeJSON(line, detail, all.Votes)
	return votes.Item{ID: r.ID, JSON: whole, Record: revision}, err
}

func (f *fake) Items(ctx context.Context, filter votes.Filter, p votes.PageRequest) (votes.ItemPage, error) {
	page, err := f.Resolutions(ctx, filter, p)
	items := votes.ItemPage{Total: page.Total, Next: page.Next, Facets: page.Facets, Deleted: page.Deleted, Vetoes: page.Vetoes, Revision: page.Revision}
	for _, r := range page.Data {
		line, err := votes.LineJSON(&r)
		if err != nil {
			return items, err
		}
		items.Data = append(items.Data, line)
	}
	return items, err
}

func (f *fake) Near(ctx context.Context, id string) ([]string, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range f.all {
		ids = append(ids, r.ID)
	}
	return votes.Near(id, ids, 5), nil
}

func (f *fake) Resolutions(ctx context.Context, filter votes.Filter, p votes.PageRequest) (votes.Page, error) {
	if err := f.enter(ctx); err != nil {
		return votes.Page{}, err
	}
	page := votes.Page{Revision: f.revision.Number, Facets: map[string][]votes.Facet{}}
	if p.Vetoes {
		counted := f.vetoes(filter, p.GroupBy)
		page.Vetoes = &counted
	}
	if filter.ChangedSince != nil {
		page.Deleted = []votes.Removed{{ID: "S-PV.7354-draft", Revision: 3}}
	}
	all := f.chosen(filter, p.Sort)
	page.Total = len(all)
	for _, name := range p.Facets {
		page.Facets[name] = []votes.Facet{{Value: "vetoed", Name: "vetoed", Count: len(all)}}
	}
	if p.After != nil {
		behind := slices.IndexFunc(all, func(r votes.Resolution) bool { return r.ID == p.After.ID && r.Date == p.After.Date })
		all = all[behind+1:]
	}
	page.Data = all[:min(len(all), p.Limit)]
	if len(all) > p.Limit {
		last := page.Data[p.Limit-1]
		page.Next = &votes.Mark{At: float64(last.Revision), Date: last.Date, ID: last.ID}
	}
	return page, nil
}

// chosen applies as much of a filter as these tests ask for. Orders other than
// by day are the newest first: putting rows in them is the store's.
func (f *fake) chosen(filter votes.Filter, sort votes.Sort) []votes.Resolution {
	var list []votes.Resolution
	for _, r := range f.all {
		if isChosen(filter, r) {
			list = append(list, r)
		}
	}
	if sort == votes.SortOldest {
		slices.Reverse(list)
	}
	return list
}

func isChosen(f votes.Filter, r votes.Resolution) bool {
	for _, group := range f.VetoedBy {
		if !slices.ContainsFunc(r.VetoedBy, func(c votes.Code) bool { return slices.Contains(group, c.Seat()) }) {
			return false
		}
	}
	if f.Discrepancy != "" && !slices.ContainsFunc(r.Discrepancies, func(d votes.Discrepancy) bool {
		return f.Discrepancy == votes.AnyDiscrepancy || f.Discrepancy == d.Severity
	}) {
		return false
	}
	return one(f.RollCall, r.RollCall) && one(f.Outcome, r.Outcome) && one(f.Year, r.Date.Year()) &&
		r.Date >= f.From && (f.To == "" || r.Date <= f.To)
}

func one[T comparable](words []T, word T) bool { return words == nil || slices.Contains(words, word) }

func (f *fake) Accounts(ctx context.Context, id string) (*votes.Accounts, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	if a, ok := f.told[id]; ok {
		read := *a
		read.Record = f.revision.Number
		return &read, nil
	}
	return nil, fmt.Errorf("accounts of %s: %w", id, votes.ErrNotFound)
}

func (f *fake) History(ctx context.Context, id string) (*votes.History, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	if h, ok := f.changed[id]; ok {
		read := *h
		read.Record = f.revision.Number
		return &read, nil
	}
	return nil, fmt.Errorf("history of %s: %w", id, votes.ErrNotFound)
}

func (f *fake) Vetoes(ctx context.Context, filter votes.Filter, groupBy string) (votes.VetoRecord, error) {
	if err := f.enter(ctx); err != nil {
		return votes.VetoRecord{}, err
	}
	return f.vetoes(filter, groupBy), nil
}

func (f *fake) vetoes(filter votes.Filter, groupBy string) votes.VetoRecord {
	v := votes.VetoRecord{Revision: f.revision.Number}
	proposals, vetoes := map[votes.Kind]int{}, map[votes.Kind]int{}
	for _, r := range f.chosen(filter, "") {
		v.ProposalsVetoed++
		v.VetoesCast += len(r.VetoedBy)
		proposals[r.Kind]++
		vetoes[r.Kind] += len(r.VetoedBy)
		if groupBy == "member" {
			v.Groups = append(v.Groups, votes.VetoGroup{Key: string(r.VetoedBy[0].Seat()), Name: "a member", ProposalsVetoed: 1, VetoesCast: 1})
		}
	}
	v.Conventions = votes.VetoConventions(proposals, vetoes)
	return v
}

func (f *fake) At(ctx context.Context, read func(Reader) error) error {
	f.moments.Add(1)
	f.held.Store(true)
	defer f.held.Store(false)
	return read(f)
}

func (f *fake) Revision(context.Context) (votes.Revision, error) { return f.revision, f.fault }

func (f *fake) Ping(context.Context) error { return f.fault }
