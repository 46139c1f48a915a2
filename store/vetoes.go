package store

import (
	"context"
	"encoding/json"
	"fmt"

	"scvotes/votes"
)

// vetoGroups are the keys that /v1/vetoes groups by: an expression over the
// resolution r and the veto v.
var vetoGroups = map[string]string{
	"member": "s.seat",
	"year":   "to_char(r.date, 'YYYY')",
	"decade": "left(to_char(r.date, 'YYYY'), 3) || '0'", // its first year
	"topic":  "coalesce(r.topic, r.agenda_item, '')",
	"":       "''", // no groups
}

// Vetoes counts the vetoed proposals that a filter chooses and the vetoes cast
// on them, in all and by group: by member (of the continuing seat), year,
// decade or topic; "" gives no groups. An unknown group is an error that wraps votes.ErrInvalid.
func (s *Store) Vetoes(ctx context.Context, f votes.Filter, groupBy string) (votes.VetoRecord, error) {
	key, ok := vetoGroups[groupBy]
	if !ok {
		return votes.VetoRecord{}, fmt.Errorf("group_by %q: %w", groupBy, votes.ErrInvalid)
	}
	w := whereOf(f)
	var rec votes.VetoRecord
	var groups, proposals, cast []byte
	err := s.db.QueryRow(ctx, `
		WITH v AS (
			SELECT r.no, r.kind, `+key+` AS key
			  FROM vetoes x JOIN resolutions r ON r.no = x.resolution_no JOIN states s ON s.code = x.code
			 WHERE `+w.String()+`),
		g AS (SELECT key, count(DISTINCT no) AS proposals, count(*) AS vetoes FROM v GROUP BY key)
		SELECT (SELECT count(DISTINCT no) FROM v), (SELECT count(*) FROM v),
		       (SELECT coalesce(max(number), 0) FROM revisions),
		       (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (SELECT kind, count(DISTINCT no) AS n FROM v GROUP BY 1) k),
		       (SELECT coalesce(json_object_agg(kind, n), '{}') FROM (SELECT kind, count(*) AS n FROM v GROUP BY 1) k),
		       (SELECT json_agg(json_build_object('key', key, 'proposals_vetoed', proposals, 'vetoes_cast', vetoes)
		                        ORDER BY CASE WHEN @grouped IN ('year', 'decade') THEN key END, vetoes DESC, key) FROM g)`,
		w.with("grouped", groupBy)).Scan(&rec.ProposalsVetoed, &rec.VetoesCast, &rec.Revision, &proposals, &cast, &groups)
	if err != nil {
		return rec, fmt.Errorf("reading vetoes: %w", err)
	}
	rec.Groups = []votes.VetoGroup{}
	if len(groups) > 0 && groupBy != "" {
		if err := json.Unmarshal(groups, &rec.Groups); err != nil {
			return rec, fmt.Errorf("reading vetoes: %w", err)
		}
	}
	var byKind [2]map[votes.Kind]int
	for i, counted := range [][]byte{proposals, cast} {
		if err := json.Unmarshal(counted, &byKind[i]); err != nil {
			return rec, fmt.Errorf("reading vetoes: %w", err)
		}
	}
	rec.Conventions = votes.VetoConventions(byKind[0], byKind[1])
	for i, g := range rec.Groups {
		rec.Groups[i].Name = g.Key
		if st, ok := votes.StateByCode(votes.Code(g.Key)); ok && groupBy == "member" {
			rec.Groups[i].Name = st.Names[len(st.Names)-1].Name
		}
	}
	return rec, nil
}
