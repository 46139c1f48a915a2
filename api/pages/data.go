package pages

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

// dataPage tells what the record is made of, what it lacks, and how to take it along.
type dataPage struct {
	Frame      Frame
	Sources    []takenIn // the newest file of each source and edition
	Latest     []takenIn
	Holdings   holdings
	Chart      template.HTML
	Open       openDiscrepancies
	Downloads  []download
	Feeds      []Alternate
	BundleFile string
}

func (dataPage) template() string { return "data" }

// shownImports and shownDiscrepancies are how many of the newest the page lists.
const (
	shownImports       = 20
	shownDiscrepancies = 10
)

// data answers GET /data.
func (s *Site) data(c echo.Context) error {
	return s.show(c, func(ctx context.Context) (page, error) {
		imports, err := s.allImports(ctx)
		if err != nil {
			return nil, err
		}
		p := dataPage{Sources: takenIns(sourcesOf(imports)), Latest: takenIns(imports[:min(shownImports, len(imports))]), Downloads: downloads, Feeds: feeds}
		if p.Holdings, err = s.holdings(ctx); err != nil {
			return nil, err
		}
		if p.Open, err = s.openDiscrepancies(ctx); err != nil {
			return nil, err
		}
		if p.Holdings.Years != nil {
			p.Chart = p.Holdings.chart()
		}
		p.Frame, err = s.frame(ctx, c, "Data and sources", "Where the record of Security Council votes is from, how complete it is "+
			"year by year, where its sources contradict each other, and how to download all of it.")
		p.BundleFile = fmt.Sprintf("scvotes-r%d.zip", p.Frame.Revision)
		p.Frame.Alternates = feeds
		p.Frame.JSONLD = datasetOf(p, s.Origin(c))
		return p, err
	})
}

// allImports returns every file that was taken in, the newest first.
func (s *Site) allImports(ctx context.Context) ([]votes.Import, error) {
	var all []votes.Import
	before := int64(0)
	for {
		some, err := s.read.Imports(ctx, votes.MaxLimit, before)
		if err != nil {
			return nil, err
		}
		all = append(all, some.Data...)
		if some.Next == 0 {
			return all, nil
		}
		before = some.Next
	}
}

// sourcesOf keeps the newest file of each source and edition, by name.
func sourcesOf(imports []votes.Import) []votes.Import {
	var list []votes.Import
	for _, i := range imports {
		if !slices.ContainsFunc(list, func(o votes.Import) bool { return o.Source == i.Source }) {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b votes.Import) int {
		return cmp.Or(cmp.Compare(a.Source.Name, b.Source.Name), cmp.Compare(b.Source.Edition, a.Source.Edition))
	})
	return list
}

// takenIn is a file as the page shows it.
type takenIn struct{ votes.Import }

func takenIns(list []votes.Import) []takenIn {
	shown := make([]takenIn, len(list))
	for i, v := range list {
		shown[i] = takenIn{v}
	}
	return shown
}

// Landed, Refused and Told are counts that are small enough for a page.
func (t takenIn) Landed() int  { return int(t.RowsLanded) }
func (t takenIn) Refused() int { return int(t.RowsRefused) }
func (t takenIn) Told() int    { return int(t.Accounts) }

// holdings is how much of the votes is known.
type holdings struct {
	Years []yearHoldings // the newest first
	Total yearHoldings
	First votes.Date
	Last  votes.Date

	// Of the numbered resolutions 1 to Highest, so many are in the record.
	Resolutions, Highest int
}

// yearHoldings counts the votes of one year by how much of the roll is known.
type yearHoldings struct {
	Year                                                int
	Votes, Complete, Partial, TallyOnly, None, Disputed int
}

func (y *yearHoldings) add(e votes.Event) {
	y.Votes++
	switch e.RollCall {
	case votes.RollComplete:
		y.Complete++
	case votes.RollPartial:
		y.Partial++
	case votes.RollTallyOnly:
		y.TallyOnly++
	case votes.RollNone:
		y.None++
	case votes.RollDisputed:
		y.Disputed++
	}
}

func (s *Site) holdings(ctx context.Context) (holdings, error) {
	var h holdings
	years := map[int]*yearHoldings{}
	numbers := map[int]bool{}
	_, err := s.read.Events(ctx, votes.Filter{}, false, func(e votes.Event) error {
		year := e.Date.Year()
		if years[year] == nil {
			years[year] = &yearHoldings{Year: year}
		}
		years[year].add(e)
		h.Total.add(e)
		if h.First == "" || e.Date < h.First {
			h.First = e.Date
		}
		h.Last = max(h.Last, e.Date)
		if n := resolutionNumber(e.ID); n > 0 {
			numbers[n] = true
			h.Highest = max(h.Highest, n)
		}
		return nil
	})
	h.Resolutions = len(numbers)
	for year := h.Last.Year(); year >= h.First.Year() && year > 0; year-- {
		if years[year] == nil {
			years[year] = &yearHoldings{Year: year} // a gap is shown as one
		}
		h.Years = append(h.Years, *years[year])
	}
	return h, err
}

// resolutionNumber is the number in the id of an adopted resolution, 0 in others.
func resolutionNumber(id string) int {
	var n int
	if _, err := fmt.Sscanf(id, "S-RES-%d-", &n); err != nil {
		return 0
	}
	return n
}

// chart draws how large a part of each year's votes is known how well.
func (h holdings) chart() template.HTML {
	series := []chart.Series{{Name: "every position known"}, {Name: "counts or vetoes only"}, {Name: "roll call in dispute"}}
	for _, y := range slices.Backward(h.Years) {
		for i, n := range []int{y.Complete, y.TallyOnly + y.Partial, y.Disputed} {
			point := chart.SharePoint{Year: y.Year, N: y.Votes}
			if y.Votes > 0 {
				share := float64(n) / float64(y.Votes)
				point.Share = &share
			}
			series[i].Points = append(series[i].Points, point)
		}
	}
	return inline(chart.Trend("How well the votes of each year are known", series, chart.Options{Width: 960, IDPrefix: "held"}))
}

// openDiscrepancies is where the sources part and nobody has settled it.
type openDiscrepancies struct {
	Kinds          []kindCount
	Serious, Minor int
	Newest         []votes.FoundDiscrepancy // serious ones
}

// kindCount is one kind of discrepancy and how many of it are open.
type kindCount struct {
	Kind, Meaning  string
	Serious, Minor int
}

func (s *Site) openDiscrepancies(ctx context.Context) (openDiscrepancies, error) {
	open := votes.DiscrepancyFilter{State: []string{votes.StateOpen}, Severity: []string{votes.SeveritySerious}}
	serious, err := s.read.Discrepancies(ctx, open, shownDiscrepancies, nil)
	if err != nil {
		return openDiscrepancies{}, err
	}
	open.Severity = []string{votes.SeverityMinor}
	minor, err := s.read.Discrepancies(ctx, open, 1, nil)
	if err != nil {
		return openDiscrepancies{}, err
	}
	o := openDiscrepancies{Serious: serious.Total, Minor: minor.Total, Newest: serious.Data}
	for _, kind := range votes.DiscrepancyKinds {
		if k := (kindCount{kind, kindMeanings[kind], serious.Kinds[kind], minor.Kinds[kind]}); k.Serious+k.Minor > 0 {
			o.Kinds = append(o.Kinds, k)
		}
	}
	return o, nil
}

var kindMeanings = map[string]string{
	votes.KindSymbol:      "The symbol of a resolution, draft or meeting is none, is missing, or belongs to something else",
	votes.KindDate:        "The day is doubtful",
	votes.KindDateSwap:    "Day and month stand in each other’s place",
	votes.KindState:       "A name is not that of a state as the UN writes it",
	votes.KindPosition:    "A word is none of the five positions",
	votes.KindSponsor:     "A sponsor is no state, or is named twice",
	votes.KindSeat:        "A vote is given to a state that did not sit that day",
	votes.KindTwice:       "A member has two positions in one vote",
	votes.KindRollSize:    "There are more or fewer positions than seats",
	votes.KindTally:       "The counts that a source states are not those of its own roll",
	votes.KindOutcome:     "The outcome that a source states is not the one that the Charter gives",
	votes.KindValue:       "A word stands where it can mean nothing",
	votes.KindConflict:    "Two sources tell it differently",
	votes.KindYear:        "The year in a symbol is not that of the vote",
	votes.KindMeeting:     "The number of the meeting or resolution belongs to another time",
	votes.KindPermanentNo: "A text was adopted over a permanent member’s negative vote",
	votes.KindDoubt:       "A source may speak of this vote or of another",
	votes.KindIdentity:    "Several proposals share a symbol, and nothing tells which one a source means",
}

// download is one table of the record.
type download struct{ Name, Rows string }

var downloads = []download{
	{"resolutions", "one proposal put to the vote, adopted or not"},
	{"votes", "one member’s position in one vote"},
	{"members", "one state that sat on the Council, with its counts"},
	{"accounts", "what one source says of one vote, right or wrong"},
}

var feeds = []Alternate{
	{"application/atom+xml", "Votes of the Security Council (Atom)", "/v1/feed.atom"},
	{"application/feed+json", "Votes of the Security Council (JSON Feed)", "/v1/feed.json"},
	{"application/atom+xml", "Vetoed proposals (Atom)", "/v1/feed.atom?outcome=vetoed"},
}

// dataset describes the record to machines (schema.org/Dataset), so that
// search engines for data find it.
type dataset struct {
	Context      string         `json:"@context"`
	Type         string         `json:"@type"`
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	URL          string         `json:"url"`
	Version      string         `json:"version"`
	Temporal     string         `json:"temporalCoverage,omitempty"`
	Free         bool           `json:"isAccessibleForFree"`
	UsageInfo    string         `json:"usageInfo"`
	Distribution []distribution `json:"distribution"`
}

type distribution struct {
	Type   string `json:"@type"`
	Format string `json:"encodingFormat"`
	URL    string `json:"contentUrl"`
}

func datasetOf(p dataPage, origin string) dataset {
	d := dataset{Context: "https://schema.org", Type: "Dataset", Name: "The voting record of the United Nations Security Council",
		Description: p.Frame.Description, URL: p.Frame.Canonical, Version: "revision " + strconv.FormatInt(p.Frame.Revision, 10),
		Free: true, UsageInfo: unTerms, Distribution: []distribution{{"DataDownload", "application/zip", origin + "/v1/export/scvotes.zip"}}}
	for _, t := range p.Downloads {
		address := origin + "/v1/export/" + t.Name
		d.Distribution = append(d.Distribution, distribution{"DataDownload", "text/csv", address + ".csv"},
			distribution{"DataDownload", "application/x-ndjson", address + ".ndjson"})
	}
	if p.Holdings.First != "" {
		d.Temporal = string(p.Holdings.First) + "/" + string(p.Holdings.Last)
	}
	return d
}
