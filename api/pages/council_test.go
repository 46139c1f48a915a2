package pages

import (
	"slices"
	"strings"
	"testing"

	"scvotes/votes"
)

func TestCouncilOfADay(t *testing.T) {
	body := samplePage(t, newSample(t), "/council?date=2024-11-20")
	wants(t, body, "<h1>The Council on 20 November 2024</h1>", "15 members, five of them permanent. 9 votes in favour carry a proposal.",
		`<strong>1 January 2024</strong>: Algeria, Guyana, Republic of Korea, Sierra Leone and Slovenia came; Albania, Brazil, Gabon, Ghana and the United Arab Emirates went. <a href="/council?date=2023-12-31" rel="prev">`,
		`<strong>1 January 2025</strong>: Denmark, Greece, Pakistan, Panama and Somalia came;`, `<a href="/council?date=2025-01-01" rel="next">`,
		`<th scope="row"><a href="/members/SVN">Slovenia</a></th><td>SVN</td><td>Eastern European</td>`, `href="/v1/council?date=2024-11-20"`,
		`<a href="/what-if?date=2024-11-20">`)
	if n := strings.Count(body, `<th scope="row">`); n != 15 {
		t.Errorf("%d members in the table", n)
	}
}

// A day without a year's turn: the seat passed from one state to another.
func TestCouncilChanges(t *testing.T) {
	for address, want := range map[string]string{
		"/council?date=1971-10-24": `<strong>25 October 1971</strong>: China (represented by the People&#39;s Republic of China) came; China (represented by the Republic of China) went.`,
		"/council?date=1991-12-24": `<strong>24 December 1991</strong>: Russian Federation (continues the membership of the USSR) came; USSR (membership continued by the Russian Federation) went.`,
		"/council?date=1990-05-22": `<strong>22 May 1990</strong>: Yemen came; Democratic Yemen went.`,
		"/council?date=1965-12-31": `11 members, five of them permanent. 7 votes in favour carried a proposal`,
		"/council?date=1966-01-01": `15 members, five of them permanent. 9 votes in favour carry`,
		"/council?date=1946-01-17": "This is the first Council: it met on 17 January 1946",
		"/council?date=2026-12-31": "The next change is after 31 December 2026",
	} {
		wants(t, samplePage(t, newSample(t), address), want)
	}
}

// Without a day it is that of today, 23 November 2026 by the sample's clock.
func TestCouncilOfToday(t *testing.T) {
	body := samplePage(t, newSample(t), "/council")
	wants(t, body, "<h1>The Council on 23 November 2026</h1>", "<title>Who sat on the Security Council", `name="date" min="1946-01-17" max="2026-12-31"`)
	if n := len(body); n > 100<<10 {
		t.Errorf("the page has %d bytes", n)
	}
}

func TestCouncilTellsFaults(t *testing.T) {
	for address, want := range map[string]string{"/council?date=1945-12-31": "known from the first meeting on 17 January 1946 to 31 December 2026",
		"/council?date=2027-01-01": "to 31 December 2026", "/council?date=20.11.2024": "is not a date"} {
		body := refused(t, newSample(t), address)
		wants(t, body, want, "<h1>The Council</h1>", "Every seat since 1946", `<button>Show</button>`)
		lacks(t, body, "Its members")
	}
}

// The changes that the pages walk through miss no change of members.
func TestEveryChangeIsWalked(t *testing.T) {
	changes := map[votes.Date]bool{}
	for _, d := range membershipChanges() {
		changes[d] = true
	}
	var before votes.Council
	for d := votes.Date("1946-01-17"); d <= lastCouncil(); d = d.AddDays(1) {
		council, known := votes.CouncilOn(d)
		if !known {
			t.Fatalf("no Council on %s", d)
		}
		came := slices.ContainsFunc(council.Seats, func(s votes.Seat) bool { _, sat := before.Seat(s.Code); return !sat })
		if came && !changes[d] {
			t.Errorf("%s: members came", d)
		}
		before = council
	}
	if _, known := votes.CouncilOn(lastCouncil().AddDays(1)); known {
		t.Error("the Council is known after the last day")
	}
}
