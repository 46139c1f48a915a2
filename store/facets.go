package store

import (
	"fmt"
	"strings"

	"scvotes/votes"
)

// facets are what lists are counted by: the values of chosen resolutions c. A
// facet that no row of the table stands for joins one that holds its values.
var facets = map[string]struct{ join, value string }{
	"outcome":     {"", "c.outcome"},
	"adopted_by":  {"", "coalesce(c.adopted_by, '')"},
	"kind":        {"", "c.kind"},
	"year":        {"", "extract(year FROM c.date)::text"},
	"decade":      {"", "left(extract(year FROM c.date)::text, 3) || '0'"},
	"topic":       {"", "coalesce(c.topic, '')"},
	"agenda_item": {"", "coalesce(c.agenda_item, '')"},
	"region":      {"", "coalesce(c.region, '')"},
	"roll_call":   {"", "c.roll_call"},
	"vetoed_by":   {"JOIN vetoes x ON x.resolution_no = c.no JOIN states s ON s.code = x.code", "s.seat"},
	"sponsor":     {"JOIN sponsors x ON x.resolution_no = c.no JOIN states s ON s.code = x.code", "s.seat"},
}

// countsOf is the SQL of what a condition chooses, counted: JSON with total and
// facets. The commonest value stands first, but years and decades in their order.
func countsOf(chosen string, names []string) string {
	if len(names) == 0 {
		return `(SELECT json_build_object('total', count(*)) FROM resolutions r WHERE ` + chosen + `)`
	}
	var parts []string
	for _, name := range names {
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
		SELECT json_build_object('total', (SELECT count(*) FROM chosen), 'facets', json_build_object(` + strings.Join(parts, ", ") + `)))`
}

// named gives the values of facets the names that people know them by.
func named(all map[string][]votes.Facet) map[string][]votes.Facet {
	for name, values := range all {
		for i, v := range values {
			values[i].Name = v.Value
			if st, ok := votes.StateByCode(votes.Code(v.Value)); ok && (name == "vetoed_by" || name == "sponsor") {
				values[i].Name = st.Names[len(st.Names)-1].Name
			}
			if v.Value == "" {
				values[i].Name = "not known"
			}
		}
	}
	return all
}
