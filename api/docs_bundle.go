package api

import (
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// What nearly every operation has would be most of the page, were it said at each
// of them: it is said once, and they lead there.
const (
	usualAnswers = 0.9 // of the operations have each
	usualHeaders = 0.6 // of the successes have each
)

// usual is what nearly all have: answers by status and name, headers by anchor.
type usual struct{ answers, headers map[string]bool }

// findUsual looks for what the operations of a document share.
func findUsual(doc *openapi3.T) usual {
	var answers, headers [][]string
	for _, item := range doc.Paths.Map() {
		for _, o := range item.Operations() {
			var has []string
			for status, r := range o.Responses.Map() {
				if name := componentName(r.Ref); name != "" {
					has = append(has, status+" "+name)
				}
				if status[0] == '2' {
					headers = append(headers, sharedHeaders(r.Value.Headers))
				}
			}
			answers = append(answers, has)
		}
	}
	return usual{inMost(usualAnswers, answers), inMost(usualHeaders, headers)}
}

func sharedHeaders(all openapi3.Headers) (anchors []string) {
	for _, h := range all {
		if name := componentName(h.Ref); name != "" {
			anchors = append(anchors, headerAnchor(name))
		}
	}
	return anchors
}

// inMost are the words that this share of the lists has.
func inMost(share float64, lists [][]string) map[string]bool {
	counts := make(map[string]int)
	for _, list := range lists {
		for _, word := range list {
			counts[word]++
		}
	}
	most := make(map[string]bool)
	for word, n := range counts {
		if float64(n) >= share*float64(len(lists)) {
			most[word] = true
		}
	}
	return most
}

// without returns the items that are none of the usual ones, and whether all of
// those were there; where one is not, all items stay.
func without[T any](list []T, usual map[string]bool, name func(T) string) (rest []T, all bool) {
	for _, item := range list {
		if !usual[name(item)] {
			rest = append(rest, item)
		}
	}
	if len(usual) < 2 || len(list)-len(rest) < len(usual) {
		return list, false
	}
	return rest, true
}

// docBorrowed is that an operation has the parameters that stand at another, but
// for some.
type docBorrowed struct {
	From docLink
	But  []string
}

// leastBorrowed is how many parameters two operations share before one is said to
// have those of the other.
const leastBorrowed = 5

// borrow lays out the parameters of an operation that were described before: by
// the operation that has them, where it is most of those that it has.
func (w *docWriter) borrow(d *docOperation, before []*openapi3.Parameter) {
	for _, from := range w.describing {
		var but []string
		for _, p := range from.parameters {
			if !slices.Contains(before, p) {
				but = append(but, p.Name)
			}
		}
		if n := len(from.parameters) - len(but); n < leastBorrowed || n < len(but) {
			continue
		}
		d.Borrowed = append(d.Borrowed, docBorrowed{from.at, but})
		before = slices.DeleteFunc(before, func(p *openapi3.Parameter) bool { return slices.Contains(from.parameters, p) })
	}
	for _, p := range before {
		d.Also = append(d.Also, docLink{p.Name, w.described[p]})
	}
}

// describing is an operation at which shared parameters are described.
type describing struct {
	at         docLink
	parameters []*openapi3.Parameter
}
