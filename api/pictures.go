package api

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

const (
	mimeSVG = "image/svg+xml"
	mimePNG = "image/png"

	// paintedAtOnce bounds how many PNGs are painted at one time: each keeps a
	// core busy, and several megabytes of memory.
	paintedAtOnce = 2
)

// pictures draws the record, as SVG and as PNG.
type pictures struct {
	*server
	painting chan struct{} // has room for those that may paint at once
}

// picture is one drawing under its address.
type picture struct {
	path       string   // without .svg and .png
	parameters []string // beside those of every picture
	width      int      // pixels, where none are asked for
	// read reads what the request asks for, faults into q, and returns what
	// draws it.
	read func(c echo.Context, q *query, suffix string) (draw, error)
}

// draw asks the record, and draws.
type draw func(ctx context.Context, opt chart.Options) (chart.Picture, error)

// pictures registers the route of every picture.
func (s *server) pictures(get func(path string, h echo.HandlerFunc)) {
	p := &pictures{server: s, painting: make(chan struct{}, paintedAtOnce)}
	for _, pic := range []picture{
		{path: resolutionsPath + ":id/council", width: 640, read: p.councilOf},
		{path: "/v1/charts/vetoes", parameters: vetoChartParameters, width: 960, read: p.vetoChart},
		{path: "/v1/charts/agreement", parameters: agreementParameters, width: 800, read: p.agreementChart},
		{path: "/v1/charts/timeline", parameters: []string{"member"}, width: 960, read: p.timeline},
	} {
		get(pic.path+".svg", func(c echo.Context) error { return p.svg(c, pic) })
		get(pic.path+".png", func(c echo.Context) error { return p.png(c, pic) })
	}
	get(resolutionsPath+":id/card.png", p.card)
	get("/v1/charts/card.png", p.recordCard)
}

func (p *pictures) svg(c echo.Context, pic picture) error {
	opt, draw, err := pic.ask(c, ".svg")
	if err != nil {
		return err
	}
	c.Response().Header().Set(headerCSP, svgPolicy)
	return p.answerAs(c, mimeSVG, func(ctx context.Context) ([]byte, error) {
		drawn, err := draw(ctx, opt)
		if err != nil {
			return nil, err
		}
		return []byte(drawn.SVG()), nil
	})
}

func (p *pictures) png(c echo.Context, pic picture) error {
	opt, draw, err := pic.ask(c, ".png")
	if err != nil {
		return err
	}
	return p.answerAs(c, mimePNG, func(ctx context.Context) ([]byte, error) {
		return p.paint(ctx, opt, draw)
	})
}

// ask reads a request, with every fault of it.
func (pic picture) ask(c echo.Context, suffix string) (chart.Options, draw, error) {
	q := readQuery(c, append(slices.Clone(pic.parameters), "width", "theme")...)
	opt := q.chartOptions(pic.width)
	draw, err := pic.read(c, q, suffix)
	if err == nil {
		err = q.err()
	}
	return opt, draw, err
}

// chartOptions reads how a picture is to be drawn.
func (q *query) chartOptions(width int) chart.Options {
	themes := make([]string, len(chart.Themes))
	for i, t := range chart.Themes {
		themes[i] = string(t)
	}
	return chart.Options{Width: q.number("width", width, chart.MinWidth, chart.MaxWidth),
		Theme: chart.Theme(q.choice("theme", string(chart.Auto), themes...)), Standalone: true}
}

// paint returns the PNG of a picture.
func (p *pictures) paint(ctx context.Context, opt chart.Options, draw draw) ([]byte, error) {
	drawn, err := draw(ctx, opt)
	if err != nil {
		return nil, err
	}
	select {
	case p.painting <- struct{}{}:
		defer func() { <-p.painting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return drawn.PNG(int(drawn.Width))
}

// councilOf draws the Council's table with one vote.
func (p *pictures) councilOf(c echo.Context, q *query, suffix string) (draw, error) {
	side := councilSuffix + suffix
	id, err := idInPath(c, q, side)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, opt chart.Options) (chart.Picture, error) {
		r, err := p.find(ctx, c, id, side)
		if err != nil {
			return chart.Picture{}, err
		}
		return chart.Horseshoe(*r, opt), nil
	}, nil
}

// What follows an id where its picture is asked for.
const (
	councilSuffix = "/council"
	cardSuffix    = "/card.png"
)

// card answers GET /v1/resolutions/{id}/card.png: what social media show for a
// link, in the one size that they all take.
func (p *pictures) card(c echo.Context) error {
	q := readQuery(c)
	id, err := idInPath(c, q, cardSuffix)
	if err != nil {
		return err
	}
	return p.answerAs(c, mimePNG, func(ctx context.Context) ([]byte, error) {
		return p.paint(ctx, chart.Options{Theme: chart.Light, Standalone: true}, func(ctx context.Context, opt chart.Options) (chart.Picture, error) {
			r, err := p.find(ctx, c, id, cardSuffix)
			if err != nil {
				return chart.Picture{}, err
			}
			return chart.ResolutionCard(*r, opt), nil
		})
	})
}

// recordCard draws the card of the whole record.
func (p *pictures) recordCard(c echo.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return p.answerAs(c, mimePNG, func(ctx context.Context) ([]byte, error) {
		return p.paint(ctx, chart.Options{Theme: chart.Light, Standalone: true}, func(ctx context.Context, opt chart.Options) (chart.Picture, error) {
			all, err := p.reader.Resolutions(ctx, votes.Filter{}, votes.PageRequest{Limit: 1, Facets: []string{"outcome"}})
			if err != nil {
				return chart.Picture{}, err
			}
			vetoed := 0
			for _, f := range all.Facets["outcome"] {
				if f.Value == string(votes.Vetoed) {
					vetoed = f.Count
				}
			}
			return chart.Card(chart.CardText{Kicker: "scvotes", Title: "How the UN Security Council votes",
				Subtitle: "Who voted how, what became of it under the Charter, and where each fact is from",
				Figure:   strconv.Itoa(all.Total), Caption: fmt.Sprintf("votes since 1946, adopted or not; %d proposals vetoed", vetoed)}, opt), nil
		})
	})
}

// vetoChartParameters are the filters of /v1/vetoes.
var vetoChartParameters = slices.DeleteFunc(slices.Clone(votes.FilterParameters), func(p string) bool { return p == "outcome" })

// vetoChart draws the vetoes of each year by member.
func (p *pictures) vetoChart(_ echo.Context, q *query, _ string) (draw, error) {
	filter := q.filter()
	filter.Outcome = []votes.Outcome{votes.Vetoed}
	return func(ctx context.Context, opt chart.Options) (chart.Picture, error) {
		var series []chart.VetoYear
		_, err := p.count(ctx, filter, false, func(e votes.Event) {
			year := chart.VetoYear{Year: e.Date.Year(), ByMember: make(map[votes.Code]int, len(e.VetoedBy))}
			for _, c := range e.VetoedBy {
				year.ByMember[c]++
			}
			series = append(series, year) // the chart adds up what is of one year
		})
		return chart.Vetoes(series, opt), err
	}, nil
}

// pictureMembers is how many members a heat map has room for: a cell is to hold
// its number in the widest picture.
const pictureMembers = 40

// agreementChart draws how often members agreed; the permanent members where
// none are named.
func (p *pictures) agreementChart(c echo.Context, q *query, _ string) (draw, error) {
	filter, options := q.filter(), q.agreementOptions("P5")
	origin := p.origin(c)
	return func(ctx context.Context, opt chart.Options) (chart.Picture, error) {
		counter := votes.NewAgreement(options)
		if _, err := p.count(ctx, filter, false, counter.Add); err != nil {
			return chart.Picture{}, err
		}
		a := counter.Result()
		if len(a.Members) > pictureMembers {
			return chart.Picture{}, votes.Faults{{Parameter: "members", Value: options.Members.String(),
				Message: fmt.Sprintf("these are %d members over that time, and a picture has room for %d: ask for fewer, or for a shorter time", len(a.Members), pictureMembers)}}
		}
		return chart.Heat(a, func(a, b votes.Code) string { return origin + pairAddress(a, b, q.values) }, opt), nil
	}, nil
}

// pairAddress leads to the page of the votes behind a cell.
func pairAddress(a, b votes.Code, values url.Values) string {
	kept := url.Values{}
	for name, v := range values {
		if !slices.Contains([]string{"members", "width", "theme"}, name) {
			kept[name] = v
		}
	}
	address := "/agreement/" + url.PathEscape(string(a)) + "/" + url.PathEscape(string(b))
	if len(kept) > 0 {
		address += "?" + kept.Encode()
	}
	return address
}

// timeline draws who sat since 1946, or when one member did.
func (p *pictures) timeline(_ echo.Context, q *query, _ string) (draw, error) {
	var code votes.Code
	var terms []votes.Term
	if name, ok := q.one("member"); ok {
		var known bool
		if code, known = votes.FindState(name); !known {
			q.fault("member", name, fmt.Sprintf("%q is no state that the UN knows", name))
		}
		code = code.Seat()
		terms = slices.DeleteFunc(votes.Terms(), func(t votes.Term) bool { return t.Code.Seat() != code })
		if known && len(terms) == 0 {
			q.fault("member", name, code.NameOn("")+" has never sat on the Council")
		}
	}
	return func(ctx context.Context, opt chart.Options) (chart.Picture, error) {
		rev, err := p.reader.Revision(ctx)
		if err != nil {
			return chart.Picture{}, err
		}
		// To the day of the record rather than to this one, so that a revision
		// has one picture.
		until := votes.DateOf(rev.Committed)
		if rev.Number == 0 {
			until = votes.DateOf(p.now())
		}
		if terms != nil {
			return chart.Terms(code.NameOn(""), terms, until, opt), nil
		}
		return chart.Timeline(votes.Terms(), until, chart.ByRegion, opt), nil
	}, nil
}
