package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

// figure is what a figure tells of itself: of how many votes it is, and how
// many of those that the filter chose it leaves out, and why.
type figure struct {
	Events   int                     `json:"events"`
	Excluded map[votes.Exclusion]int `json:"excluded"`
}

// count reads the votes that a filter chooses into a counter.
func (s *server) count(ctx context.Context, f votes.Filter, sponsors bool, add func(votes.Event)) (revision int64, err error) {
	return s.reader.Events(ctx, f, sponsors, func(e votes.Event) error { add(e); return nil })
}

// tallyAnswer is the answer of GET /v1/tallies.
type tallyAnswer struct {
	GroupBy votes.Grouping `json:"group_by"`
	figure
	list[votes.TallyRow]
}

// tallies answers GET /v1/tallies.
func (s *server) tallies(c echo.Context) error {
	q := readQuery(c, slices.Concat(votes.FilterParameters, []string{"group_by", "sort", "limit"})...)
	filter := q.filter()
	groupBy := parsed(q, "group_by", votes.GroupYear, votes.ParseGrouping)
	sort, sorted := q.one("sort")
	limit := q.limitIfAny()
	if sorted {
		q.faults = append(q.faults, (&votes.Tallies{}).Sort(sort)...)
	}
	if err := q.err(); err != nil {
		return err
	}
	read := func(ctx context.Context) (votes.Tallies, int64, error) {
		counter := votes.NewTallies(groupBy)
		revision, err := s.count(ctx, filter, groupBy == votes.GroupSponsor, counter.Add)
		t := counter.Result()
		if sorted {
			t.Sort(sort)
		}
		return t, revision, err
	}
	return answerRows(s, c, rows[votes.TallyRow]{
		table: table.Tallies,
		limit: limit,
		page: func(ctx context.Context) (any, error) {
			t, revision, err := read(ctx)
			l := whole(t.Rows, revision)
			if limit > 0 {
				l.Data = l.Data[:min(limit, len(l.Data))]
			}
			return tallyAnswer{t.GroupBy, figure{t.Events, t.Excluded}, l}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.TallyRow, error) { t, _, err := read(ctx); return t.Rows, err }),
	})
}

// agreementAnswer is the answer of GET /v1/agreement.
type agreementAnswer struct {
	Method           votes.Method `json:"method"`
	Formula          string       `json:"formula"`
	ExcludeUnanimous bool         `json:"exclude_unanimous"`
	figure
	Members []votes.NamedMember `json:"members"`
	Matrix  [][]*float64        `json:"matrix"`
	list[votes.Pair]
}

var agreementParameters = slices.Concat(votes.FilterParameters, []string{"members", "method", "exclude_unanimous"})

// agreementOptions reads what the agreement is asked for.
func (q *query) agreementOptions(absent ...string) votes.AgreementOptions {
	words := q.values["members"]
	if len(words) == 0 {
		words = absent
	}
	members, faults := votes.ParseMembers(words)
	q.faults = append(q.faults, faults...)
	return votes.AgreementOptions{Members: members, Method: parsed(q, "method", votes.Exact, votes.ParseMethod),
		ExcludeUnanimous: q.choice("exclude_unanimous", "false", "true", "false") == "true"}
}

// agreement answers GET /v1/agreement; the permanent members where none are named.
func (s *server) agreement(c echo.Context) error {
	q := readQuery(c, slices.Concat(agreementParameters, []string{"group_by"})...)
	filter, opt := q.filter(), q.agreementOptions("P5")
	opt.By = parsed(q, "group_by", votes.WholeTime, votes.ParsePeriod)
	if err := q.err(); err != nil {
		return err
	}
	read := func(ctx context.Context) (votes.Agreement, int64, error) {
		counter := votes.NewAgreement(opt)
		revision, err := s.count(ctx, filter, false, counter.Add)
		return counter.Result(), revision, err
	}
	return answerRows(s, c, rows[votes.Pair]{
		table: table.Agreement,
		page: func(ctx context.Context) (any, error) {
			a, revision, err := read(ctx)
			return agreementAnswer{a.Method, a.Formula, a.ExcludeUnanimous, figure{a.Events, a.Excluded}, a.Members, orEmpty(a.Matrix),
				whole(a.Pairs, revision)}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.Pair, error) { a, _, err := read(ctx); return a.Pairs, err }),
	})
}

// pairAnswer is the answer of GET /v1/agreement/{a}/{b}/votes.
type pairAnswer struct {
	Pair    votes.Pair   `json:"pair"`
	Method  votes.Method `json:"method"`
	Formula string       `json:"formula"`
	figure
	list[votes.PairVote]
}

// pair answers GET /v1/agreement/{a}/{b}/votes: the votes behind the figure of two
// members, the newest first.
func (s *server) pair(c echo.Context) error {
	a, b, err := pairInPath(c)
	if err != nil {
		return err
	}
	q := readQuery(c, slices.Concat(agreementParameters, []string{"differ", "limit", "cursor"})...)
	filter, opt := q.filter(), q.agreementOptions()
	differ := q.choice("differ", "", "true", "false")
	limit, after := q.limit(), q.cursor(pairList)
	if err := q.err(); err != nil {
		return err
	}
	read := func(ctx context.Context, lines *newest[votes.PairVote]) (votes.Agreement, int64, error) {
		both, _ := votes.ParseMembers([]string{string(a), string(b)})
		counter := votes.NewAgreement(votes.AgreementOptions{Method: opt.Method, Members: both, ExcludeUnanimous: opt.ExcludeUnanimous})
		compare := votes.Compare(a, b, opt)
		outside := 0 // votes on whose day members did not choose both
		revision, err := s.count(ctx, filter, false, func(e votes.Event) {
			if !opt.Members.Contains(a, e.Date) || !opt.Members.Contains(b, e.Date) {
				outside++
				return
			}
			counter.Add(e)
			if line, ok := compare(e); ok && (differ == "" || (line.Agreement < 1) == (differ == "true")) {
				lines.add(line)
			}
		})
		figures := counter.Result()
		if outside > 0 {
			figures.Excluded[votes.LeftTooFew] += outside
		}
		return figures, revision, err
	}
	place := func(v votes.PairVote) (votes.Date, string) { return v.Date, v.ID }
	return answerRows(s, c, rows[votes.PairVote]{
		table: table.PairVotes,
		limit: q.limitIfAny(),
		page: func(ctx context.Context) (any, error) {
			lines := &newest[votes.PairVote]{place: place, limit: limit, after: after}
			figures, revision, err := read(ctx, lines)
			if err != nil {
				return nil, err
			}
			l, err := lines.page(c, q, pairList, revision)
			answer := pairAnswer{Pair: votes.Pair{A: min(a, b), B: max(a, b)}, Method: figures.Method, Formula: figures.Formula,
				figure: figure{figures.Events, figures.Excluded}, list: l}
			if len(figures.Pairs) > 0 {
				answer.Pair = figures.Pairs[0]
			}
			return answer, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.PairVote, error) {
			var lines newest[votes.PairVote]
			_, _, err := read(ctx, &lines)
			return lines.rows(), err
		}),
	})
}

// pairInPath reads two different members, each by its continuing seat.
func pairInPath(c echo.Context) (a, b votes.Code, err error) {
	asked := []string{pathValue(c, "a"), pathValue(c, "b")}
	codes := make([]votes.Code, 2)
	for i, word := range asked {
		code, ok := votes.FindState(word)
		if !ok {
			return "", "", unknownState(word)
		}
		codes[i] = code.Seat()
	}
	switch {
	case codes[0] == codes[1]:
		return "", "", notFoundf("%s and %s are one member: agreement is that of two", asked[0], asked[1])
	case string(codes[0]) != asked[0] || string(codes[1]) != asked[1]:
		return "", "", movedTo(c, agreementPath+string(codes[0])+"/"+string(codes[1])+votesSuffix+formInPath(c))
	}
	return codes[0], codes[1], nil
}

const agreementPath = "/v1/agreement/"

// parsed reads a parameter that may stand once.
func parsed[T any](q *query, name string, absent T, parse func(string) (T, error)) T {
	v, ok := q.one(name)
	if !ok {
		return absent
	}
	t, err := parse(v)
	if err != nil {
		q.fault(name, v, err.Error())
	}
	return t
}
