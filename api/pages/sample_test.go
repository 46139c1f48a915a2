package pages

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

const sampleOrigin = "https://votes.example.org"

// sample is a Reader over a few real votes, decided by the rules as the store's
// are. A fault that is set is what every call returns.
type sample struct {
	all     []votes.Resolution
	imports []votes.Import
	parts   []votes.FoundDiscrepancy
	fault   error
	total   int // what Resolutions says it has, where it is not the length of all
}

func newSample(t *testing.T) *sample {
	t.Helper()
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	s := &sample{
		all: []votes.Resolution{
			sampleVote(t, votes.Resolution{Draft: "S/2024/835", Meeting: "S/PV.9790", Date: "2024-11-20", Title: "Ceasefire in Gaza", Revision: 1}, "USA", ""),
			sampleVote(t, votes.Resolution{Draft: "S/2022/160", Resolution: "S/RES/2623 (2022)", Meeting: "S/PV.8980", Date: "2022-02-27", Procedural: true, Revision: 2},
				"RUS", "CHN IND ARE"),
			sampleVote(t, votes.Resolution{Draft: "S/2014/916", Meeting: "S/PV.7354", Date: "2014-12-30", Revision: 3}, "AUS USA", "GBR KOR NGA RWA LTU"),
		},
		imports: []votes.Import{
			{ID: 3, Source: votes.ImportSource{Name: "A list", Edition: "2026-02-01", Format: "undl"}, File: "new.csv", At: at, RowsLanded: 1200, RowsRefused: 1, Revision: 2},
			{ID: 2, Source: votes.ImportSource{Name: "A list", Edition: "2026-02-01", Format: "undl"}, File: "old.csv", At: at.AddDate(0, 0, -2), Revision: 1},
		},
		parts: []votes.FoundDiscrepancy{
			{Resolution: "S-2014-916", Date: "2014-12-30", Discrepancy: votes.Discrepancy{Kind: votes.KindOutcome, Severity: votes.SeveritySerious, State: votes.StateOpen, Message: "one list has it as vetoed"}},
			{Resolution: "S-RES-2623-2022", Date: "2022-02-27", Discrepancy: votes.Discrepancy{Kind: votes.KindDateSwap, Severity: votes.SeverityMinor, State: votes.StateOpen}},
			{Resolution: "S-2024-835", Date: "2024-11-20", Discrepancy: votes.Discrepancy{Kind: votes.KindTally, Severity: votes.SeveritySerious, State: votes.StateCorrected, Message: "settled"}},
		},
	}
	return s
}

// sampleVote decides a vote in which all who are not named voted in favour.
func sampleVote(t *testing.T, r votes.Resolution, against, abstaining string) votes.Resolution {
	t.Helper()
	council, ok := votes.CouncilOn(r.Date)
	if !ok {
		t.Fatalf("no Council on %s", r.Date)
	}
	var roll []votes.Vote
	for _, s := range council.Seats {
		v := votes.Vote{Code: s.Code, Position: votes.Yes}
		if strings.Contains(against, string(s.Code)) {
			v.Position = votes.No
		} else if strings.Contains(abstaining, string(s.Code)) {
			v.Position = votes.Abstain
		}
		roll = append(roll, v)
	}
	d, err := votes.Decide(votes.Ballot{Date: r.Date, Procedural: r.Procedural, Votes: roll})
	if err != nil {
		t.Fatal(err)
	}
	r.ID, r.Kind, r.RollCall = votes.ID(r.Resolution, r.Draft, "", ""), votes.DraftResolution, votes.RollComplete
	r.Outcome, r.AdoptedBy, r.VetoedBy, r.Tally, r.Reason = d.Outcome, d.AdoptedBy, d.VetoedBy, d.Tally, d.Reason
	r.Detail = &votes.Detail{}
	for _, v := range roll {
		s, _ := council.Seat(v.Code)
		r.Votes = append(r.Votes, votes.MemberVote{Code: v.Code, Seat: v.Code.Seat(), Name: s.Name, Permanent: s.Permanent,
			Position: v.Position, Veto: slices.Contains(d.VetoedBy, v.Code)})
	}
	return r
}

func (s *sample) Resolution(_ context.Context, id string) (*votes.Resolution, int64, error) {
	if s.fault != nil {
		return nil, 0, s.fault
	}
	for _, r := range s.all {
		if r.ID == id || votes.ID("", r.Draft, "", "") == id {
			return &r, 3, nil
		}
	}
	return nil, 0, fmt.Errorf("resolution %s: %w", id, votes.ErrNotFound)
}

func (s *sample) Near(context.Context, string) ([]string, error) {
	return []string{s.all[0].ID}, s.fault
}

// Resolutions gives one vote a page, so that whoever reads them all has to turn them.
func (s *sample) Resolutions(_ context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error) {
	page := votes.Page{Facets: map[string][]votes.Facet{}}
	for _, r := range s.all {
		if f.Year != nil && !slices.Contains(f.Year, r.Date.Year()) {
			continue
		}
		page.Total++
		year := strconv.Itoa(r.Date.Year())
		page.Facets["year"] = append(page.Facets["year"], votes.Facet{Value: year, Name: year, Count: 1})
		switch {
		case p.After != nil && r.Date >= p.After.Date:
		case len(page.Data) == 0:
			page.Data = append(page.Data, r)
		default:
			page.Next = &votes.Mark{Date: page.Data[0].Date, ID: page.Data[0].ID}
		}
	}
	page.Total = max(page.Total, s.total)
	return page, s.fault
}

func (s *sample) Events(_ context.Context, _ votes.Filter, _ bool, yield func(votes.Event) error) (int64, error) {
	for _, r := range slices.Backward(s.all) {
		if err := yield(votes.EventOf(&r)); err != nil {
			return 0, err
		}
	}
	return 3, s.fault
}

func (s *sample) Accounts(_ context.Context, id string) (*votes.Accounts, error) {
	return &votes.Accounts{ID: id}, s.fault
}

func (s *sample) History(_ context.Context, id string) (*votes.History, error) {
	return &votes.History{ID: id}, s.fault
}

func (s *sample) Discrepancies(_ context.Context, f votes.DiscrepancyFilter, limit int, _ *votes.DiscrepancyMark) (votes.DiscrepancyPage, error) {
	page := votes.DiscrepancyPage{Kinds: map[string]int{}}
	for _, d := range s.parts {
		if slices.Contains(f.State, d.State) && slices.Contains(f.Severity, d.Severity) {
			page.Total++
			page.Kinds[d.Kind]++
			page.Data = append(page.Data, d)
		}
	}
	page.Data = page.Data[:min(limit, len(page.Data))]
	return page, s.fault
}

func (s *sample) Vetoes(context.Context, votes.Filter, string) (votes.VetoRecord, error) {
	return votes.VetoRecord{ProposalsVetoed: 1, VetoesCast: 1}, s.fault
}

// Imports gives one import a page.
func (s *sample) Imports(_ context.Context, _ int, before int64) (votes.ImportPage, error) {
	page := votes.ImportPage{Total: len(s.imports)}
	for _, i := range s.imports {
		switch {
		case before != 0 && i.ID >= before:
		case page.Data == nil:
			page.Data = []votes.Import{i}
		default:
			page.Next = page.Data[0].ID
		}
	}
	return page, s.fault
}

func (s *sample) Revision(context.Context) (votes.Revision, error) {
	return votes.Revision{Number: 3, Committed: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}, s.fault
}

// errMoved is where a sample site leads.
type errMoved struct{ to string }

func (e errMoved) Error() string { return "moved to " + e.to }

// sampleSite is the pages over a record, as a server has them.
func sampleSite(r Reader) *Site {
	return New(r, Server{
		Answer: func(c echo.Context, contentType string, ask func(context.Context) ([]byte, error)) error {
			body, err := ask(c.Request().Context())
			if err != nil {
				return err
			}
			return c.Blob(http.StatusOK, contentType, body)
		},
		Static: func(c echo.Context, contentType string, body []byte) error {
			return c.Blob(http.StatusOK, contentType, body)
		},
		Origin: func(echo.Context) string { return sampleOrigin },
		Moved:  func(to string) error { return errMoved{to} },
		Found:  func(to string) error { return errMoved{to} },
		Now:    func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
	})
}

// sampleGet asks the pages for an address, and returns the error of the handler.
func sampleGet(t *testing.T, r Reader, address string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	var failed error
	e := echo.New()
	e.HTTPErrorHandler = func(err error, _ echo.Context) { failed = err }
	// As a server may forbid it for the pages that are not for frames.
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderXFrameOptions, "DENY")
			return next(c)
		}
	})
	sampleSite(r).Routes(func(path string, h echo.HandlerFunc) { e.GET(path, h) })
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, address, nil))
	return rec, failed
}

// samplePage is sampleGet for a page that is there, which it checks.
func samplePage(t *testing.T, r Reader, address string) string {
	t.Helper()
	rec, err := sampleGet(t, r, address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	checkHTML(t, rec.Body.String())
	return rec.Body.String()
}

// checkHTML holds a page to what every page has to be: tags closed in their
// order, one h1, headings without a gap, ids that stand once, labels that name
// what is there, and captions.
func checkHTML(t *testing.T, body string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(body, "<!doctype html>")))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	ids, named, inside := map[string]int{}, []string{}, ""
	level, firsts, tables, captions := 0, 0, 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, body)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		inside = start.Name.Local
		switch inside {
		case "h1", "h2", "h3":
			next := int(inside[1] - '0')
			if next > level+1 {
				t.Errorf("<%s> follows a heading of level %d", inside, level)
			}
			if level = next; next == 1 {
				firsts++
			}
		case "table":
			tables++
		case "caption":
			captions++
		}
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "id":
				ids[a.Value]++
			case "for", "aria-labelledby":
				named = append(named, strings.Fields(a.Value)...)
			case "href":
				if strings.HasPrefix(a.Value, "#") {
					named = append(named, a.Value[1:])
				}
			}
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	for _, id := range named {
		if ids[id] == 0 {
			t.Errorf("nothing has the id %q", id)
		}
	}
	if firsts != 1 || tables != captions {
		t.Errorf("%d h1, %d tables with %d captions", firsts, tables, captions)
	}
}
