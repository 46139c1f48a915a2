package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// Members returns every state that sat on the Council, by name, with its
// counts, and the record's revision. With seat set, predecessor and successor
// of a permanent seat are one member, under the code that holds it now.
func (s *Store) Members(ctx context.Context, seat bool) ([]votes.Member, int64, error) {
	return s.members(ctx, seat, nil)
}

// Member returns one member, or an error that wraps votes.ErrNotFound.
func (s *Store) Member(ctx context.Context, code votes.Code, seat bool) (*votes.Member, int64, error) {
	codes := []votes.Code{code}
	if seat {
		codes = votes.CodesOfSeat(code)
	}
	list, revision, err := s.members(ctx, seat, codes)
	if err != nil {
		return nil, 0, err
	}
	if len(list) == 0 {
		return nil, 0, fmt.Errorf("member %s: it never sat on the Council: %w", code, votes.ErrNotFound)
	}
	return &list[0], revision, nil
}

// memberCounts counts, for each state, its roll calls by position, its vetoes
// and its dissents: positions other than the one most members took, where a
// tally tells which that is.
const memberCounts = `
	WITH cast_votes AS (
		SELECT v.code,
		       count(*) FILTER (WHERE v.position = 'yes') AS yes,
		       count(*) FILTER (WHERE v.position = 'no') AS no,
		       count(*) FILTER (WHERE v.position = 'abstain') AS abstain,
		       count(*) FILTER (WHERE v.position = 'not_participating') AS not_participating,
		       count(*) FILTER (WHERE v.position = 'absent') AS absent,
		       count(*) FILTER (WHERE r.yes IS NOT NULL AND v.position IN ('yes', 'no', 'abstain') AND v.position <>
		           CASE WHEN r.yes >= r.no_votes AND r.yes >= r.abstain THEN 'yes'
		                WHEN r.no_votes >= r.abstain THEN 'no' ELSE 'abstain' END) AS dissents
		  FROM votes v JOIN resolutions r ON r.no = v.resolution_no
		 WHERE ($1::text[] IS NULL OR v.code = ANY($1))
		 GROUP BY v.code),
	cast_vetoes AS (SELECT code, count(*) AS vetoes FROM vetoes WHERE ($1::text[] IS NULL OR code = ANY($1)) GROUP BY code)
	SELECT s.code, coalesce(c.yes, 0), coalesce(c.no, 0), coalesce(c.abstain, 0), coalesce(c.not_participating, 0),
	       coalesce(c.absent, 0), coalesce(c.dissents, 0), coalesce(x.vetoes, 0),
	       (SELECT coalesce(max(number), 0) FROM revisions)
	  FROM states s LEFT JOIN cast_votes c USING (code) LEFT JOIN cast_vetoes x USING (code)
	 WHERE EXISTS (SELECT FROM terms t WHERE t.code = s.code) AND ($1::text[] IS NULL OR s.code = ANY($1))`

func (s *Store) members(ctx context.Context, seat bool, codes []votes.Code) ([]votes.Member, int64, error) {
	var filter []string
	if codes != nil {
		filter = texts(codes)
	}
	rows, err := s.pool.Query(ctx, memberCounts, filter)
	if err != nil {
		return nil, 0, fmt.Errorf("reading members: %w", err)
	}
	byCode := make(map[votes.Code]*votes.Member)
	var revision int64
	var code votes.Code
	var yes, no, abstain, notParticipating, absent, dissents, vetoes int
	_, err = pgx.ForEachRow(rows, []any{&code, &yes, &no, &abstain, &notParticipating, &absent, &dissents, &vetoes, &revision}, func() error {
		key := code
		if seat {
			key = code.Seat()
		}
		m, ok := byCode[key]
		if !ok {
			m = newMember(key, seat)
			byCode[key] = m
		}
		for p, n := range map[votes.Position]int{votes.Yes: yes, votes.No: no, votes.Abstain: abstain,
			votes.NotParticipating: notParticipating, votes.Absent: absent} {
			m.Votes[p] += n
		}
		m.Dissents += dissents
		m.Vetoes += vetoes
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading members: %w", err)
	}
	list := make([]votes.Member, 0, len(byCode))
	for _, m := range byCode {
		list = append(list, *m)
	}
	slices.SortFunc(list, votes.ByMemberName)
	return list, revision, nil
}

// newMember is a member with its names and terms, and no votes yet.
func newMember(code votes.Code, seat bool) *votes.Member {
	m := &votes.Member{Code: code, Seat: code.Seat(), Votes: make(map[votes.Position]int)}
	codes := []votes.Code{code}
	if seat {
		codes = votes.CodesOfSeat(code)
	}
	for _, c := range codes {
		if st, ok := votes.StateByCode(c); ok {
			m.Names = append(m.Names, st.Names...)
			m.Name = st.Names[len(st.Names)-1].Name
		}
		for _, t := range votes.TermsOf(c) {
			m.Terms = append(m.Terms, t)
			m.Permanent = m.Permanent || t.Permanent
		}
	}
	return m
}
