package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"scvotes/votes"
)

// counting is what is to be counted of all that a filter chooses, beside how
// many there are.
type counting struct {
	facets []string
	vetoes *vetoGroup // nil where vetoes are not to be counted
}

// counts is what was counted of a filter at a revision; -1 is none.
type counts struct {
	key      string
	revision int64
	total    int
	facets   map[string][]votes.Facet
	vetoes   *votes.VetoRecord
}

// rememberedCounts is how many filters the counts of are remembered.
const rememberedCounts = 4096

// counted returns what is remembered of a filter. It is called before anything
// but the filter has a number in w.
func (s *Store) counted(w *where, c counting) counts {
	var key strings.Builder
	key.WriteString(w.String())
	if c.facets != nil {
		fmt.Fprintf(&key, " %q", c.facets)
	}
	if c.vetoes != nil {
		key.WriteString(" vetoes " + c.vetoes.name)
	}
	for _, value := range w.args {
		fmt.Fprintf(&key, " %#v", value)
	}
	if c, ok := s.counts.GetIfPresent(key.String()); ok {
		return c
	}
	return counts{key: key.String(), revision: -1}
}

// count returns what was counted, now or before.
func (s *Store) count(counted []byte, revision int64, remembered counts) (counts, error) {
	if counted == nil {
		return remembered, nil
	}
	var c struct {
		Total  int
		Facets map[string][]votes.Facet
		Vetoes *vetoCounts
	}
	if err := json.Unmarshal(counted, &c); err != nil {
		return remembered, fmt.Errorf("reading counts: %w", err)
	}
	remembered.revision, remembered.total, remembered.facets = revision, c.Total, named(c.Facets)
	if c.Vetoes != nil {
		record := c.Vetoes.record()
		remembered.vetoes = &record
	}
	s.counts.Set(remembered.key, remembered)
	return remembered, nil
}

// countsOf is the SQL of what a condition chooses, counted: JSON with total,
// facets and vetoes. The commonest value stands first, but years and decades in
// their order.
func countsOf(chosen string, c counting) string {
	vetoes := ""
	if c.vetoes != nil {
		vetoes = `, 'vetoes', ` + c.vetoes.counts(chosen)
	}
	if len(c.facets) == 0 {
		return `(SELECT json_build_object('total', count(*)` + vetoes + `) FROM resolutions r WHERE ` + chosen + `)`
	}
	var parts []string
	for _, name := range c.facets {
		f, order := facets[name], "n DESC, v"
		if name == "year" || name == "decade" {
			order = "v"
		}
		parts = append(parts, fmt.Sprintf(`'%s', (SELECT coalesce(json_agg(json_build_object('value', v, 'count', n) ORDER BY %s), '[]')
			FROM (SELECT %s AS v, count(DISTINCT c.no) AS n FROM chosen c %s GROUP BY 1) g)`, name, order, f.value, f.join))
	}
	return `(WITH chosen AS MATERIALIZED (
			SELECT r.no, r.date, r.outcome, r.adopted_by, r.kind, r.topic, r.agenda_item, r.region, r.roll_call
			  FROM resolutions r WHERE ` + chosen + `)
		SELECT json_build_object('total', (SELECT count(*) FROM chosen), 'facets', json_build_object(` + strings.Join(parts, ", ") + `)` + vetoes + `))`
}
