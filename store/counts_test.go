package store_test

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"scvotes/store"
	"scvotes/votes"
)

// counted is a member's counts by the definitions in votes.Member: a dissent is
// a position taken in the vote other than that of the most members.
func counted(all []*votes.Resolution, seat bool) map[votes.Code]*votes.Member {
	members := make(map[votes.Code]*votes.Member)
	of := func(c votes.Code) *votes.Member {
		if seat {
			c = c.Seat()
		}
		if members[c] == nil {
			members[c] = &votes.Member{Votes: map[votes.Position]int{}}
		}
		return members[c]
	}
	for _, t := range votes.Terms() {
		of(t.Code) // in the list though it may not have voted
	}
	for _, r := range all {
		for _, v := range r.Votes {
			m := of(v.Code)
			m.Votes[v.Position]++
			if v.Position.Voted() && r.Tally != nil && v.Position != mostTook(*r.Tally) {
				m.Dissents++
			}
		}
		for _, c := range r.VetoedBy {
			of(c).Vetoes++
		}
	}
	return members
}

func mostTook(t votes.Tally) votes.Position {
	switch {
	case t.Yes >= t.No && t.Yes >= t.Abstain:
		return votes.Yes
	case t.No >= t.Abstain:
		return votes.No
	}
	return votes.Abstain
}

func TestMembers(t *testing.T) {
	askedOneByOne(t)
	t.Parallel()
	r, all := published(t)
	for _, seat := range []bool{true, false} {
		want := counted(all, seat)
		list, revision, err := membersOf(t.Context(), r.Store, seat)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != len(want) || revision != 4 || !slices.IsSortedFunc(list, votes.ByMemberName) {
			t.Errorf("seat=%v: %d members at revision %d, want %d at 4, by name", seat, len(list), revision, len(want))
		}
		for _, m := range list {
			w := want[m.Code]
			if w == nil {
				t.Errorf("seat=%v: %s never sat", seat, m.Code)
				continue
			}
			for _, p := range votes.Positions {
				if m.Votes[p] != w.Votes[p] {
					t.Errorf("seat=%v: %s has %d of %s, want %d", seat, m.Code, m.Votes[p], p, w.Votes[p])
				}
			}
			if m.Dissents != w.Dissents || m.Vetoes != w.Vetoes {
				t.Errorf("seat=%v: %s has %d dissents and %d vetoes, want %d and %d", seat, m.Code, m.Dissents, m.Vetoes, w.Dissents, w.Vetoes)
			}
			single, _, err := memberOf(t.Context(), r.Store, m.Code, seat)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(&m, single); diff != "" {
				t.Errorf("seat=%v (-Members +Member):\n%s", seat, diff)
			}
		}
	}
}

func TestMemberOfASeatThatChangedHands(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	get := func(c votes.Code, seat bool) *votes.Member {
		m, _, err := memberOf(t.Context(), r.Store, c, seat)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ussr, russia, joined := get("SUN", false), get("RUS", false), get("RUS", true)
	if ussr.Vetoes == 0 || russia.Vetoes == 0 || joined.Vetoes != ussr.Vetoes+russia.Vetoes {
		t.Errorf("%d vetoes of the seat, %d of the USSR and %d of the Russian Federation", joined.Vetoes, ussr.Vetoes, russia.Vetoes)
	}
	if joined.Code != "RUS" || joined.Name != "Russian Federation" || !joined.Permanent || len(joined.Terms) != 2 || len(joined.Names) != 2 {
		t.Errorf("the seat is %+v", joined)
	}
	if diff := gocmp.Diff(joined, get("SUN", true)); diff != "" {
		t.Errorf("the seat, asked for by either of its states (-RUS +SUN):\n%s", diff)
	}
	if ussr.Code != "SUN" || ussr.Seat != "RUS" || len(ussr.Terms) != 1 {
		t.Errorf("the USSR alone is %+v", ussr)
	}
}

// A roll too short to count has no side that most members took.
func TestNoDissentWithoutATally(t *testing.T) {
	r := newRecord(t)
	r.land(t, csvFile("short.csv", header+"S/2024/826,,S/PV.9786,2024-11-18,,,CHN;FRA,RUS,,,RUS\n"), store.ImportOptions{})
	if res := r.resolution(t, "S-2024-826"); res.Tally != nil || len(res.Votes) != 3 {
		t.Fatalf("tally %v, %d votes; want three votes and no tally", res.Tally, len(res.Votes))
	}
	for _, c := range []votes.Code{"CHN", "RUS"} {
		if m, _, err := memberOf(t.Context(), r.Store, c, true); err != nil || m.Dissents != 0 {
			t.Errorf("%s has %d dissents (%v), want none", c, m.Dissents, err)
		}
	}
}

// vetoKeys are what Vetoes groups by.
var vetoKeys = map[string]func(*votes.Resolution, votes.Code) string{
	"member": func(_ *votes.Resolution, c votes.Code) string { return string(c.Seat()) },
	"year":   func(r *votes.Resolution, _ votes.Code) string { return string(r.Date)[:4] },
	"decade": func(r *votes.Resolution, _ votes.Code) string { return string(r.Date)[:3] + "0" },
	"":       nil, // no groups
	"topic":  func(r *votes.Resolution, _ votes.Code) string { return string(cmp.Or(r.Topic, r.AgendaItem)) },
}

func TestVetoes(t *testing.T) {
	t.Parallel()
	r, all := published(t)
	for _, query := range []string{"", "vetoed_by=USA", "from=1946-01-01&to=1955-12-31", "voted=GBR:abstain", "outcome=adopted"} {
		f := parseFilter(t, query)
		for group, key := range vetoKeys {
			want := votes.VetoRecord{Revision: 4}
			groups := make(map[string]votes.VetoGroup)
			proposals, cast := map[votes.Kind]int{}, map[votes.Kind]int{}
			for _, res := range all {
				if !chosen(f, res) || len(res.VetoedBy) == 0 {
					continue
				}
				want.ProposalsVetoed++
				proposals[res.Kind]++
				cast[res.Kind] += len(res.VetoedBy)
				seen := make(map[string]bool)
				want.VetoesCast += len(res.VetoedBy)
				for _, c := range res.VetoedBy {
					if key == nil {
						break
					}
					g := groups[key(res, c)]
					g.Key = key(res, c)
					g.VetoesCast++
					if !seen[g.Key] {
						g.ProposalsVetoed++
					}
					seen[g.Key] = true
					groups[g.Key] = g
				}
			}
			got, err := r.Vetoes(t.Context(), f, group)
			if err != nil {
				t.Fatal(err)
			}
			if got.ProposalsVetoed != want.ProposalsVetoed || got.VetoesCast != want.VetoesCast || got.Revision != want.Revision || len(got.Groups) != len(groups) {
				t.Errorf("%q by %s: %d proposals, %d vetoes in %d groups at revision %d; want %d, %d in %d at %d", query, group,
					got.ProposalsVetoed, got.VetoesCast, len(got.Groups), got.Revision, want.ProposalsVetoed, want.VetoesCast, len(groups), want.Revision)
			}
			if diff := gocmp.Diff(votes.VetoConventions(proposals, cast), got.Conventions); diff != "" {
				t.Errorf("%q by %s: conventions (-reference +got):\n%s", query, group, diff)
			}
			for _, g := range got.Groups {
				w := groups[g.Key]
				if g.ProposalsVetoed != w.ProposalsVetoed || g.VetoesCast != w.VetoesCast || g.Name == "" && g.Key != "" {
					t.Errorf("%q by %s: %+v, want %+v and a name", query, group, g, w)
				}
			}
			if !slices.IsSortedFunc(got.Groups, func(a, b votes.VetoGroup) int {
				if group == "year" || group == "decade" {
					return cmp.Compare(a.Key, b.Key)
				}
				return -cmp.Compare(a.VetoesCast, b.VetoesCast)
			}) {
				t.Errorf("%q by %s: not in order: %v", query, group, got.Groups)
			}
		}
	}
}

// The two counts that are often mixed up, from 1946 to 2025.
func TestVetoesOfTheStarterRecord(t *testing.T) {
	r := newRecord(t)
	r.loadStarter(t)
	got, err := r.Vetoes(t.Context(), votes.Filter{}, "member")
	if err != nil {
		t.Fatal(err)
	}
	if got.ProposalsVetoed != 232 || got.VetoesCast != 286 {
		t.Errorf("%d proposals vetoed, %d vetoes cast; want 232 and 286", got.ProposalsVetoed, got.VetoesCast)
	}
	if first := got.Groups[0]; first.Key != "RUS" || first.Name != "Russian Federation" || first.ProposalsVetoed != first.VetoesCast {
		t.Errorf("first is %+v, want the seat of the Russian Federation", first)
	}
	for _, group := range []string{"region", "member; DROP TABLE vetoes", "s.seat"} {
		if _, err := r.Vetoes(t.Context(), votes.Filter{}, group); !errors.Is(err, votes.ErrInvalid) {
			t.Errorf("group %q: err=%v, want ErrInvalid", group, err)
		}
	}
}
