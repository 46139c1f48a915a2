package api

import (
	"context"
	"io"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

// exports registers the routes of the whole record, table by table and in one
// file. Each answer is of one moment of the record.
func (s *server) exports(get func(path string, h echo.HandlerFunc)) {
	export(s, get, rows[votes.Resolution]{table: table.Resolutions, object: wholeObject}, func(ctx context.Context, yield func(votes.Resolution) error) error {
		_, err := s.reader.Each(ctx, votes.Filter{}, votes.SortOldest, func(r *votes.Resolution) error { return yield(complete(*r)) })
		return err
	})
	export(s, get, rows[table.MemberVote]{table: table.Votes, object: voteObject}, func(ctx context.Context, yield func(table.MemberVote) error) error {
		_, err := s.reader.Each(ctx, votes.Filter{}, votes.SortOldest, func(r *votes.Resolution) error { return eachVote(r, yield) })
		return err
	})
	export(s, get, rows[votes.Member]{table: table.Members}, eachOf(s.allMembers))
	export(s, get, rows[votes.FoundAccount]{table: table.Accounts}, func(ctx context.Context, yield func(votes.FoundAccount) error) error {
		_, err := s.reader.EachAccount(ctx, yield)
		return err
	})
	get("/v1/export/scvotes.zip", s.bundle)
}

// export registers one table of the whole record, as CSV and as NDJSON.
func export[T any](s *server, get func(path string, h echo.HandlerFunc), r rows[T], each func(ctx context.Context, yield func(T) error) error) {
	r.each = each
	for _, form := range []representation{asCSV, asNDJSON} {
		path := "/v1/export/" + r.table.Name + form.suffix
		s.lists[path] = true
		get(path, func(c echo.Context) error {
			if err := readQuery(c).err(); err != nil {
				return err
			}
			return s.stream(c, form.contentType, fileName{"scvotes-" + r.table.Name, form.suffix}, r.writer(form))
		})
	}
}

func wholeObject(r votes.Resolution) (any, error) { return complete(r), nil }

// exportedVote is a position as it stands in votes.ndjson.
type exportedVote struct {
	ID      string        `json:"id"`
	Date    votes.Date    `json:"date"`
	Outcome votes.Outcome `json:"outcome"`
	votes.MemberVote
}

func voteObject(v table.MemberVote) (any, error) {
	return exportedVote{v.Resolution.ID, v.Resolution.Date, v.Resolution.Outcome, v.MemberVote}, nil
}

// allMembers counts every state by itself, so that every code of votes has its row.
func (s *server) allMembers(ctx context.Context) ([]votes.Member, error) {
	return statesOf(ctx, s.reader)
}

func statesOf(ctx context.Context, r watched) ([]votes.Member, error) {
	counter := votes.NewMemberCount(false)
	_, err := r.Events(ctx, votes.Filter{}, false, func(e votes.Event) error { counter.Add(e); return nil })
	return countEvery(counter.Members()), err
}

// bundle answers GET /v1/export/scvotes.zip: every table, what its columns
// mean, and how to cite it, from one moment of the record.
func (s *server) bundle(c echo.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return s.stream(c, "application/zip", fileName{"scvotes", ".zip"}, func(ctx context.Context, w io.Writer) error {
		return writeBundle(ctx, s.reader, w, s.origin(c), s.version)
	})
}

func writeBundle(ctx context.Context, r watched, w io.Writer, origin, version string) error {
	rev, err := r.Revision(ctx)
	if err != nil {
		return err
	}
	members, err := statesOf(ctx, r)
	if err != nil {
		return err
	}
	return table.WriteBundle(w, table.Bundle{
		About: table.About{Address: origin, Version: version, Revision: rev},
		EachResolution: func(yield func(*votes.Resolution) error) error {
			_, err := r.Each(ctx, votes.Filter{}, votes.SortOldest, func(res *votes.Resolution) error {
				all := complete(*res)
				return yield(&all)
			})
			return err
		},
		EachAccount: func(yield func(votes.FoundAccount) error) error {
			_, err := r.EachAccount(ctx, yield)
			return err
		},
		Members: members,
	})
}
