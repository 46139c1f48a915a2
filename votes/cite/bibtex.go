package cite

import (
	"fmt"
	"strings"
	"time"

	"scvotes/votes"
)

// BibTeX returns the citation as one BibTeX entry, in UTF-8. The day stands
// apart from month and year, because BibTeX knows no dates: its own styles and
// biblatex leave it out, and Zotero reads it.
func BibTeX(r *votes.Resolution, a Access) ([]byte, error) {
	c := of(r, a)
	var b strings.Builder
	fmt.Fprintf(&b, "@techreport{%s,\n", c.key)
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %-11s = %s,\n", name, value)
		}
	}
	// Twice in braces: a body has no first and last name, and a style that
	// writes titles small would do so to the names of states.
	field("author", "{{"+bibText(council)+"}}")
	field("title", "{{"+bibText(c.title)+"}}")
	field("institution", "{"+bibText(council)+"}")
	field("type", "{"+bibText(c.kind)+"}")
	field("number", braced(bibText(c.number)))
	if day := c.date.Time(); c.date != "" {
		field("year", fmt.Sprintf("{%d}", day.Year()))
		field("month", strings.ToLower(day.Format("Jan"))) // a macro of every style
		field("day", fmt.Sprintf("{%d}", day.Day()))
	}
	field("url", braced(bibURL(c.url)))
	if c.access.Accessed != "" {
		field("urldate", braced(c.access.Accessed.Time().Format(time.DateOnly)))
	}
	field("note", braced(bibText(c.note)))
	b.WriteString("}\n")
	return []byte(b.String()), nil
}

func braced(s string) string {
	if s == "" {
		return ""
	}
	return "{" + s + "}"
}

// bibText escapes what TeX reads as a command. Braces are named: BibTeX counts
// those that are escaped as well, and loses its way where they do not match.
var bibEscapes = strings.NewReplacer(
	`\`, `{\textbackslash}`, "{", `{\textbraceleft}`, "}", `{\textbraceright}`, "~", `{\textasciitilde}`, "^", `{\textasciicircum}`,
	"#", `\#`, "$", `\$`, "%", `\%`, "&", `\&`, "_", `\_`)

func bibText(s string) string { return bibEscapes.Replace(oneLine(s)) }

// bibURL leaves an address as it is, but for signs that no address may hold and
// that would end the field (RFC 3986, section 2).
var bibURLEscapes = strings.NewReplacer(`\`, "%5C", "{", "%7B", "}", "%7D", " ", "%20")

func bibURL(s string) string { return bibURLEscapes.Replace(oneLine(s)) }
