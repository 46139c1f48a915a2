package cite

import (
	"fmt"
	"strings"

	"scvotes/votes"
)

// RIS returns the citation as one record of RIS, in UTF-8: a tag of two
// letters, two spaces, a hyphen and a space, the value, and CR LF; a record
// begins with TY and ends with ER.
func RIS(r *votes.Resolution, a Access) ([]byte, error) {
	c := of(r, a)
	var b strings.Builder
	tag := func(name, value string) { fmt.Fprintf(&b, "%s  - %s\r\n", name, oneLine(value)) }
	some := func(name, value string) {
		if value != "" {
			tag(name, value)
		}
	}
	tag("TY", "RPRT")
	some("ID", c.key)
	tag("AU", council+",") // the comma: all of it is the last name
	some("TI", c.title)
	if c.date != "" {
		tag("PY", fmt.Sprintf("%04d", c.date.Year()))
		tag("DA", risDay(c.date))
	}
	tag("PB", council)
	some("M3", c.kind)
	some("SN", c.number)
	some("UR", c.url)
	if c.access.Accessed != "" {
		tag("Y2", risDay(c.access.Accessed))
	}
	some("N1", c.note)
	tag("ER", "")
	return []byte(b.String()), nil
}

// risDay is YYYY/MM/DD/ and, behind the last stroke, nothing.
func risDay(d votes.Date) string { return d.Time().Format("2006/01/02/") }
