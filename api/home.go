package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"time"

	"github.com/labstack/echo/v4"
)

//go:embed home.html
var homeHTML string

// homeTemplate is parsed at start: a fault in it cannot wait for a reader.
var homeTemplate = template.Must(template.New("home").Parse(homeHTML))

// homePage is what the first page shows.
type homePage struct {
	Version  string
	Examples []example
}

// example is one address of the API, to be followed from the first page.
type example struct {
	Address string
	Says    string
}

var examples = []example{
	{"/v1/resolutions/S-2024-835", "the draft of 20 November 2024 on a ceasefire in Gaza: 14 in favour, 1 against, vetoed"},
	{"/v1/resolutions/S-2024-835/votes", "who voted how on it"},
	{"/v1/resolutions/S-2024-835/accounts", "what each source says of it, side by side"},
	{"/v1/resolutions?vetoed_by=USA&from=2023-10-07", "what the United States has vetoed since 7 October 2023"},
	{"/v1/resolutions?voted=CHN:abstain&voted=RUS:abstain&outcome=adopted", "what was adopted while China and the Russian Federation both abstained"},
	{"/v1/vetoes?group_by=member", "the vetoes of each permanent member: proposals vetoed and vetoes cast"},
	{"/v1/discrepancies?severity=serious&state=open", "where sources contradict the Charter, each other or themselves, and nothing better is known"},
	{"/v1/council?date=1971-10-25", "who sat on the Council on a day, and how many votes carried"},
	{"/v1/members/DZA", "Algeria: its terms on the Council and how it voted"},
}

// home answers GET / with a page for people.
func (s *server) home(c echo.Context) error {
	var b bytes.Buffer
	if err := homeTemplate.Execute(&b, homePage{s.version, examples}); err != nil {
		return fmt.Errorf("rendering the first page: %w", err)
	}
	// The page is one file: nothing is loaded, nothing runs.
	c.Response().Header().Set(headerCSP, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	return send(c, s.stamp(c, "home", time.Time{}), echo.MIMETextHTMLCharsetUTF8, b.Bytes())
}
