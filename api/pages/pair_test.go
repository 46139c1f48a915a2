package pages

import (
	"errors"
	"fmt"
	"testing"

	"scvotes/votes"
)

func TestPairPage(t *testing.T) {
	body := samplePage(t, newChosen(t), "/agreement/GBR/USA")
	// In favour together of 2623 and S/13729; parted on 835, 916 and 3710; of 9696 no roll is known.
	wants(t, body, `<span class="figure">40%</span> agreement`, `<span class="figure">2</span> agreed of n = 5`, "1 vote of which it is not known who voted how",
		`<th scope="row">2010s</th><td class="number">0%</td><td class="number">0</td><td class="number">1</td>`, "3 votes, the newest first",
		`<a href="/resolutions/S-2014-916">`, `<td>abstained</td><td>against</td>`, `href="/v1/agreement/GBR/USA/votes?differ=true"`, "&lt;script&gt;alert(",
		`<a href="/members/GBR">the United Kingdom</a>`, `aria-current="true">in which they differed`)
	lacks(t, body, `<a href="/resolutions/S-13729">`, "<script>alert")
	all := samplePage(t, newChosen(t), "/agreement/GBR/USA?show=all&method=lijphart&from=1990-01-01")
	wants(t, all, `<span class="figure">50%</span>`, `<span class="figure">1.5</span> agreed of n = 3`, "(differed, counts half)", "(differed)</strong>",
		`<input type="hidden" name="show" value="all">`, `href="/v1/agreement/GBR/USA/votes.csv?from=1990-01-01&amp;method=lijphart"`, `<a href="/agreement?from=1990-01-01&amp;method=lijphart">Agreement</a>`)
}

// A pair has one address, whichever of the two is named first and however.
func TestPairHasOneAddress(t *testing.T) {
	r := newChosen(t)
	leadsTo(t, r, "/agreement/USA/RUS", "/agreement/RUS/USA")
	leadsTo(t, r, "/agreement/usa/Soviet%20Union?from=2020-01-01", "/agreement/RUS/USA?from=2020-01-01")
	for _, address := range []string{"/agreement/RUS/SUN", "/agreement/USA/Atlantis", "/agreement/CAF/USA"} {
		if _, err := sampleGet(t, r, address); !errors.Is(err, votes.ErrNotFound) {
			t.Errorf("%s gives %v", address, err)
		}
	}
}

// What the figures of a group leave out, the page of its pair leaves out too:
// China was never of the E10.
func TestPairOfAGroup(t *testing.T) {
	r := newChosen(t)
	wants(t, samplePage(t, r, "/agreement/CHN/USA?members=E10"), "There is no vote on record in which both took part", `type="hidden" name="members" value="E10"`)
	wants(t, samplePage(t, r, "/agreement/CHN/USA?members=P5"), `agreed of n = 5`)
	wants(t, samplePage(t, r, "/agreement/ALB/BDI"), "There is no vote on record in which both took part")
	wants(t, samplePage(t, r, "/agreement/DZA/JPN"), "They took the same position in every vote", `href="/agreement/DZA/JPN?show=all#votes"`)
}

func TestPairPages(t *testing.T) {
	r := newChosen(t)
	r.all = r.all[:1]
	for i := range pairVotesShown { // the days before the first, each with a vote
		again := r.all[0]
		again.Date, again.ID = again.Date.AddDays(-i-1), fmt.Sprintf("S-2024-%d", 800-i)
		r.all = append(r.all, again)
	}
	first := samplePage(t, r, "/agreement/GBR/USA?show=all")
	wants(t, first, "26 votes, the newest first", `<a href="/agreement/GBR/USA?after=0~2024-10-27~S-2024-777&amp;show=all#votes" rel="next">`)
	lacks(t, first, `<a href="/resolutions/S-2024-776">`, `rel="first"`)
	last := samplePage(t, r, "/agreement/GBR/USA?show=all&after=0~2024-10-27~S-2024-777")
	wants(t, last, `<a href="/resolutions/S-2024-776">`, `<a href="/agreement/GBR/USA?show=all#votes" rel="first">`)
	lacks(t, last, `<a href="/resolutions/S-2024-777">`, `rel="next"`)
}

func TestPairTellsFaults(t *testing.T) {
	body := refused(t, newChosen(t), "/agreement/RUS/USA?show=some&after=here&from=x")
	wants(t, body, "show “some”", "after “here”", "from “x”", `name="to"`)
	lacks(t, body, "By year and decade")
}
