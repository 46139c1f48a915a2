package pages

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

const votesPath = "/resolutions/"

// votePage is one vote.
type votePage struct {
	Frame     Frame
	Vote      votes.Resolution
	Name      string
	About     string
	Verdict   string
	Horseshoe template.HTML
	Bar       template.HTML
	Positions []positionGroup
	Accounts  []votes.AccountView
	Fields    []votes.FieldSource
	History   []votes.Revised
	Others    []voteLine // of the same meeting
	Data      []Alternate
	Embed     string // HTML for other sites
	Cite      string
	Documents []Alternate
}

// positionGroup is the members that took one position.
type positionGroup struct {
	Position votes.Position
	Members  []votes.MemberVote
}

func (votePage) template() string { return "resolution" }

// vote answers GET /resolutions/{id}: any spelling of a symbol leads to its id.
func (s *Site) vote(c echo.Context) error {
	id, err := voteID(c)
	if err != nil {
		return err
	}
	if id != c.Param("id") {
		return s.Moved(votesPath + id)
	}
	return s.show(c, func(ctx context.Context) (page, error) {
		r, err := s.voteOf(ctx, id, votesPath)
		if err != nil {
			return nil, err
		}
		return s.votePage(ctx, c, r)
	})
}

func (s *Site) votePage(ctx context.Context, c echo.Context, r *votes.Resolution) (page, error) {
	p := votePage{Vote: *r, Name: nameOf(*r), About: about(*r), Verdict: verdict(*r), Positions: byPosition(r.Votes)}
	accounts, err := s.read.Accounts(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	history, err := s.read.History(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	if p.Others, err = s.sameMeeting(ctx, r); err != nil {
		return nil, err
	}
	p.Accounts, p.Fields, p.History = accounts.Accounts, accounts.Fields, history.Data
	p.Horseshoe = fitted(func(o chart.Options) chart.Picture { return chart.Horseshoe(*r, o) }, 640, "table")
	if r.Tally != nil {
		p.Bar = fitted(func(o chart.Options) chart.Picture { return chart.TallyBar(*r.Tally, r.VetoedBy, o) }, 640, "tally")
	}
	title := voteTitle(*r)
	if p.Frame, err = s.frame(ctx, c, title, p.Verdict+" "+p.About); err != nil {
		return nil, err
	}
	api := "/v1/resolutions/" + r.ID
	origin := s.Origin(c)
	p.Frame.Card = origin + api + "/card.png"
	p.Frame.JSONLD = jsonLD(*r, p.Frame.Canonical, p.Verdict)
	p.Data = []Alternate{{"application/json", "JSON", api}, {"text/csv", "CSV of the roll call", api + "/votes.csv"},
		{"application/json", "Popolo", api + "/popolo.json"}, {"application/x-bibtex", "BibTeX", api + "/citation.bib"},
		{"application/x-research-info-systems", "RIS", api + "/citation.ris"}, {"application/vnd.citationstyles.csl+json", "CSL-JSON", api + "/citation.json"},
		{"image/svg+xml", "picture (SVG)", api + "/council.svg"}, {"image/png", "picture (PNG)", api + "/council.png"}}
	p.Frame.Alternates = append(p.Data[:1:1], Alternate{"application/json+oembed", "oEmbed", origin + "/oembed?url=" + url.QueryEscape(p.Frame.Canonical)})
	p.Embed = frameCode(origin, r.ID, title, embedWidth, embedHeight)
	p.Cite = fmt.Sprintf("United Nations Security Council, %s, vote of %s. In: scvotes, %s, revision %d, retrieved %s.",
		p.Name, longDate(r.Date), p.Frame.Canonical, r.Revision, longDate(votes.DateOf(s.Now())))
	for _, d := range []Alternate{{"", string(r.Draft), r.Links.Draft}, {"", string(r.Resolution), r.Links.Resolution}, {"", string(r.Meeting), r.Links.Meeting}} {
		if d.Href != "" {
			p.Documents = append(p.Documents, d)
		}
	}
	return p, nil
}

// sameMeeting lists the other votes of the meeting.
func (s *Site) sameMeeting(ctx context.Context, r *votes.Resolution) ([]voteLine, error) {
	if r.Meeting == "" {
		return nil, nil
	}
	search, err := votes.ParseSearch(string(r.Meeting))
	if err != nil {
		return nil, nil // a meeting that cannot be looked for has no other votes
	}
	found, err := s.read.Resolutions(ctx, votes.Filter{Q: search, From: r.Date, To: r.Date}, votes.PageRequest{Limit: 20, Detail: true})
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(found.Data, func(o votes.Resolution) bool { return o.ID == r.ID || o.Meeting != r.Meeting })
	return voteLines(others), nil
}

// inline is a picture as part of a page.
func inline(p chart.Picture) template.HTML { return template.HTML(p.SVG()) }

// narrow is the width of pictures on a telephone.
const narrow = 340

// fitted is a wide picture and, for telephones, the same drawn narrow: shrunk,
// its text could not be read.
func fitted(draw func(chart.Options) chart.Picture, wide int, prefix string) template.HTML {
	return template.HTML(`<div class="on-wide">` + draw(chart.Options{Width: wide, IDPrefix: prefix}).SVG() + `</div><div class="on-narrow">` +
		draw(chart.Options{Width: narrow, IDPrefix: prefix + "-narrow"}).SVG() + `</div>`)
}

// byPosition puts the members together that did the same, in the order in which
// a tally is read.
func byPosition(roll []votes.MemberVote) []positionGroup {
	var groups []positionGroup
	for _, p := range votes.Positions {
		g := positionGroup{Position: p}
		for _, v := range roll {
			if v.Position == p {
				g.Members = append(g.Members, v)
			}
		}
		if g.Members != nil {
			groups = append(groups, g)
		}
	}
	return groups
}

// voteLine is one vote in a list.
type voteLine struct {
	ID, Href, Name, About string
	Outcome               votes.Outcome
	Date                  votes.Date
	Tally                 string
	Note                  string
	Small                 template.HTML
}

func voteLines(list []votes.Resolution) []voteLine {
	lines := make([]voteLine, len(list))
	for i, r := range list {
		lines[i] = voteLine{ID: r.ID, Href: votesPath + r.ID, Name: nameOf(r), About: about(r), Outcome: r.Outcome, Date: r.Date,
			Tally: "tally not known", Note: noteOf(r), Small: inline(chart.Small(r))}
		if r.Tally != nil {
			lines[i].Tally = fmt.Sprintf("%d–%d–%d", r.Tally.Yes, r.Tally.No, r.Tally.Abstain)
		} else if r.AdoptedBy == votes.ByNoVote {
			lines[i].Tally = "without a vote"
		}
	}
	return lines
}

// noteOf is what else a line of a list has to say.
func noteOf(r votes.Resolution) string {
	var notes []string
	if len(r.VetoedBy) > 0 {
		notes = append(notes, "vetoed by "+named(namesOn(r.VetoedBy, r.Date)))
	}
	if r.Procedural {
		notes = append(notes, "procedural")
	}
	if r.RollCall == votes.RollDisputed {
		notes = append(notes, "the sources' rolls contradict something: disputed")
	}
	return strings.Join(notes, " · ")
}

func namesOn(codes []votes.Code, d votes.Date) []string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = withArticle(c.NameOn(d))
	}
	return names
}

// withArticle writes a permanent member's name as a sentence does.
func withArticle(name string) string {
	for _, beginning := range []string{"United ", "Union ", "Russian "} {
		if strings.HasPrefix(name, beginning) {
			return "the " + name
		}
	}
	return name
}

// verdict is why a vote ended as it did, in plain words.
func verdict(r votes.Resolution) string {
	t := r.Tally
	if t == nil {
		return strings.ToUpper(r.Reason[:1]) + r.Reason[1:] + "."
	}
	count := fmt.Sprintf("%d in favour, %d needed: ", t.Yes, t.Required)
	against := negativeVotes(r)
	switch {
	case r.Outcome == votes.Vetoed:
		return count + "carried, but for the negative " + votesOf(r.VetoedBy, r.Date) + "."
	case r.Outcome == votes.Failed && len(against) > 0:
		return count + fmt.Sprintf("%d short. The negative %s, was therefore no veto.", t.Required-t.Yes, votesOf(against, r.Date))
	case r.Outcome == votes.Failed:
		return count + fmt.Sprintf("%d short.", t.Required-t.Yes)
	case r.AdoptedBy == votes.ByUnanimity:
		return fmt.Sprintf("All %d in favour: adopted unanimously.", t.Yes)
	case len(against) > 0:
		return count + "carried. The question was procedural, so the negative " + votesOf(against, r.Date) + ", was no veto."
	}
	return count + "carried."
}

func votesOf(codes []votes.Code, d votes.Date) string {
	if len(codes) == 1 {
		return "vote of " + named(namesOn(codes, d)) + ", a permanent member"
	}
	return "votes of " + named(namesOn(codes, d)) + ", permanent members"
}

// negativeVotes are the permanent members that voted against.
func negativeVotes(r votes.Resolution) []votes.Code {
	var against []votes.Code
	if r.Detail != nil {
		for _, v := range r.Votes {
			if v.Permanent && v.Position == votes.No {
				against = append(against, v.Code)
			}
		}
	}
	return against
}

// voteEvent describes a vote to machines (schema.org). It has no type for a
// vote; a legislative document that was put to one is the nearest.
type voteEvent struct {
	Context  string `json:"@context"`
	Type     string `json:"@type"`
	Name     string `json:"name"`
	ID       string `json:"legislationIdentifier"`
	Date     string `json:"legislationDate"`
	About    string `json:"about"`
	Abstract string `json:"abstract"`
	URL      string `json:"url"`
	SameAs   string `json:"sameAs,omitempty"`
}

func jsonLD(r votes.Resolution, address, verdict string) voteEvent {
	same := r.Links.Resolution
	if same == "" {
		same = r.Links.Draft
	}
	return voteEvent{"https://schema.org", "Legislation", nameOf(r), nameOf(r), string(r.Date), about(r), verdict, address, same}
}
