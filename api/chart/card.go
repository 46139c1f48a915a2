package chart

import (
	"fmt"
	"strings"

	"scvotes/votes"
)

// The size of a card, in pixels: that which Open Graph readers ask for.
const (
	CardWidth  = 1200
	CardHeight = 630
)

// CardText is what a card says.
type CardText struct {
	Kicker   string // a short line above the title
	Title    string
	Subtitle string
	Figure   string // a number or a word set large, such as 14–1–0
	Caption  string // what the figure is
}

// Card draws a card of words for social media. Of the options only Theme and
// IDPrefix count.
func Card(t CardText, opt Options) Picture {
	p := newCard(t, opt)
	p.cardText(t, CardWidth-2*cardMargin, ink)
	return p
}

// ResolutionCard draws the card of a vote: what it was about, what became of
// it, and the Council's table.
func ResolutionCard(r votes.Resolution, opt Options) Picture {
	word, c := outcomeWord(r.Outcome)
	t := CardText{Kicker: nameOf(r) + ", " + longDate(r.Date), Title: about(r), Figure: word}
	if t.Title == "" {
		t.Title, t.Kicker = nameOf(r), longDate(r.Date)
	}
	var captions []string
	if r.Tally != nil {
		captions = append(captions, fmt.Sprintf("%d in favour, %d against, %d abstaining", r.Tally.Yes, r.Tally.No, r.Tally.Abstain))
	}
	if why := how(r, false); r.Outcome == votes.Vetoed {
		captions = append(captions, "vetoed "+why)
	} else if why != "" {
		captions = append(captions, why)
	}
	t.Caption = strings.Join(captions, "\n")
	seats := seatsOf(r)
	p := newCard(t, opt)
	p.Title = fmt.Sprintf("%s: %s", nameOf(r), outcomeWords(r))
	p.Description = inWords(r, seats)
	p.cardText(t, 520, c)
	table := newTable(560, 0, len(seats))
	picture := group{shift: point{CardWidth - 560 - 40, (CardHeight - table.bottom) / 2}}
	picture.list = append(table.draw(seats), table.verdict(r)...)
	p.add(picture)
	return p
}

const cardMargin = 64.0

// newCard is the ground of a card: a file of its own, with a band of colour.
func newCard(t CardText, opt Options) Picture {
	opt.Standalone = true
	p := Picture{opt: opt, name: "card", Width: CardWidth, Height: CardHeight, Title: t.Title}
	p.Description = strings.Join(strings.Fields(strings.Join([]string{t.Kicker, t.Title, t.Subtitle, t.Figure, t.Caption}, " ")), " ")
	p.add(box{w: 16, h: CardHeight, paint: paint{fill: accent}})
	return p
}

// cardText sets the words in a column, the figure at its foot.
func (p *Picture) cardText(t CardText, width float64, figure colour) {
	y := cardMargin + 24
	set := func(s string, size float64, heavy bool, c colour) {
		p.add(text{at: point{cardMargin, y}, s: fit(s, width, size, heavy), size: size, bold: heavy, colour: c})
	}
	set("UN Security Council", 26, true, accent)
	y += 38
	set(t.Kicker, 26, false, soft)
	// Titles of the record run from one word to thirty.
	size, most := 50.0, 4
	if len(wrap(t.Title, width, size, true, most+1)) > most {
		size, most = 38, 5
	}
	y += 26
	for _, s := range wrap(t.Title, width, size, true, most) {
		y += size * 1.18
		set(s, size, true, ink)
	}
	if t.Subtitle != "" {
		y += 44
		set(t.Subtitle, 26, false, soft)
	}
	// The foot is set from below, so that cards look alike whatever their titles.
	captions := strings.Split(t.Caption, "\n")
	y = CardHeight - cardMargin - float64(len(captions)-1)*36
	for i, s := range captions {
		if i > 0 {
			y += 36
		}
		set(s, 26, false, ink)
	}
	y = CardHeight - cardMargin - float64(len(captions))*36 - 8
	large := 60.0
	if wide := measure(t.Figure, large, true); wide > width {
		large = max(34, large*width/wide)
	}
	set(t.Figure, large, true, figure)
}
