package votes

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Near chooses from candidates the ids most like one that the record does not
// hold, the likest first, n at most. Like are: the same document with or
// without a suffix, the same number in another year, a number of the same year
// with one digit wrong, missing, too many or in its neighbour's place, and the
// same number in another series. Those that are equally like stay in the order
// of candidates.
func Near(id string, candidates []string, n int) []string {
	type found struct {
		id    string
		apart int
	}
	asked := splitID(id)
	var list []found
	for _, c := range candidates {
		if apart, ok := asked.apart(splitID(c)); ok && c != id {
			list = append(list, found{c, apart})
		}
	}
	slices.SortStableFunc(list, func(a, b found) int { return cmp.Compare(a.apart, b.apart) })
	ids := make([]string, 0, max(n, 0))
	for _, f := range list[:min(len(list), max(n, 0))] {
		ids = append(ids, f.id)
	}
	return ids
}

// NearPatterns returns SQL LIKE patterns, with \ as the escape, that choose the
// candidates for Near: all the ids that it can find like, and a few hundred
// others at most. There are few, as a LIKE over several uses no index.
func NearPatterns(id string) []string {
	p := splitID(id)
	n := p.number
	var list []string
	switch {
	case n == "":
		if base := p.whole[:strings.LastIndexByte(p.whole, '-')+1]; len(base) > len("S-RES-") {
			list = append(list, escapeLike(base)+"%")
		}
		return list
	case p.series == "RES":
		list = append(list, "S-RES-"+n+"-%", "S-RES-%-"+p.year)
	case p.year != "":
		list = append(list, "S-"+p.year+"-%")
	default:
		list = oneDigitOff(map[string]string{"PV": "S-PV."}[p.series], n)
	}
	// The number in the other series.
	return append(list, "S-"+n, "S-"+n+"-%", "S-____-"+n, "S-____-"+n+"-%", "S-RES-"+n+"-%", "S-PV."+n)
}

// oneDigitOff finds numbers that are not parted into years.
func oneDigitOff(series, number string) []string {
	series = cmp.Or(series, "S-")
	head := number[:max(len(number)-2, 0)]
	var list []string
	for _, tail := range []string{"_", "__", "___"} {
		list = append(list, series+head+tail, series+head+tail+"-%")
	}
	for i := range head {
		list = append(list,
			series+number[:i]+"_"+number[i+1:], // a digit wrong
			series+number[:i]+number[i+1:],     // too many
			series+number[:i]+"_"+number[i:])   // missing
		if i > 0 {
			list = append(list, series+number[:i-1]+number[i:i+1]+number[i-1:i]+number[i+1:])
		}
	}
	if i := len(head); i > 0 { // the last of the head and the first of the tail
		list = append(list, series+number[:i-1]+number[i:i+1]+number[i-1:i]+number[i+1:])
	}
	return list
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// idParts is an id taken apart; an id of another form has only whole.
type idParts struct {
	whole        string
	series       string // RES, PV, or "" for drafts
	year, number string // digits
	suffix       string // Rev.1, preliminary-question
}

var (
	reIDResolution = regexp.MustCompile(`^S-RES-0*(\d+)(?:-(\d+))?()$`)
	reIDMeeting    = regexp.MustCompile(`^S-PV\.0*(\d+)()(?:-(.+))?$`)
	reIDTurned     = regexp.MustCompile(`^S-0*(\d+)-((?:19|20)\d\d)()$`) // S/835/2024
	reIDYear       = regexp.MustCompile(`^S-((?:19|20)\d\d)-0*(\d+)(?:-(.+))?$`)
	reIDOld        = regexp.MustCompile(`^S-0*(\d+)()(?:-(.+))?$`)
)

func splitID(id string) idParts {
	id = canonicalID(foldID(id))
	if m := reIDYear.FindStringSubmatch(id); m != nil {
		return idParts{whole: id, year: m[1], number: m[2], suffix: m[3]}
	}
	for _, form := range []struct {
		re     *regexp.Regexp
		series string
	}{{reIDResolution, "RES"}, {reIDMeeting, "PV"}, {reIDTurned, ""}, {reIDOld, ""}} {
		if m := form.re.FindStringSubmatch(id); m != nil {
			return idParts{id, form.series, m[2], m[1], m[3]}
		}
	}
	return idParts{whole: id}
}

// apart tells how far two ids are from each other, and false where they have
// nothing in common that a slip of the hand would explain.
func (p idParts) apart(o idParts) (int, bool) {
	if p.number == "" || o.number == "" {
		n := editDistance([]rune(p.whole), []rune(o.whole))
		return 900 + n, n <= 2
	}
	suffix := boolToInt(p.suffix != o.suffix)
	switch same := p.series == o.series; {
	case same && p.number == o.number && p.year == o.year:
		return suffix, true
	case same && p.number == o.number:
		return 100 + min(yearsApart(p.year, o.year), 90) + suffix, true
	case same && p.year == o.year && editDistance([]rune(p.number), []rune(o.number)) == 1:
		return 200 + suffix, true
	case p.number == o.number:
		return 300 + 100*boolToInt(p.year != o.year) + suffix, true
	}
	return 0, false
}

// yearsApart is large where one of the two names no year.
func yearsApart(a, b string) int {
	if a == "" || b == "" {
		return 90
	}
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return max(x-y, y-x)
}
