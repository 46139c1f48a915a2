package store

import (
	"context"
	"encoding/json"
	"fmt"

	"scvotes/votes"
)

// vetoGroup is a way to group vetoes: by a key, an expression over the
// resolution r and the continuing seat s that vetoed it.
type vetoGroup struct{ name, key, order string }

var vetoGroups = []vetoGroup{
	{"", "''", "key"}, // no groups
	{"member", "s.seat", "vetoes DESC, key"},
	{"year", "to_char(r.date, 'YYYY')", "key"},
	{"decade", "left(to_char(r.date, 'YYYY'), 3) || '0'", "key"}, // its first year
	{"topic", "coalesce(r.topic, r.agenda_item, '')", "vetoes DESC, key"},
}

func vetoGroupOf(name string) (*vetoGroup, error) {
	for i, g := range vetoGroups {
		if g.name == name {
			return &vetoGroups[i], nil
		}
	}
	return nil, fmt.Errorf("group_by %q: %w", name, votes.ErrInvalid)
}

// counts is the SQL of the vetoes that a condition over resolutions r chooses,
// counted: the JSON of vetoCounts.
func (g vetoGroup) counts(chosen string) string {
	return `(
		WITH v AS (
			SELECT r.no, r.kind, ` + g.key + ` AS key
			  FROM vetoes x JOIN resolutions r ON r.no = x.resolution_no JOIN states s ON s.code = x.code
			 WHERE ` + chosen + `),
		g AS (SELECT key, count(DISTINCT no) AS proposals, count(*) AS vetoes FROM v GROUP BY key)
		SELECT json_build_object(
			'grouped', '` + g.name + `',
			'proposals', (SELECT count(DISTINCT no) FROM v), 'cast', (SELECT count(*) FROM v),
			'kinds', (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (SELECT kind, count(DISTINCT no) AS n FROM v GROUP BY 1) k),
			'cast_by_kind', (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (SELECT kind, count(*) AS n FROM v GROUP BY 1) k),
			'groups', (SELECT json_agg(json_build_object('key', key, 'proposals_vetoed', proposals, 'vetoes_cast', vetoes)
			                           ORDER BY ` + g.order + `) FROM g)))`
}

// vetoCounts is what counts of vetoGroup counts.
type vetoCounts struct {
	Grouped         string
	Proposals, Cast int
	Kinds           map[votes.Kind]int
	CastByKind      map[votes.Kind]int `json:"cast_by_kind"`
	Groups          []votes.VetoGroup
}

// record gives the counts the names that people know them by.
func (c vetoCounts) record() votes.VetoRecord {
	rec := votes.VetoRecord{ProposalsVetoed: c.Proposals, VetoesCast: c.Cast, Groups: []votes.VetoGroup{},
		Conventions: votes.VetoConventions(c.Kinds, c.CastByKind)}
	if c.Grouped == "" {
		return rec
	}
	for _, g := range c.Groups {
		g.Name = g.Key
		if st, ok := votes.StateByCode(votes.Code(g.Key)); ok && c.Grouped == "member" {
			g.Name = st.Names[len(st.Names)-1].Name
		}
		rec.Groups = append(rec.Groups, g)
	}
	return rec
}

// Vetoes counts the vetoed proposals that a filter chooses and the vetoes cast
// on them, in all and by group: by member (of the continuing seat), year,
// decade or topic; "" gives no groups. An unknown group is an error that wraps votes.ErrInvalid.
func (s *Store) Vetoes(ctx context.Context, f votes.Filter, groupBy string) (votes.VetoRecord, error) {
	group, err := vetoGroupOf(groupBy)
	if err != nil {
		return votes.VetoRecord{}, err
	}
	w := whereOf(f)
	var revision int64
	var counted []byte
	if err := s.db.QueryRow(ctx, `SELECT `+recordRevision+`, `+group.counts(w.String()), w.args...).Scan(&revision, &counted); err != nil {
		return votes.VetoRecord{}, fmt.Errorf("reading vetoes: %w", err)
	}
	var c vetoCounts
	if err := json.Unmarshal(counted, &c); err != nil {
		return votes.VetoRecord{}, fmt.Errorf("reading vetoes: %w", err)
	}
	rec := c.record()
	rec.Revision = revision
	return rec, nil
}
