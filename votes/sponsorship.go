package votes

import (
	"cmp"
	"maps"
	"slices"
)

// SponsorshipOptions choose whose proposals to count.
type SponsorshipOptions struct {
	Members MemberSet // of a group, those of the day; everyone by default, sponsors without a seat among them
	Pairs   bool      // also count who sponsored with whom
}

// Sponsorship is what became of each sponsor's proposals. Proposals and
// Excluded add up to the votes that were given to the counter. A proposal of
// three sponsors is one proposal, and is in three rows.
type Sponsorship struct {
	Proposals int               `json:"proposals"`
	Excluded  map[Exclusion]int `json:"excluded"`
	Sponsors  []SponsorRow      `json:"sponsors"` // most proposals first, then by code
	Pairs     []SponsorPair     `json:"pairs"`    // most proposals first, then by code; empty where pairs are not asked for
}

// SponsorCounts counts proposals by outcome. The outcome is known where the
// roll is not, so adoptions without a vote and disputed rolls are counted.
type SponsorCounts struct {
	Proposals    int      `json:"proposals"`
	Adopted      int      `json:"adopted"`
	Vetoed       int      `json:"vetoed"`
	Failed       int      `json:"failed"`
	Withdrawn    int      `json:"withdrawn"`
	ShareAdopted *float64 `json:"share_adopted"` // Adopted / Proposals, those withdrawn among them
}

// SponsorRow is one sponsor, by continuing seat: RUS for the USSR too.
type SponsorRow struct {
	Code Code   `json:"code"`
	Name string `json:"name"`
	SponsorCounts
}

// SponsorPair is two sponsors of the same proposals, A before B by code.
type SponsorPair struct {
	A Code `json:"a"`
	B Code `json:"b"`
	SponsorCounts
}

// SponsorshipCounter works out a Sponsorship from votes added one by one.
type SponsorshipCounter struct {
	opt       SponsorshipOptions
	proposals int
	excluded  map[Exclusion]int
	sponsors  roster
	counts    []outcomeCounts // by number in sponsors
	pairs     pairTable[outcomeCounts]
	present   []int // the sponsors of the proposal being added
}

type outcomeCounts struct{ adopted, vetoed, failed, withdrawn int }

// NewSponsorship starts a count.
func NewSponsorship(opt SponsorshipOptions) *SponsorshipCounter {
	return &SponsorshipCounter{opt: opt, excluded: make(map[Exclusion]int)}
}

// Add counts one proposal.
func (c *SponsorshipCounter) Add(e Event) {
	c.present = c.present[:0]
	members := c.opt.Members.on(e.Date)
	for _, code := range e.Sponsors {
		if !members.contains(code) {
			continue
		}
		if i := c.sponsors.number(code.Seat()); !slices.Contains(c.present, i) {
			c.present = append(c.present, i)
		}
	}
	if len(c.present) == 0 {
		c.excluded[LeftNoSponsor]++
		return
	}
	c.proposals++
	c.counts = append(c.counts, make([]outcomeCounts, len(c.sponsors.codes)-len(c.counts))...)
	for x, i := range c.present {
		c.counts[i].add(e.Outcome)
		for _, j := range c.present[:x] {
			if c.opt.Pairs {
				c.pairs.at(i, j).add(e.Outcome)
			}
		}
	}
}

func (n *outcomeCounts) add(o Outcome) {
	switch o {
	case Adopted:
		n.adopted++
	case Vetoed:
		n.vetoed++
	case Failed:
		n.failed++
	case Withdrawn:
		n.withdrawn++
	}
}

// Result returns what was counted so far.
func (c *SponsorshipCounter) Result() Sponsorship {
	r := Sponsorship{Proposals: c.proposals, Excluded: maps.Clone(c.excluded), Sponsors: []SponsorRow{}, Pairs: []SponsorPair{}}
	order := c.sponsors.byCode()
	for x, i := range order {
		a := c.sponsors.codes[i]
		r.Sponsors = append(r.Sponsors, SponsorRow{a, a.NameOn(""), c.counts[i].shown()})
		for _, j := range order[x+1:] {
			if n := c.pairs.get(i, j); n != (outcomeCounts{}) {
				r.Pairs = append(r.Pairs, SponsorPair{a, c.sponsors.codes[j], n.shown()})
			}
		}
	}
	// Both lists are by code already, and stay so among equals.
	slices.SortStableFunc(r.Sponsors, func(a, b SponsorRow) int { return cmp.Compare(b.Proposals, a.Proposals) })
	slices.SortStableFunc(r.Pairs, func(a, b SponsorPair) int { return cmp.Compare(b.Proposals, a.Proposals) })
	return r
}

func (n outcomeCounts) shown() SponsorCounts {
	all := n.adopted + n.vetoed + n.failed + n.withdrawn
	return SponsorCounts{Proposals: all, Adopted: n.adopted, Vetoed: n.vetoed, Failed: n.failed, Withdrawn: n.withdrawn,
		ShareAdopted: shareOf(float64(n.adopted), all)}
}
