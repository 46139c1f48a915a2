package cite

import (
	"bytes"
	"encoding/json"

	"scvotes/votes"
)

// CSL returns the citation as CSL-JSON 1.0, a list of one item
// (https://github.com/citation-style-language/schema, csl-data.json).
func CSL(r *votes.Resolution, a Access) ([]byte, error) {
	c := of(r, a)
	item := cslItem{
		ID: c.key, Type: "report", Title: c.title, Author: []cslName{{council}}, Publisher: council, Genre: c.kind, Number: c.number,
		Issued: cslDay(c.date), URL: c.url, Accessed: cslDay(a.Accessed), Note: c.note, Source: "scvotes",
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode([]cslItem{item})
	return b.Bytes(), err
}

type cslItem struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Title     string    `json:"title"`
	Author    []cslName `json:"author"`
	Publisher string    `json:"publisher"`
	Genre     string    `json:"genre"`
	Number    string    `json:"number,omitempty"`
	Issued    *cslDate  `json:"issued,omitempty"`
	URL       string    `json:"URL,omitempty"`
	Accessed  *cslDate  `json:"accessed,omitempty"`
	Note      string    `json:"note"`
	Source    string    `json:"source"`
}

// cslName is a body, which has no first and last name.
type cslName struct {
	Literal string `json:"literal"`
}

type cslDate struct {
	Parts [][]int `json:"date-parts"`
}

func cslDay(d votes.Date) *cslDate {
	if d == "" {
		return nil
	}
	t := d.Time()
	return &cslDate{[][]int{{t.Year(), int(t.Month()), t.Day()}}}
}
