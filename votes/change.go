package votes

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Change is one field of a resolution that one revision changed.
type Change struct {
	Field string          `json:"field"` // of the record; "position of France" for a vote
	From  json.RawMessage `json:"from"`
	To    json.RawMessage `json:"to"`
}

// What a revision did to a resolution.
const (
	Created = "created"
	Changed = "changed"
	Deleted = "deleted"
)

// Changes lists the fields in which two states of a resolution differ, votes
// member by member. Sources are left out: the revision names its own.
func Changes(old, new *Resolution) ([]Change, error) {
	from, err := fieldsOf(old)
	if err != nil {
		return nil, err
	}
	to, err := fieldsOf(new)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range from {
		names = append(names, name)
	}
	for name := range to {
		if _, both := from[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	changes := []Change{}
	for _, name := range names {
		if !bytes.Equal(from[name], to[name]) {
			changes = append(changes, Change{Field: name, From: orJSONNull(from[name]), To: orJSONNull(to[name])})
		}
	}
	return changes, nil
}

// fieldsOf spreads a resolution into its JSON fields, with one for each vote.
func fieldsOf(r *Resolution) (map[string]json.RawMessage, error) {
	told := *r
	if r.Detail != nil { // votes are told one by one, and there are many
		detail := *r.Detail
		detail.Votes, detail.Sources = nil, nil
		told.Detail = &detail
	}
	content, err := json.Marshal(&told)
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(content, &fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"votes", "sources", "revision", "links"} {
		delete(fields, name)
	}
	if r.Detail == nil {
		return fields, nil
	}
	for _, v := range r.Votes {
		position, err := json.Marshal(v.Position)
		if err != nil {
			return nil, err
		}
		fields["position of "+v.Name] = position
	}
	return fields, nil
}

func orJSONNull(v json.RawMessage) json.RawMessage {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}
