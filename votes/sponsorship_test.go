package votes_test

import (
	"cmp"
	"slices"
	"testing"

	"scvotes/votes"

	gocmp "github.com/google/go-cmp/cmp"
)

func sponsorship(opt votes.SponsorshipOptions, events ...votes.Event) votes.Sponsorship {
	c := votes.NewSponsorship(opt)
	for _, e := range events {
		c.Add(e)
	}
	return c.Result()
}

func sponsored(e votes.Event, sponsors ...votes.Code) votes.Event {
	e.Sponsors = sponsors
	return e
}

// sponsoredVotes are four drafts: one of three that failed, one of five that
// carried, one of three that was vetoed, and one that nobody is known to have
// put forward.
func sponsoredVotes(t testing.TB) []votes.Event {
	list := threeVotes(t)
	return []votes.Event{sponsored(list[0], "JOR", "USA"), sponsored(list[1], "ALB", "USA", "GBR", "FRA", "NOR"),
		sponsored(list[2], "DZA", "JPN", "USA"), vote(t, "nobody", "2024-06-05")}
}

func TestSponsorshipByHand(t *testing.T) {
	got := sponsorship(votes.SponsorshipOptions{Members: members(t, "USA,E10"), Pairs: true}, sponsoredVotes(t)...)
	one := func(o votes.Outcome) votes.SponsorCounts {
		return votes.SponsorCounts{Proposals: 1, Adopted: boolToInt(o == votes.Adopted), Vetoed: boolToInt(o == votes.Vetoed),
			Failed: boolToInt(o == votes.Failed), ShareAdopted: new(float64(boolToInt(o == votes.Adopted)))}
	}
	want := votes.Sponsorship{Proposals: 3, Excluded: map[votes.Exclusion]int{votes.LeftNoSponsor: 1},
		Sponsors: []votes.SponsorRow{
			{"USA", "United States", votes.SponsorCounts{Proposals: 3, Adopted: 1, Vetoed: 1, Failed: 1, ShareAdopted: new(1.0 / 3)}},
			{"ALB", "Albania", one(votes.Adopted)}, {"DZA", "Algeria", one(votes.Vetoed)}, {"JOR", "Jordan", one(votes.Failed)},
			{"JPN", "Japan", one(votes.Vetoed)}, {"NOR", "Norway", one(votes.Adopted)}},
		Pairs: []votes.SponsorPair{{"ALB", "NOR", one(votes.Adopted)}, {"ALB", "USA", one(votes.Adopted)}, {"DZA", "JPN", one(votes.Vetoed)},
			{"DZA", "USA", one(votes.Vetoed)}, {"JOR", "USA", one(votes.Failed)}, {"JPN", "USA", one(votes.Vetoed)}, {"NOR", "USA", one(votes.Adopted)}}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := sponsorship(votes.SponsorshipOptions{Members: members(t, "CHN")}, sponsoredVotes(t)...); got.Proposals != 0 || got.Excluded[votes.LeftNoSponsor] != 4 {
		t.Errorf("China sponsored none of the four: %+v", got)
	}
	inJSON(t, sponsorship(votes.SponsorshipOptions{}), "sponsors", "pairs")
}

// The USSR's drafts are of the seat, and a sponsor printed twice is one.
func TestSponsorOfASeat(t *testing.T) {
	e := sponsored(vote(t, "S-1", "1990-06-01"), "SUN", "RUS", "USA")
	got := sponsorship(votes.SponsorshipOptions{Pairs: true}, e)
	if len(got.Sponsors) != 2 || got.Sponsors[0].Code != "RUS" || got.Sponsors[0].Proposals != 1 || len(got.Pairs) != 1 {
		t.Errorf("%+v", got)
	}
	// Adopted without a vote, disputed or withdrawn: what became of it is known.
	var list []votes.Event
	for _, e := range unvoted(t) {
		list = append(list, sponsored(e, "GBR"))
	}
	row := sponsorship(votes.SponsorshipOptions{}, list...).Sponsors[0]
	if row.Proposals != 4 || row.Withdrawn != 1 || row.Adopted != 1 || row.Vetoed != 2 || *row.ShareAdopted != .25 {
		t.Errorf("%+v", row)
	}
}

func TestSponsorshipOnTheRecord(t *testing.T) {
	records(t, func(t *testing.T, events []votes.Event) {
		for _, list := range []string{"", "P5", "A3,USA"} {
			got := sponsorship(votes.SponsorshipOptions{Members: members(t, list), Pairs: true}, events...)
			if added(got.Proposals, got.Excluded) != len(events) {
				t.Errorf("%q: %d proposals and %v left out, of %d", list, got.Proposals, got.Excluded, len(events))
			}
			want := slowSponsorship(list, events)
			for _, row := range got.Sponsors {
				checkSponsor(t, row.Code, "", row.SponsorCounts, want)
			}
			for _, p := range got.Pairs {
				checkSponsor(t, p.A, p.B, p.SponsorCounts, want)
			}
			if len(want) > 0 || len(got.Pairs) == 0 {
				t.Errorf("%q: %d rows, %d pairs, and not %v", list, len(got.Sponsors), len(got.Pairs), want)
			}
			if !slices.IsSortedFunc(got.Pairs, func(a, b votes.SponsorPair) int {
				return cmp.Or(b.Proposals-a.Proposals, cmp.Compare(a.A+a.B, b.A+b.B))
			}) || !slices.IsSortedFunc(got.Sponsors, func(a, b votes.SponsorRow) int {
				return cmp.Or(b.Proposals-a.Proposals, cmp.Compare(a.Code, b.Code))
			}) {
				t.Errorf("%q: not in order", list)
			}
		}
	})
}

func checkSponsor(t *testing.T, a, b votes.Code, got votes.SponsorCounts, want map[[2]votes.Code]map[votes.Outcome]int) {
	t.Helper()
	w := want[[2]votes.Code{a, b}]
	all := w[votes.Adopted] + w[votes.Vetoed] + w[votes.Failed] + w[votes.Withdrawn]
	if got.Proposals != all || got.Adopted != w[votes.Adopted] || got.Vetoed != w[votes.Vetoed] || got.Failed != w[votes.Failed] ||
		got.Withdrawn != w[votes.Withdrawn] || !near(got.ShareAdopted, ratio(float64(w[votes.Adopted]), all)) {
		t.Errorf("%s %s: %+v, want %v", a, b, got, w)
	}
	delete(want, [2]votes.Code{a, b})
}

// slowSponsorship is the reference: outcomes by sponsor, and by pair of sponsors.
func slowSponsorship(list string, events []votes.Event) map[[2]votes.Code]map[votes.Outcome]int {
	sums := map[[2]votes.Code]map[votes.Outcome]int{}
	count := func(a, b votes.Code, o votes.Outcome) {
		if sums[[2]votes.Code{a, b}] == nil {
			sums[[2]votes.Code{a, b}] = map[votes.Outcome]int{}
		}
		sums[[2]votes.Code{a, b}][o]++
	}
	for _, e := range events {
		put := map[votes.Code]bool{}
		for _, s := range e.Sponsors {
			if inList(list, seatOf(s), e.Date) {
				put[seatOf(s)] = true
			}
		}
		for a := range put {
			count(a, "", e.Outcome)
			for b := range put {
				if a < b {
					count(a, b, e.Outcome)
				}
			}
		}
	}
	return sums
}
