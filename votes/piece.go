package votes

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
)

// Pieces parts accounts into pieces that can be matched one by one: no account
// shares a symbol or a meeting with one of another piece, nor has an editor
// joined them. Of an account a Pieces remembers a few numbers, so that the
// accounts themselves need not all be in memory together. Symbols and meetings
// are told by hashes; where two are equal by chance, a piece is larger than it
// need be.
type Pieces struct {
	seed   maphash.Seed
	first  map[uint64]int32 // the first place at which a symbol or a meeting stood
	parent []int32          // a place before it of the same piece; its own where there is none
	edits  [][2]uint64      // from which symbol editors moved accounts to which, in turn
}

// NewPieces returns pieces of no accounts.
func NewPieces(edits []Edit) *Pieces {
	p := &Pieces{seed: maphash.MakeSeed(), first: make(map[uint64]int32)}
	for _, e := range edits {
		id, err := ParseID(e.ID)
		if err != nil {
			continue
		}
		switch e.Field {
		case EditMerge:
			if to, err := ParseID(e.Value); err == nil {
				p.edits = append(p.edits, [2]uint64{p.hash("symbol", id), p.hash("symbol", to)})
			}
		case EditSplit:
			_, key, _ := strings.Cut(e.Value, "#")
			p.edits = append(p.edits, [2]uint64{p.hash("symbol", id), p.hash("symbol", splitOff(id, key))})
		}
	}
	return p
}

func (p *Pieces) hash(kind, text string) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.WriteString(kind)
	h.WriteString(text)
	return h.Sum64()
}

// Add adds an account by the id that its own symbols give, and its meeting,
// which tells nothing of one with a resolution's number.
func (p *Pieces) Add(base string, meeting Symbol, numbered bool) {
	at := int32(len(p.parent))
	p.parent = append(p.parent, at)
	p.join(at, p.hash("symbol", base))
	if meeting != "" && !numbered {
		p.join(at, p.hash("meeting", string(meeting)))
	}
}

// join joins the piece of a place with that of a symbol or meeting.
func (p *Pieces) join(at int32, what uint64) {
	other, ok := p.first[what]
	if !ok {
		p.first[what] = at
		return
	}
	a, b := p.root(at), p.root(other)
	p.parent[max(a, b)] = min(a, b)
}

// root is the first place of the piece that a place is in.
func (p *Pieces) root(at int32) int32 {
	for p.parent[at] != at {
		p.parent[at] = p.parent[p.parent[at]]
		at = p.parent[at]
	}
	return at
}

// Batches returns the places of all accounts, counted from 0 as they were
// added, in batches of whole pieces: of as many as were asked for, or a few more.
func (p *Pieces) Batches(size int) [][]int32 {
	for _, e := range p.edits {
		if at, ok := p.first[e[0]]; ok {
			p.join(at, e[1])
		}
	}
	all := make([]int32, len(p.parent))
	for i := range all {
		all[i] = int32(i)
		p.parent[i] = p.root(int32(i))
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Or(cmp.Compare(p.parent[a], p.parent[b]), cmp.Compare(a, b)) })
	var batches [][]int32
	for begin := 0; begin < len(all); {
		end := min(begin+size, len(all))
		for end < len(all) && p.parent[all[end]] == p.parent[all[end-1]] {
			end++
		}
		batches = append(batches, all[begin:end])
		begin = end
	}
	return batches
}
