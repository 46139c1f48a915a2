// Package pages shows the record to people: HTML made on the server, one style
// sheet, charts as SVG, nothing from other hosts. It reads what the API reads,
// through an interface of its own, and what a page shows is a typed struct.
package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// Reader is the record as the pages read it: see api.Reader, which holds all of it.
type Reader interface {
	Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error)
	Near(ctx context.Context, id string) ([]string, error)
	Resolutions(ctx context.Context, f votes.Filter, p votes.PageRequest) (votes.Page, error)
	Events(ctx context.Context, f votes.Filter, sponsors bool, yield func(votes.Event) error) (int64, error)
	Accounts(ctx context.Context, id string) (*votes.Accounts, error)
	History(ctx context.Context, id string) (*votes.History, error)
	Discrepancies(ctx context.Context, f votes.DiscrepancyFilter, limit int, after *votes.DiscrepancyMark) (votes.DiscrepancyPage, error)
	Vetoes(ctx context.Context, f votes.Filter, groupBy string) (votes.VetoRecord, error)
	Imports(ctx context.Context, limit int, before int64) (votes.ImportPage, error)
	Revision(ctx context.Context) (votes.Revision, error)
}

// Server is what the pages need of the server that they are part of.
type Server struct {
	// Answer answers what ask returns, stamped with the record's revision. It
	// asks only where the client does not have the answer already.
	Answer func(c echo.Context, contentType string, ask func(ctx context.Context) ([]byte, error)) error
	// Static answers bytes that hang on the program alone.
	Static func(c echo.Context, contentType string, body []byte) error
	// Origin is where the server is, as https://votes.example.org.
	Origin func(c echo.Context) string
	// Moved is the error that leads to another address for ever, Found the one
	// that leads to it this time.
	Moved, Found func(address string) error
	Now          func() time.Time
}

// Site is every page.
type Site struct {
	Server
	read  Reader
	style string // address of the style sheet, with its sum
	css   []byte
}

//go:embed *.html style.css favicon.svg
var files embed.FS

// New returns the pages over a record.
func New(r Reader, s Server) *Site {
	css := mustRead("style.css")
	sum := sha256.Sum256(css)
	return &Site{Server: s, read: r, css: css, style: "/style.css?" + hex.EncodeToString(sum[:4])}
}

// Routes registers every page.
func (s *Site) Routes(get func(path string, h echo.HandlerFunc)) {
	get("/", s.home)
	get("/resolutions", s.list)
	get("/resolutions/:id", s.vote)
	get("/vetoes", s.vetoes)
	get("/members", s.members)
	get("/members/:code", s.member)
	get("/agreement", s.agreement)
	get("/agreement/:a/:b", s.pair)
	get("/council", s.council)
	get("/what-if", s.whatIf)
	get("/data", s.data)
	get("/about", s.about)
	get("/embed/resolutions/:id", s.embed)
	get("/oembed", s.oembed)
	get("/sitemap.xml", s.sitemap)
	get("/robots.txt", s.robots)
	get("/style.css", func(c echo.Context) error { return s.Static(c, "text/css; charset=utf-8", s.css) })
	get("/favicon.svg", func(c echo.Context) error { return s.Static(c, "image/svg+xml", mustRead("favicon.svg")) })
}

// mustRead reads an embedded file: that it is there was settled when the
// program was built.
func mustRead(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

// Frame is what every page has around its content.
type Frame struct {
	Title, Description string
	Canonical          string // absolute
	Card               string // absolute address of the picture for social media, 1200 by 630; empty for none
	Alternates         []Alternate
	JSONLD             any // nil for none
	Style              string
	Nav                []NavItem
	Revision           int64
	Changed            string // the day of the revision
}

// Alternate is the same content in another form.
type Alternate struct{ Type, Title, Href string }

// NavItem is one entry of the main navigation.
type NavItem struct {
	Name, Href string
	Current    bool
}

var nav = []NavItem{{Name: "Votes", Href: "/resolutions"}, {Name: "Vetoes", Href: "/vetoes"}, {Name: "Members", Href: "/members"},
	{Name: "Agreement", Href: "/agreement"}, {Name: "Council", Href: "/council"}, {Name: "What if", Href: "/what-if"},
	{Name: "Data", Href: "/data"}, {Name: "About", Href: "/about"}, {Name: "API", Href: "/docs"}}

// frame is the frame of the page at a path.
func (s *Site) frame(ctx context.Context, c echo.Context, title, description string) (Frame, error) {
	rev, err := s.read.Revision(ctx)
	if err != nil {
		return Frame{}, err
	}
	path := c.Request().URL.Path
	f := Frame{Title: title, Description: description, Canonical: s.Origin(c) + path, Card: s.Origin(c) + "/v1/charts/card.png", Style: s.style, Nav: make([]NavItem, len(nav)),
		Revision: rev.Number, Changed: longDate(votes.DateOf(rev.Committed))}
	copy(f.Nav, nav)
	for i, item := range f.Nav {
		f.Nav[i].Current = path == item.Href || strings.HasPrefix(path, item.Href+"/")
	}
	return f, nil
}

// page is what a template is shown: a struct with a Frame.
type page interface{ template() string }

// show answers with the page that make returns.
func (s *Site) show(c echo.Context, make func(ctx context.Context) (page, error)) error {
	return s.Answer(c, echo.MIMETextHTMLCharsetUTF8, func(ctx context.Context) ([]byte, error) {
		p, err := make(ctx)
		if err != nil {
			return nil, err
		}
		return render(p)
	})
}

// refuse answers a request that has faults: the page, with the faults told.
func (s *Site) refuse(c echo.Context, make func(ctx context.Context) (page, error)) error {
	p, err := make(c.Request().Context())
	if err != nil {
		return err
	}
	body, err := render(p)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusBadRequest, echo.MIMETextHTMLCharsetUTF8, body)
}

func render(p page) ([]byte, error) {
	t, ok := templates[p.template()]
	if !ok {
		return nil, fmt.Errorf("there is no template %s", p.template())
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", p); err != nil {
		return nil, fmt.Errorf("showing %s: %w", p.template(), err)
	}
	if !utf8.Valid(b.Bytes()) { // bytes of the address, in a form that shows what was asked
		return bytes.ToValidUTF8(b.Bytes(), []byte(string(utf8.RuneError))), nil
	}
	return b.Bytes(), nil
}

// templates holds each page's template with the layout and the parts that
// several pages share, by the name of its file without .html.
var templates = parseTemplates()

func parseTemplates() map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(functions).ParseFS(files, "layout.html", "parts.html"))
	names, err := fs.Glob(files, "page_*.html")
	if err != nil {
		panic(err)
	}
	list := make(map[string]*template.Template, len(names))
	for _, name := range names {
		t := template.Must(template.Must(shared.Clone()).ParseFS(files, name))
		list[strings.TrimSuffix(strings.TrimPrefix(name, "page_"), ".html")] = t
	}
	return list
}
