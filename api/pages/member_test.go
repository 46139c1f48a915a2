package pages

import (
	"strings"
	"testing"

	"scvotes/votes"
)

func TestMemberPage(t *testing.T) {
	r := newChosen(t)
	body := samplePage(t, r, "/members/USA")
	wants(t, body, `<h1>United States</h1>`, `<span class="figure">5</span> votes of which its position is known`,
		`<a href="/resolutions?voted=USA%3Ano">against</a>`, `<span class="figure">2</span><a href="?show=dissents#votes">`, `<span class="figure">1</span><a href="?show=alone#votes">`,
		`<a href="/vetoes?vetoed_by=USA">vetoes</a>, 1 of them cast by no other`, `1 vote of which it is not known who voted how`,
		`<tr><th scope="row">2024</th>`+numbers(0, 1, 0, 0, 1, 1, 1), `<tr><th scope="row">1970</th>`+numbers(0, 0, 0, 0, 0, 0, 1),
		`against <strong>(veto)</strong></td><td>in favour</td>`, "No member has that many votes in common with it", `href="/v1/members/USA/votes.csv"`)
	lacks(t, body, "<th scope=\"col\">Note</th>")
	if strings.Index(body, "/resolutions/S-2024-835") > strings.Index(body, "/resolutions/S-3710") {
		t.Error("the newest vote does not come first")
	}
	// S/2014/916: most were in favour, but not all others.
	dissents := samplePage(t, r, "/members/USA?show=dissents")
	wants(t, dissents, "2 votes, the newest first", `<a href="/members/USA?show=dissents#votes" aria-current="true">`, `href="/resolutions/S-2014-916"`)
	lacks(t, dissents, `href="/resolutions/S-3710"`)
	wants(t, samplePage(t, r, "/members/USA?show=alone"), "1 vote, the newest first", `href="/resolutions/S-2024-835"`)
	wants(t, samplePage(t, r, "/members/USA?show=abstained"), "There is no such vote of it on record")
	wants(t, refused(t, r, "/members/USA?show=luck&after=x"), "show “luck”: is no choice", "after “x”", "5 votes, the newest first")
}

// The Soviet votes are in the Russian Federation's page, which says so.
func TestMemberPageOfASeat(t *testing.T) {
	body := samplePage(t, newChosen(t), "/members/RUS")
	wants(t, body, "Until 23 December 1991 the seat was that of the USSR, whose membership the Russian Federation continues",
		"<td>USSR</td><td>permanent</td>", "<td>Russian Federation</td><td>permanent</td>", `<a href="/resolutions/S-13729">Afghanistan</a></td><td>against <strong>(veto)</strong>`,
		`&lt;script&gt;alert(`, `href="/council?date=1991-12-24"`)
	lacks(t, body, "<script>alert")
}

func TestMemberPageWithoutVotes(t *testing.T) {
	body := samplePage(t, newChosen(t), "/members/BDI")
	wants(t, body, "An elected member: 1970–1971.", "The record has no roll call with it yet")
	lacks(t, body, "Year by year", "Nearest and farthest", "Which of its votes")
	wants(t, samplePage(t, newChosen(t), "/members/DZA"), "An elected member, 4 times: 1968–1969, 1988–1989, 2004–2005, 2024–2025.")
}

// Neighbours need thirty votes together.
func TestMemberNeighbours(t *testing.T) {
	r := newChosen(t)
	for range 30 {
		r.all = append(r.all, r.all[1])
	}
	wants(t, samplePage(t, r, "/members/RUS"), `<a href="/agreement/CHN/RUS">China</a></th><td class="number">9%</td><td class="number">35</td>`,
		`<a href="/agreement/RUS/USA">United States</a>`, "Voted least like it")
}

// Every vote stands on one page, and on one page only.
func TestCut(t *testing.T) {
	type row struct {
		day votes.Date
		id  string
	}
	all := []row{{"2024-01-02", "S-2024-3"}, {"2024-01-02", "S-2024-2"}, {"2024-01-02", "S-2024-1"}, {"2023-05-05", "S-2023-9"}, {"1950-01-01", "S-1400"}}
	for size := 1; size <= 6; size++ {
		var seen []string
		next, pages := "", 0
		for pages == 0 || next != "" {
			after, ok := parseMark(next)
			if !ok {
				t.Fatalf("size %d: %q is not read back", size, next)
			}
			var shown []row
			shown, next = cut(all, after, size, func(r row) (votes.Date, string) { return r.day, r.id })
			if pages++; pages > len(all) {
				t.Fatalf("size %d: no end", size)
			}
			for _, r := range shown {
				seen = append(seen, r.id[len(r.id)-1:])
			}
		}
		if got := strings.Join(seen, ""); got != "32190" || pages != (len(all)+size-1)/size {
			t.Errorf("size %d: %s on %d pages", size, got, pages)
		}
	}
}
