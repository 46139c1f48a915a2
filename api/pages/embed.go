package pages

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/url"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

const embedPath = "/embed/resolutions/"

// embedPage is one vote as it stands in a frame on another site.
type embedPage struct {
	Frame     Frame
	Name      string
	About     string
	Date      votes.Date
	Outcome   votes.Outcome
	Verdict   string
	Horseshoe template.HTML
}

func (embedPage) template() string { return "embed" }

// embedPolicy lets any site frame the page, which loads its style sheet and
// nothing else.
const embedPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"

// embed answers GET /embed/resolutions/{id}: the one page that other sites may
// put into a frame.
func (s *Site) embed(c echo.Context) error {
	id, err := voteID(c)
	if err != nil {
		return err
	}
	if id != c.Param("id") {
		return s.Moved(embedPath + id)
	}
	h := c.Response().Header()
	h.Del(echo.HeaderXFrameOptions)
	h.Set(echo.HeaderContentSecurityPolicy, embedPolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return s.show(c, func(ctx context.Context) (page, error) {
		r, err := s.voteOf(ctx, id, embedPath)
		if err != nil {
			return nil, err
		}
		p := embedPage{Name: nameOf(*r), About: about(*r), Date: r.Date, Outcome: r.Outcome, Verdict: verdict(*r),
			Horseshoe: inline(chart.Horseshoe(*r, chart.Options{Width: embeddedTable, IDPrefix: "table"}))}
		p.Frame, err = s.frame(ctx, c, voteTitle(*r), p.Verdict)
		// The vote's own page is the one to find and to cite.
		p.Frame.Canonical = s.Origin(c) + votesPath + r.ID
		return p, err
	})
}

// voteID reads the id of a vote in the path, however it is spelt.
func voteID(c echo.Context) (string, error) {
	asked := c.Param("id")
	if plain, err := url.PathUnescape(asked); err == nil {
		asked = plain
	}
	id, err := votes.ParseID(asked)
	if err != nil {
		return "", fmt.Errorf("%q is not an id or a symbol of the record: %w", asked, votes.ErrNotFound)
	}
	return id, nil
}

// voteOf reads a vote. Where it has another id now, that is where to go, below
// the same path.
func (s *Site) voteOf(ctx context.Context, id, path string) (*votes.Resolution, error) {
	r, _, err := s.read.Resolution(ctx, id)
	switch {
	case errors.Is(err, votes.ErrNotFound):
		return nil, s.Missing(ctx, id)
	case err != nil:
		return nil, err
	case r.ID != id:
		return nil, s.Moved(path + r.ID)
	}
	return r, nil
}

// voteTitle names a vote and what became of it.
func voteTitle(r votes.Resolution) string {
	return nameOf(r) + ": " + outcomeWord(r.Outcome)
}

// The size of the embedded page where there is room for it, and of the table in
// it, in CSS pixels. A narrow frame has a smaller table and more lines of words,
// and needs the same height.
const (
	embedWidth    = 640
	embedHeight   = 560
	embeddedTable = 420
)

// frameCode is the HTML that puts a vote on another site.
func frameCode(origin, id, title string, width, height int) string {
	return fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" title="%s" loading="lazy" style="border:0"></iframe>`,
		template.HTMLEscapeString(origin+embedPath+url.PathEscape(id)), width, height, template.HTMLEscapeString(title))
}
