package store

import (
	"fmt"

	"scvotes/votes"
)

// order is how a list is put in order: by a number, where at is set, then by
// day and id. Every order ends with the id, so that each place in it is one place.
type order struct {
	at               string // the number; "" for none
	whole            bool   // the number is a whole one
	rising, oldToNew bool   // of the number, and of the day and the id
	idOnly           bool   // the number and the id alone tell places apart
}

// orderOf returns the order that is asked for. Relevance needs words to rank by.
func orderOf(sort votes.Sort, w *where, f votes.Filter) (order, error) {
	switch sort {
	case "", votes.SortNewest:
		return order{}, nil
	case votes.SortOldest:
		return order{oldToNew: true}, nil
	case votes.SortMargin:
		return order{at: "r.closeness", whole: true, rising: true}, nil
	case votes.SortRevision:
		return order{at: "r.revision", whole: true, rising: true, oldToNew: true, idOnly: true}, nil
	case votes.SortRelevance:
		rank := w.rank(f.Q)
		if rank == "" {
			return order{}, votes.Faults{{Parameter: "sort", Value: string(sort), Message: "relevance is that of the words of q, and there are none"}}
		}
		return order{at: rank}, nil
	}
	return order{}, fmt.Errorf("sort %q: %w", sort, votes.ErrInvalid)
}

// by is the ORDER BY over resolutions r.
func (o order) by() string {
	days := "r.date DESC, r.id DESC"
	if o.oldToNew {
		days = "r.date, r.id"
	}
	if o.idOnly {
		days = "r.id"
	}
	switch {
	case o.at == "":
		return days
	case o.rising:
		return o.at + ", " + days
	default:
		return o.at + " DESC, " + days
	}
}

// number is what a place in the list is remembered by, beside its day and id.
func (o order) number() string {
	if o.at == "" {
		return "0::float8"
	}
	return "(" + o.at + ")::float8"
}

// after is the condition for everything behind a place.
func (o order) after(w *where, m votes.Mark) string {
	compare := "<"
	if o.oldToNew {
		compare = ">"
	}
	var days string
	if o.idOnly {
		days = fmt.Sprintf("r.id %s %s", compare, w.name(m.ID))
	} else {
		days = fmt.Sprintf("(r.date, r.id) %s (%s, %s)", compare, w.name(m.Date), w.name(m.ID))
	}
	if o.at == "" {
		return days
	}
	var number any = m.At
	if o.whole {
		number = int64(m.At)
	}
	at, beyond := w.name(number), "<"
	if o.rising {
		beyond = ">"
	}
	// The number is compared twice, so that an index over it is of use.
	return fmt.Sprintf("(%s %s= %s AND (%s %s %s OR %s))", o.at, beyond, at, o.at, beyond, at, days)
}
