package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

// cohesionAnswer is the answer of GET /v1/cohesion.
type cohesionAnswer struct {
	Formula string `json:"formula"`
	figure
	list[votes.CohesionRow]
}

// cohesion answers GET /v1/cohesion: each members is one group.
func (s *server) cohesion(c echo.Context) error {
	q := readQuery(c, slices.Concat(votes.FilterParameters, []string{"members", "group_by"})...)
	filter := q.filter()
	by := parsed(q, "group_by", votes.WholeTime, votes.ParsePeriod)
	asked := q.values["members"]
	if len(asked) == 0 {
		asked = []string{"P5", "E10"}
	}
	var groups []votes.MemberGroup
	for _, words := range asked {
		members, faults := votes.ParseMembers([]string{words})
		q.faults = append(q.faults, faults...)
		groups = append(groups, votes.MemberGroup{Name: members.String(), Members: members})
	}
	if err := q.err(); err != nil {
		return err
	}
	read := func(ctx context.Context) (votes.Cohesion, int64, error) {
		counter := votes.NewCohesion(groups, by)
		revision, err := s.count(ctx, filter, false, counter.Add)
		return counter.Result(), revision, err
	}
	return answerRows(s, c, rows[votes.CohesionRow]{
		table: table.Cohesion,
		page: func(ctx context.Context) (any, error) {
			r, revision, err := read(ctx)
			return cohesionAnswer{r.Formula, figure{r.Events, r.Excluded}, whole(r.Rows, revision)}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.CohesionRow, error) { r, _, err := read(ctx); return r.Rows, err }),
	})
}

// sponsorAnswer is the answer of GET /v1/sponsors.
type sponsorAnswer struct {
	Proposals int                     `json:"proposals"`
	Excluded  map[votes.Exclusion]int `json:"excluded"`
	list[votes.SponsorRow]
}

// sponsorPairAnswer is the answer of GET /v1/sponsors/pairs.
type sponsorPairAnswer struct {
	Proposals int                     `json:"proposals"`
	Excluded  map[votes.Exclusion]int `json:"excluded"`
	list[votes.SponsorPair]
}

// sponsors answers GET /v1/sponsors: what became of whose proposals.
func (s *server) sponsors(c echo.Context) error {
	read, err := s.sponsorship(c, false)
	if err != nil {
		return err
	}
	return answerRows(s, c, rows[votes.SponsorRow]{
		table: table.Sponsors,
		page: func(ctx context.Context) (any, error) {
			r, revision, err := read(ctx)
			return sponsorAnswer{r.Proposals, r.Excluded, whole(r.Sponsors, revision)}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.SponsorRow, error) { r, _, err := read(ctx); return r.Sponsors, err }),
	})
}

// sponsorPairs answers GET /v1/sponsors/pairs: who sponsored with whom.
func (s *server) sponsorPairs(c echo.Context) error {
	read, err := s.sponsorship(c, true)
	if err != nil {
		return err
	}
	return answerRows(s, c, rows[votes.SponsorPair]{
		table: table.SponsorPairs,
		page: func(ctx context.Context) (any, error) {
			r, revision, err := read(ctx)
			return sponsorPairAnswer{r.Proposals, r.Excluded, whole(r.Pairs, revision)}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.SponsorPair, error) { r, _, err := read(ctx); return r.Pairs, err }),
	})
}

// sponsorship reads the query, and returns what reads the figures.
func (s *server) sponsorship(c echo.Context, pairs bool) (func(ctx context.Context) (votes.Sponsorship, int64, error), error) {
	parameters := slices.Concat(votes.FilterParameters, []string{"members"})
	if pairs {
		parameters = append(parameters, "with")
	}
	q := readQuery(c, parameters...)
	filter := q.filter()
	members, faults := votes.ParseMembers(q.values["members"])
	q.faults = append(q.faults, faults...)
	with := parsed(q, "with", "", func(s string) (votes.Code, error) {
		code, ok := votes.FindState(s)
		if !ok {
			return "", unknownState(s)
		}
		return code.Seat(), nil
	})
	return func(ctx context.Context) (votes.Sponsorship, int64, error) {
		counter := votes.NewSponsorship(votes.SponsorshipOptions{Members: members, Pairs: pairs})
		revision, err := s.count(ctx, filter, true, counter.Add)
		found := counter.Result()
		if with != "" {
			found.Pairs = slices.DeleteFunc(found.Pairs, func(p votes.SponsorPair) bool { return p.A != with && p.B != with })
		}
		return found, revision, err
	}, q.err()
}
