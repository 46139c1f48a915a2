package pages

import (
	"cmp"
	"context"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/api/chart"
	"scvotes/votes"
)

const agreementPath = "/agreement"

// agreementPage is how often each two of some members voted alike.
type agreementPage struct {
	Frame    Frame
	Form     agreementForm
	Faults   votes.Faults
	Result   votes.Agreement
	Formula  string
	Excluded string
	Heat     template.HTML // empty where there are too many members for one
	Pairs    []pairLine
	Hidden   int // pairs that the table leaves out
	Groups   []groupHint
	Data     []Alternate
}

func (agreementPage) template() string { return "agreement" }

// MaxMembers is how many members a heat map has room for.
func (agreementPage) MaxMembers() int { return heatMembers }

// heatMembers is as many as sit in two years running; a map of more has cells
// too small to read.
const heatMembers = 20

// pairsShown is how many pairs the table has: those of a full heat map.
const pairsShown = heatMembers * (heatMembers - 1) / 2

// agreementForm is what is compared, as the fields show it.
type agreementForm struct {
	From, To, Members string
	Method, Unanimous []option
	Kept              []kept
}

// pairLine is the figure of two members.
type pairLine struct {
	votes.Pair
	NameA, NameB, AgreedWord, Href string
}

// groupHint is a group that can be compared: Value is the word for it.
type groupHint struct{ Value, Name, Meaning, Href string }

// groupHints are the groups as the field takes them. Who is in one follows the
// day of each vote.
var groupHints = []groupHint{
	{Value: "P5", Name: "P5", Meaning: "the five permanent members"},
	{Value: "P3", Name: "P3", Meaning: "France, the United Kingdom and the United States"},
	{Value: "E10", Name: "E10", Meaning: "the ten elected members of the day, since 1966"},
	{Value: "A3", Name: "A3", Meaning: "the African elected members of the day, since 1966"},
	{Value: "A3+1", Name: "A3+1", Meaning: "those, with the Caribbean member that joined them in 2020–2021 and 2024–2025"},
	regionHint(votes.AsiaPacific), regionHint(votes.EasternEuropean), regionHint(votes.LatinAmericanCaribbean), regionHint(votes.WesternEuropeanOthers),
	{Value: "all", Name: "all", Meaning: "everyone who sat: best with a time of two years or less"},
}

func regionHint(g votes.RegionalGroup) groupHint {
	return groupHint{Value: string(g), Name: groupWord(g), Meaning: "the elected members of that regional group, since 1966"}
}

// comparison is what the agreement of members is asked for.
type comparison struct {
	values url.Values // the parameters of it, and no others
	filter votes.Filter
	opt    votes.AgreementOptions
	faults votes.Faults
}

// parseComparison reads the parameters of /v1/agreement; absent are the members
// to compare where none are named.
func parseComparison(values url.Values, absent ...string) comparison {
	q := comparison{values: only(values, append(votes.FilterParameters, "members", "method", "exclude_unanimous")...)}
	q.filter, q.faults = votes.ParseFilter(values)
	members := values["members"]
	if len(members) == 0 {
		members = absent
	}
	var faults votes.Faults
	q.opt.Members, faults = votes.ParseMembers(members)
	q.faults = append(q.faults, faults...)
	q.opt.Method = votes.Exact
	if asked := values.Get("method"); asked != "" {
		method, err := votes.ParseMethod(asked)
		if err != nil {
			q.faults = append(q.faults, votes.Fault{Parameter: "method", Value: asked, Message: err.Error()})
		}
		q.opt.Method = method
	}
	switch asked := values.Get("exclude_unanimous"); asked {
	case "", "false", "true":
		q.opt.ExcludeUnanimous = asked == "true"
	default:
		q.faults = append(q.faults, votes.Fault{Parameter: "exclude_unanimous", Value: asked, Message: "is neither true nor false"})
	}
	return q
}

// form shows the comparison in fields.
func (q comparison) form() agreementForm {
	fm := agreementForm{From: q.values.Get("from"), To: q.values.Get("to"), Members: strings.Join(q.values["members"], ", "), Kept: keep(q.values, "from", "to")}
	if fm.Members == "" {
		fm.Members = q.opt.Members.String()
	}
	for _, m := range votes.Methods {
		fm.Method = append(fm.Method, option{string(m), methodWord(m), q.opt.Method == m})
	}
	for _, o := range []option{{Value: "false", Name: "are counted"}, {Value: "true", Name: "are left out"}} {
		fm.Unanimous = append(fm.Unanimous, option{o.Value, o.Name, q.opt.ExcludeUnanimous == (o.Value == "true")})
	}
	return fm
}

func methodWord(m votes.Method) string {
	return map[votes.Method]string{votes.Exact: "the same position agrees", votes.Lijphart: "to abstain agrees by half (Lijphart)"}[m]
}

// agreement answers GET /agreement: the parameters are those of /v1/agreement.
func (s *Site) agreement(c echo.Context) error {
	q := parseComparison(tidy(c.QueryParams()), "P5")
	answer := s.show
	if len(q.faults) > 0 {
		answer = s.refuse
	}
	return answer(c, func(ctx context.Context) (page, error) {
		p := agreementPage{Form: q.form(), Faults: q.faults}
		if len(q.faults) == 0 {
			count := votes.NewAgreement(q.opt)
			if _, err := s.read.Events(ctx, q.filter, false, func(e votes.Event) error { count.Add(e); return nil }); err != nil {
				return nil, err
			}
			p.fill(count.Result(), q.values)
		}
		for _, g := range groupHints {
			g.Href = address(agreementPath, q.values, "members", g.Value)
			p.Groups = append(p.Groups, g)
		}
		p.Data = []Alternate{{"application/json", "JSON", address("/v1/agreement", q.values, "", "")}, {"text/csv", "CSV", address("/v1/agreement.csv", q.values, "", "")}}
		if p.Heat != "" {
			p.Data = append(p.Data, Alternate{"image/svg+xml", "picture (SVG)", address("/v1/charts/agreement.svg", q.values, "", "")})
		}
		var err error
		p.Frame, err = s.frame(ctx, c, "Agreement between members of the Security Council",
			"How often each two members of the UN Security Council voted alike, for any period and group, with the votes behind every figure.")
		p.Frame.Alternates = p.Data
		return p, err
	})
}

func (p *agreementPage) fill(a votes.Agreement, values url.Values) {
	p.Result, p.Formula, p.Excluded = a, formulaWords(a.Method), excludedWords(a.Excluded)
	href := func(x, y votes.Code) string { return address(pairPath(x, y), values, "", "") }
	if n := len(a.Members); n > 1 && n <= heatMembers && a.Events > 0 {
		width := 720
		if n > 12 { // for the numbers to have room in the cells
			width = 1080
		}
		p.Heat = inline(chart.Heat(a, href, chart.Options{Width: width, IDPrefix: "heat"}))
	}
	if !slices.ContainsFunc(a.Pairs, func(p votes.Pair) bool { return p.N+p.LeftOut > 0 }) {
		return // members that were asked for by name have their rows all the same
	}
	pairs := slices.Clone(a.Pairs)
	if len(pairs) > pairsShown { // of too many, those with the most votes behind them
		slices.SortStableFunc(pairs, func(x, y votes.Pair) int { return cmp.Compare(y.N, x.N) })
		p.Hidden = len(pairs) - pairsShown
		pairs = pairs[:pairsShown]
	}
	slices.SortStableFunc(pairs, func(x, y votes.Pair) int { return cmp.Compare(shareOrNone(y), shareOrNone(x)) })
	for _, pair := range pairs {
		p.Pairs = append(p.Pairs, pairLine{pair, pair.A.NameOn(""), pair.B.NameOn(""), agreedWord(pair.Agreed), href(pair.A, pair.B)})
	}
}

// shareOrNone is the share of a pair, below all others where it has none.
func shareOrNone(p votes.Pair) float64 {
	if p.Share == nil {
		return -1
	}
	return *p.Share
}

// agreedWord writes how often two agreed, which Lijphart's method counts in halves.
func agreedWord(agreed float64) string {
	whole := thousands(int(agreed))
	if agreed != math.Trunc(agreed) {
		return whole + ".5"
	}
	return whole
}

// pairPath is the path of two members' page: one for the pair, whichever of
// them is named first.
func pairPath(a, b votes.Code) string {
	return agreementPath + "/" + string(min(a, b)) + "/" + string(max(a, b))
}

// exclusionWords tell why a figure leaves votes out, in the order in which they
// are told.
var exclusionWords = []struct {
	why       votes.Exclusion
	one, many string
}{
	{votes.LeftNoVote, "adoption without a vote", "adoptions without a vote"},
	{votes.LeftDisputed, "vote whose roll call no source tells without contradicting itself", "votes whose roll call no source tells without contradicting itself"},
	{votes.LeftNoRoll, "vote of which it is not known who voted how", "votes of which it is not known who voted how"},
	{votes.LeftNoTally, "vote of which only the outcome is known", "votes of which only the outcome is known"},
	{votes.LeftNoPosition, "vote whose roll call has a gap where the member should be", "votes whose roll call has a gap where the member should be"},
	{votes.LeftWithdrawn, "proposal that was not put to the vote", "proposals that were not put to the vote"},
	{votes.LeftUnanimous, "vote in which all who took part did the same", "votes in which all who took part did the same"},
	{votes.LeftTooFew, "vote with fewer than two of these members on the roll", "votes with fewer than two of these members on the roll"},
	{votes.LeftNoSponsor, "vote without a sponsor that is a state", "votes without a sponsor that is a state"},
}

// excludedWords lists what a figure leaves out; empty where that is nothing.
func excludedWords(counts map[votes.Exclusion]int) string {
	var list []string
	for _, w := range exclusionWords {
		if n := counts[w.why]; n > 0 {
			list = append(list, plural(n, w.one, w.many))
		}
	}
	return named(list)
}

// formulaWords is the formula of a share, in words.
func formulaWords(m votes.Method) string {
	if m == votes.Lijphart {
		return "the votes in which both took the same position, and half of those in which one of them abstained and the other did not, " +
			"divided by the votes in which both took part (n)"
	}
	return "the votes in which both took the same position, divided by the votes in which both took part (n)"
}
