package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"scvotes/votes"
)

// details are what include adds to a resolution of a list. Sponsors are always
// there; whoever asks for them is not told off.
var details = []string{"votes", "statements", "sources", "sponsors"}

// shape is what of a resolution is to be answered.
type shape struct {
	single  bool     // a resolution by itself, whole unless fields are named
	include []string // of details
	fields  []string // nil for all
}

// listShape reads include and fields of a list. A field that a list leaves out
// is included where it is named.
func (q *query) listShape() shape {
	return shape{include: q.words("include", details), fields: q.words("fields", fieldNames())}
}

// singleShape reads fields.
func (q *query) singleShape() shape {
	return shape{single: true, fields: q.words("fields", fieldNames())}
}

// detail tells whether the answer needs more than a line of a list has.
func (s shape) detail() bool {
	return s.single || slices.ContainsFunc(details, func(name string) bool { return name != "sponsors" && s.keeps(name) })
}

// isLine tells whether a line of a list is to be answered as it is.
func (s shape) isLine() bool { return s.fields == nil && !s.detail() }

func (s shape) keeps(name string) bool {
	switch {
	case slices.Contains(s.include, name):
		return true
	case s.fields != nil:
		return slices.Contains(s.fields, name)
	}
	return s.single || name == "sponsors" || !slices.Contains(details, name)
}

// words reads a parameter of words with commas between.
func (q *query) words(name string, known []string) []string {
	var list []string
	for _, value := range q.values[name] {
		for _, word := range strings.Split(value, ",") {
			word = strings.TrimSpace(word)
			switch near := nearest(word, known); {
			case slices.Contains(known, word):
				list = append(list, word)
			case near != "":
				q.fault(name, word, fmt.Sprintf("%q is none of them; did you mean %s?", word, near))
			default:
				q.fault(name, word, fmt.Sprintf("%q is none of %s", word, strings.Join(known, ", ")))
			}
		}
	}
	return list
}

// fieldNames are the fields of a whole resolution, in their order.
var fieldNames = sync.OnceValue(func() []string {
	b, err := json.Marshal(complete(votes.Resolution{}))
	if err != nil {
		return nil
	}
	names, _, err := members(b)
	if err != nil {
		return nil
	}
	return names
})

// members takes a JSON object apart, its order kept.
func members(object []byte) (names []string, values []json.RawMessage, err error) {
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, err
		}
		names, values = append(names, fmt.Sprint(name)), append(values, value)
	}
	return names, values, nil
}

// object is a resolution as JSON, with as much of it as was asked for.
func (s shape) object(r votes.Resolution) (any, error) {
	switch {
	case !s.detail():
		r.Detail = nil
		r = r.NoNulls()
	default:
		r = complete(r)
	}
	if s.fields == nil && (s.single || r.Detail == nil) {
		return r, nil
	}
	b, err := encode(r)
	if err != nil {
		return nil, err
	}
	names, values, err := members(b)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", r.ID, err)
	}
	return pick(names, values, s.keeps), nil
}

// pick puts a JSON object together from some of its members.
func pick(names []string, values []json.RawMessage, keep func(name string) bool) json.RawMessage {
	b := []byte{'{'}
	for i, name := range names {
		if !keep(name) {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "%q:", name)
		b = append(b, values[i]...)
	}
	return append(b, '}')
}
