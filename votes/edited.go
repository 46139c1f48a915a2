package votes

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// PlacesOf finds of each fault that the record found in edits the edit that has
// it: faults come in the order of the edits.
func PlacesOf(faults Faults, edits []Edit) []int {
	places := make([]int, len(faults))
	at := 0
	for i, f := range faults {
		for j := at; j < len(edits); j++ {
			if e := edits[j]; f.Parameter == "id" && (f.Value == e.ID || f.Value == e.Value) || f.Parameter == e.Field && f.Value == e.Value {
				at = j
				break
			}
		}
		places[i] = at
	}
	return places
}

// Undone tells of each edit that was taken back by which it was, from all edits
// that undo and no others. One that was undone itself takes nothing back.
func Undone(undos []Edit) map[int64]int64 {
	list := slices.Clone(undos)
	slices.SortFunc(list, func(a, b Edit) int { return cmp.Compare(b.Number, a.Number) })
	by := make(map[int64]int64)
	for _, e := range list {
		if _, undone := by[e.Number]; undone {
			continue
		}
		if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil {
			by[n] = e.Number
		}
	}
	return by
}

// MadeEdit is an edit with when it was made, and whether it still counts.
type MadeEdit struct {
	Edit
	Revision int64     `json:"revision"` // that it made
	At       time.Time `json:"at"`
	UndoneBy *int64    `json:"undone_by"` // the edit that took it back, nil while it counts
}

// EditFilter chooses edits; its zero value all.
type EditFilter struct {
	ID       string // of the resolution
	Revision int64  // that they made
}

// EditPage is some edits, the newest first. Next is the number behind which the
// next page begins, 0 on the last one; Revision is that of the whole record.
type EditPage struct {
	Data     []MadeEdit
	Total    int
	Next     int64
	Revision int64
}

// Edited is what edits made of the record.
type Edited struct {
	Edits    []Edit // with their numbers
	Revision int64
	Effects  []Effect
}

// Effect is what one revision made of one resolution.
type Effect struct {
	ID      string   `json:"id"`
	What    string   `json:"what"` // created, changed or deleted
	Changes []Change `json:"changes"`
}

// Moved is what became of the discrepancies of a resolution.
type Moved struct {
	Gone    []Discrepancy `json:"gone"`
	Come    []Discrepancy `json:"come"`
	Settled []Discrepancy `json:"settled"` // those that are told otherwise now, as they are
}

// Moved tells which discrepancies go and come with an effect.
func (e Effect) Moved() (Moved, error) {
	moved := Moved{[]Discrepancy{}, []Discrepancy{}, []Discrepancy{}}
	i := slices.IndexFunc(e.Changes, func(c Change) bool { return c.Field == "discrepancies" })
	if i < 0 {
		return moved, nil
	}
	var from, to []Discrepancy
	if err := json.Unmarshal(e.Changes[i].From, &from); err != nil {
		return moved, err
	}
	if err := json.Unmarshal(e.Changes[i].To, &to); err != nil {
		return moved, err
	}
	has := func(list []Discrepancy, key string) bool {
		return slices.ContainsFunc(list, func(d Discrepancy) bool { return d.Key == key })
	}
	for _, d := range from {
		if !has(to, d.Key) {
			moved.Gone = append(moved.Gone, d)
		}
	}
	for _, d := range to {
		switch {
		case !has(from, d.Key):
			moved.Come = append(moved.Come, d)
		case !slices.ContainsFunc(from, func(f Discrepancy) bool {
			return f.Key == d.Key && f.State == d.State && f.Explanation == d.Explanation
		}):
			moved.Settled = append(moved.Settled, d)
		}
	}
	return moved, nil
}
