package store

import "scvotes/votes"

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
