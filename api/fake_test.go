package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"scvotes/votes"
)

// fake is a Reader that holds a few real records in memory, decided by the
// rules as the store's are. A fault that is set is what every call returns.
type fake struct {
	all      []votes.Resolution
	told     map[string]*votes.Accounts
	changed  map[string]*votes.History
	revision votes.Revision
	fault    error
	slow     bool  // waits until the request is given up
	asked    int   // how many times the record, not only its revision, was read
	lag      int64 // how far Vetoes is behind the list, one less at each call
}

func newFake(t *testing.T) *fake {
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
	return &fake{all: all, told: told, changed: changed, revision: votes.Revision{Number: 12, Committed: time.Date(2026, 11, 20, 10, 0, 0, 5000, time.UTC)}}
}

// decided fills in what follows from the roll, every seat that is not named in
// others having voted in favour; without others from VetoedBy alone.
func decided(t *testing.T, r votes.Resolution, others map[votes.Position]string) votes.Resolution {
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
	f.asked++
	if f.slow {
		<-ctx.Done()
		return fmt.Errorf("reading: %w", ctx.Err())
	}
	return f.fault
}

func (f *fake) Resolution(ctx context.Context, id string) (*votes.Resolution, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	for _, r := range f.all {
		if r.ID == id || votes.ID("", r.Draft, "", "") == id {
			return &r, nil
		}
	}
	return nil, fmt.Errorf("resolution %s: %w", id, votes.ErrNotFound)
}

func (f *fake) Resolutions(ctx context.Context, filter votes.Filter, p votes.PageRequest) (votes.Page, error) {
	if err := f.enter(ctx); err != nil {
		return votes.Page{}, err
	}
	page := votes.Page{Revision: f.revision.Number}
	for _, r := range f.all {
		if !chosen(filter, r) {
			continue
		}
		page.Total++
		if p.After != nil && cmp.Or(cmp.Compare(r.Date, p.After.Date), cmp.Compare(r.ID, p.After.ID)) >= 0 {
			continue
		}
		if len(page.Data) < p.Limit {
			page.Data = append(page.Data, r)
		} else if page.Next == nil {
			last := page.Data[p.Limit-1]
			page.Next = &votes.Mark{Date: last.Date, ID: last.ID}
		}
	}
	return page, nil
}

// chosen applies as much of a filter as these tests ask for.
func chosen(f votes.Filter, r votes.Resolution) bool {
	vetoed := func(group []votes.Code) bool {
		return slices.ContainsFunc(r.VetoedBy, func(c votes.Code) bool { return slices.Contains(group, c.Seat()) })
	}
	for _, group := range f.VetoedBy {
		if !vetoed(group) {
			return false
		}
	}
	if f.Discrepancy != "" && !slices.ContainsFunc(r.Discrepancies, func(d votes.Discrepancy) bool {
		return f.Discrepancy == votes.AnyDiscrepancy || f.Discrepancy == d.Severity
	}) {
		return false
	}
	return (f.RollCall == nil || slices.Contains(f.RollCall, r.RollCall)) && (f.Outcome == nil || slices.Contains(f.Outcome, r.Outcome)) &&
		r.Date >= f.From && (f.To == "" || r.Date <= f.To)
}

func (f *fake) Accounts(ctx context.Context, id string) (*votes.Accounts, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	if a, ok := f.told[id]; ok {
		return a, nil
	}
	return nil, fmt.Errorf("accounts of %s: %w", id, votes.ErrNotFound)
}

func (f *fake) History(ctx context.Context, id string) (*votes.History, error) {
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	if h, ok := f.changed[id]; ok {
		return h, nil
	}
	return nil, fmt.Errorf("history of %s: %w", id, votes.ErrNotFound)
}

func (f *fake) Discrepancies(ctx context.Context, filter votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error) {
	page := votes.DiscrepancyPage{Revision: f.revision.Number}
	if err := f.enter(ctx); err != nil {
		return page, err
	}
	var found []votes.FoundDiscrepancy
	for _, r := range f.all {
		for _, d := range r.Discrepancies {
			if one(filter.Kind, d.Kind) && one(filter.Severity, d.Severity) && one(filter.State, d.State) &&
				(filter.Source == nil || slices.ContainsFunc(d.Sides, func(s votes.Side) bool { return one(filter.Source, s.Source) })) {
				found = append(found, votes.FoundDiscrepancy{Resolution: r.ID, Date: r.Date, Discrepancy: d})
			}
		}
	}
	for _, d := range found {
		if page.Kinds == nil {
			page.Kinds, page.States = map[string]int{}, map[string]int{}
		}
		page.Total++
		page.Kinds[d.Kind]++
		page.States[d.State]++
		place := votes.DiscrepancyMark{Date: d.Date, ID: d.Resolution, Key: d.Key}
		if after != nil && compareMarks(place, *after) <= 0 {
			continue
		}
		if len(page.Data) < limit {
			page.Data = append(page.Data, d)
		} else if page.Next == nil {
			last := page.Data[limit-1]
			page.Next = &votes.DiscrepancyMark{Date: last.Date, ID: last.Resolution, Key: last.Key}
		}
	}
	return page, nil
}

func one(words []string, word string) bool { return words == nil || slices.Contains(words, word) }

// compareMarks puts the newest vote first; its discrepancies stand by key.
func compareMarks(a, b votes.DiscrepancyMark) int {
	return cmp.Or(-cmp.Compare(a.Date, b.Date), -cmp.Compare(a.ID, b.ID), cmp.Compare(a.Key, b.Key))
}

func (f *fake) Members(ctx context.Context, seat bool) ([]votes.Member, int64, error) {
	var all []votes.Member
	for _, c := range []votes.Code{"DZA", "SUN", "USA"} {
		m, _, err := f.Member(ctx, c, seat)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, *m)
	}
	return all, f.revision.Number, nil
}

func (f *fake) Member(ctx context.Context, code votes.Code, _ bool) (*votes.Member, int64, error) {
	if err := f.enter(ctx); err != nil {
		return nil, 0, err
	}
	s, _ := votes.StateByCode(code)
	terms := votes.TermsOf(code)
	if len(terms) == 0 {
		return nil, 0, fmt.Errorf("member %s: %w", code, votes.ErrNotFound)
	}
	return &votes.Member{Code: code, Seat: code.Seat(), Name: code.NameOn("2024-11-20"), Permanent: terms[0].Permanent,
		Names: s.Names, Terms: terms, Votes: map[votes.Position]int{votes.Yes: 1}}, f.revision.Number, nil
}

func (f *fake) Vetoes(ctx context.Context, filter votes.Filter, groupBy string) (votes.VetoRecord, error) {
	if err := f.enter(ctx); err != nil {
		return votes.VetoRecord{}, err
	}
	v := votes.VetoRecord{Revision: f.revision.Number - f.lag}
	f.lag = max(0, f.lag-1)
	for _, r := range f.all {
		if !chosen(filter, r) {
			continue
		}
		v.ProposalsVetoed++
		v.VetoesCast += len(r.VetoedBy)
		if groupBy == "member" {
			v.Groups = append(v.Groups, votes.VetoGroup{Key: string(r.VetoedBy[0].Seat()), Name: "a member", ProposalsVetoed: 1, VetoesCast: 1})
		}
	}
	return v, nil
}

func (f *fake) Revision(context.Context) (votes.Revision, error) { return f.revision, f.fault }

func (f *fake) Ping(context.Context) error { return f.fault }

// testOptions holds the clock at a day whose Council is known.
func testOptions(log *slog.Logger) Options {
	return Options{Version: "test", Logger: log, Timeout: time.Second,
		Now: func() time.Time { return time.Date(2024, 11, 20, 15, 0, 0, 0, time.UTC) }}
}

// get asks h for an address; headers come as name, value, name, value.
func get(t *testing.T, h http.Handler, address string, headers ...string) *http.Response {
	t.Helper()
	return ask(t, h, http.MethodGet, address, headers...)
}

func ask(t *testing.T, h http.Handler, method, address string, headers ...string) *http.Response {
	t.Helper()
	req := httptest.NewRequest(method, address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec.Result()
}

func decode[T any](t *testing.T, res *http.Response) T {
	t.Helper()
	var v T
	body := read(t, res)
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return v
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
