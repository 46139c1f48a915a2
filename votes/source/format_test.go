package source

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
)

// What is true of every format in the list, also of one that is added.
func TestFormats(t *testing.T) {
	names := formatNames(Formats())
	for i, f := range Formats() {
		if f.Name == "" || f.Title == "" || f.Source == "" || slices.Index(names, f.Name) != i || strings.ContainsAny(f.Name, " ,#|") {
			t.Errorf("format %q, %q of %q", f.Name, f.Title, f.Source)
		}
		if f.begin == nil || f.rowIsVote != (f.key == nil) || f.rowIsVote != (f.member == nil) || f.settle != nil && !f.rowIsVote {
			t.Errorf("%s: a row is a vote: %v, and its functions say otherwise", f.Name, f.rowIsVote)
		}
		known := make(map[string]bool)
		for _, c := range f.Columns {
			if known[foldWord(c.Name)] {
				t.Errorf("%s has the column %s twice", f.Name, c.Name)
			}
			known[foldWord(c.Name)] = true
		}
		for field, column := range f.columns {
			if !known[foldWord(column)] {
				t.Errorf("%s has no column %s, which is to be its %s", f.Name, column, field)
			}
		}
	}
}

// The header tells the format, in any order and in capitals; so does the least of
// it. Whatever stands below it, nothing of it is lost, in whatever pieces it comes.
func TestHeadersTellFormats(t *testing.T) {
	words := []string{"", "1", "1.0", "2024-11-20", "20/11/2024", "S/2024/835", "2334 (2016)", "S/PV.9790", "Yes", "N", "France", "FRA", "E10", "14-1-0", "14", "vetoed", "reaction", "=1", "'=1", "x"}
	for _, f := range Formats() {
		var all, least []string
		for _, c := range f.Columns {
			all = append(all, strings.ToUpper(c.Name))
			if c.Required || slices.Contains(f.OneOf[:min(1, len(f.OneOf))], c.Name) {
				least = append(least, c.Name)
			}
		}
		r := rand.New(rand.NewPCG(uint64(len(all)), 1))
		for _, header := range [][]string{all, least} {
			r.Shuffle(len(header), func(i, j int) { header[i], header[j] = header[j], header[i] })
			text := strings.Join(header, ",") + "\n"
			for range 200 {
				for i := range header {
					text += words[r.IntN(len(words))] + map[bool]string{true: "\n", false: ","}[i == len(header)-1]
				}
			}
			list, report, err := read(t, text, Options{Gather: true})
			if err != nil || report.Format != f.Name {
				t.Fatalf("%s was taken for %q: %v", f.Name, report.Format, err)
			}
			if want, ok := rowsOf(text); ok && report.Rows != want {
				t.Errorf("%s: %d rows of %d", f.Name, report.Rows, want)
			}
			whole := everything(list, report, err)
			if pieces := everything(readFrom(t, &piecewise{text, r}, Options{Gather: true})); pieces != whole {
				t.Errorf("%s is read otherwise in pieces", f.Name)
			}
			for _, a := range list {
				if a.Source.Format != f.Name || a.Source.Name != f.Source || !a.Refused() && votes.ID(a.Resolution, a.Draft, a.Part, a.Meeting) == "" {
					t.Errorf("%s: %s", f.Name, fmt.Sprintf("%+v", a))
				}
			}
		}
	}
}
