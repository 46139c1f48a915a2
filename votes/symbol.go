package votes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Symbol is a UN document symbol in its one canonical form: S/2024/835,
// S/17769/Rev.1, S/RES/2334 (2016), S/PV.9790. The empty Symbol is unknown.
type Symbol string

// Draft is what a source's draft column says: the document, which vote on it,
// and words that change neither (as orally revised).
type Draft struct {
	Symbol Symbol
	Part   string   // "preliminary question", "paragraph 4", "amendment"
	Note   string   // "as orally revised"
	Others []Symbol // further documents of the same text
}

var (
	reResolution = regexp.MustCompile(`^(?:S ?/ ?RES ?/ ?|RES ?/ ?|RESOLUTION )?0*([1-9]\d{0,5}) ?\( ?(\d{4}) ?\)?$`)
	reResSlash   = regexp.MustCompile(`^(?:S ?/ ?RES ?/ ?|RES ?/ ?|RESOLUTION )0*([1-9]\d{0,5}) ?/ ?(\d{4})$`)
	reResBare    = regexp.MustCompile(`^(?:S ?/ ?RES ?/ ?|RES ?/ ?|RESOLUTION )0*([1-9]\d{0,5})$`)
	reMeeting    = regexp.MustCompile(`^(?:(?:S ?/ ?)?PV ?[./]? ?)?(\d{1,6})((?: ?\(?(?:RESUMPTION|PART|RESUMED)[^)]*\)?)?)$`)
	reVideo      = regexp.MustCompile(`^V ?(\d{3})$`)
	reDraft      = regexp.MustCompile(`^S ?[/-] ?(?:((?:19|20)\d\d) ?[/-] ?)?(\d{1,6})((?:[/-](?:REV|ADD|CORR|AMEND)\.? ?\d+)*)$`)
	reSuffix     = regexp.MustCompile(`[/-](REV|ADD|CORR|AMEND)\.? ?(\d+)`)
	reID         = regexp.MustCompile(`^(?:[Ss]-[0-9A-Za-z.]|[Vv]\d{3}(?:-|$))[0-9A-Za-z.-]*$`)
	reSuffixWord = regexp.MustCompile(`^(?:REV|ADD|CORR|AMEND)\.\d+$`)
	reFind       = regexp.MustCompile(`(?i)\bS ?[/-] ?(?:(?:19|20)\d\d ?[/-] ?\d{1,6}|PV\.?\d{1,6}|\d{3,6})(?:[/-](?:Rev|Add|Corr|Amend)\.? ?\d+)*`)
	reParagraph  = regexp.MustCompile(`(?i)\bpara(?:graph)?s?\.? ?(\d+(?: ?(?:and|-|,) ?\d+)*)`)
	reRevised    = regexp.MustCompile(`(?i)revis|technical|tech\.|orally amended|as amended|as corrected|incorporating`)
	reYearIn     = regexp.MustCompile(`\((\d{4})\)$|^S/((?:19|20)\d\d)/`)
)

// ParseResolution reads a resolution's symbol in any of its forms: S/RES/2334
// (2016), S/RES/2334(2016), 2334 (2016), Resolution 2334 (2016), S/RES/2776/2025.
// A bare S/RES/2334 takes the year of date, the day of the vote.
func ParseResolution(s string, date Date) (Symbol, error) {
	t := strings.ToUpper(cleanSymbol(s))
	for _, re := range []*regexp.Regexp{reResolution, reResSlash} {
		if m := re.FindStringSubmatch(t); m != nil {
			return resolutionSymbol(m[1], m[2]), nil
		}
	}
	if m := reResBare.FindStringSubmatch(t); m != nil && date != "" {
		return resolutionSymbol(m[1], strconv.Itoa(date.Year())), nil
	}
	return "", fmt.Errorf("%s is not a resolution's symbol (S/RES/2334 (2016))", Quote(s))
}

func resolutionSymbol(number, year string) Symbol {
	n, _ := strconv.Atoi(number)
	return Symbol(fmt.Sprintf("S/RES/%d (%s)", n, year))
}

// ParseMeeting reads a meeting's symbol: S/PV.9790, S/PV9790, PV.9790, 9790.
// V131 is a vote in writing announced at a videoconference (2020-21): it was
// no meeting of the Council in the sense of its rules and keeps that name.
func ParseMeeting(s string) (Symbol, error) {
	t := strings.ToUpper(cleanSymbol(s))
	if m := reVideo.FindStringSubmatch(t); m != nil {
		return Symbol("V" + m[1]), nil
	}
	t = strings.TrimSuffix(t, ".0") // a spreadsheet's number
	if m := reMeeting.FindStringSubmatch(t); m != nil {
		n, _ := strconv.Atoi(m[1])
		if n > 0 {
			return Symbol("S/PV." + strconv.Itoa(n)), nil
		}
	}
	return "", fmt.Errorf("%s is not a meeting's symbol (S/PV.9790)", Quote(s))
}

// MeetingNumber returns 9790 of S/PV.9790, and 0 where there is no number.
func (s Symbol) MeetingNumber() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(string(s), "S/PV."))
	return n
}

// ResolutionNumber returns 2334 of S/RES/2334 (2016), and 0 where there is none.
func (s Symbol) ResolutionNumber() int {
	t, ok := strings.CutPrefix(string(s), "S/RES/")
	if !ok {
		return 0
	}
	t, _, _ = strings.Cut(t, " ")
	n, _ := strconv.Atoi(t)
	return n
}

// Year returns the year that the symbol itself names, and 0 where it names
// none (before 1994 drafts were numbered through).
func (s Symbol) Year() int {
	m := reYearIn.FindStringSubmatch(string(s))
	if m == nil {
		return 0
	}
	y, _ := strconv.Atoi(m[1] + m[2])
	return y
}

// ParseDraft reads a draft's symbol with what sources write around it:
// "S/2007/14 as orally revised", "S/552 (preliminary question)", "S/PV.57
// (Ireland)", "S/1994/1356, para. 4", "S/471 and S/471/Add.1". A proposal made
// in words alone (Oral amendment 1) has no symbol: Part holds the words.
func ParseDraft(s string) (Draft, error) {
	t := cleanSymbol(s)
	if t == "" {
		return Draft{}, fmt.Errorf("no draft symbol")
	}
	if len(t) > maxSymbol {
		return Draft{}, fmt.Errorf("%s is longer than a draft's symbol with its part can be", Quote(s))
	}
	if d, ok := canonicalDraft(t); ok {
		return Draft{Symbol: d}, nil
	}
	found := reFind.FindAllStringIndex(t, -1)
	if len(found) == 0 {
		if strings.HasPrefix(strings.ToLower(t), "oral ") || reParagraph.MatchString(t) {
			return Draft{Part: strings.ToLower(t)}, nil
		}
		return Draft{}, fmt.Errorf("%s is not a draft's symbol (S/2024/835)", Quote(s))
	}
	var d Draft
	var around strings.Builder
	end := 0
	for _, at := range found {
		sym, ok := canonicalDraft(t[at[0]:at[1]])
		if !ok {
			return Draft{}, fmt.Errorf("%s is not a draft's symbol (S/2024/835)", Quote(s))
		}
		d.Others = append(d.Others, sym)
		around.WriteString(t[end:at[0]] + " ")
		end = at[1]
	}
	d.Symbol, d.Others = d.Others[0], d.Others[1:]
	d.Part, d.Note = partAndNote(around.String() + t[end:])
	return d, nil
}

// partAndNote tells words that name one vote of several on a document from
// words that only describe its text.
func partAndNote(rest string) (part, note string) {
	w := strings.Trim(strings.Join(strings.Fields(rest), " "), " ,;()&.")
	paragraph := reParagraph.FindStringSubmatchIndex(w)
	switch l := strings.ToLower(w); {
	case w == "" || l == "and":
		return "", ""
	case paragraph != nil && !reRevised.MatchString(w[:paragraph[0]]):
		return "paragraph " + w[paragraph[2]:paragraph[3]], ""
	case reRevised.MatchString(w):
		return "", w
	case strings.HasPrefix(l, "and ") || strings.HasPrefix(l, "with "):
		return "", w
	default:
		return strings.Trim(w, "() "), ""
	}
}

func canonicalDraft(t string) (Symbol, bool) {
	u := strings.ToUpper(strings.TrimSpace(t))
	if strings.Contains(u, "PV") {
		m, err := ParseMeeting(u)
		return m, err == nil
	}
	m := reDraft.FindStringSubmatch(u)
	if m == nil {
		return "", false
	}
	n, _ := strconv.Atoi(m[2])
	var b strings.Builder
	b.WriteString("S/")
	if m[1] != "" {
		b.WriteString(m[1] + "/")
	}
	b.WriteString(strconv.Itoa(n))
	for _, x := range reSuffix.FindAllStringSubmatch(m[3], -1) {
		b.WriteString("/" + x[1][:1] + strings.ToLower(x[1][1:]) + "." + x[2])
	}
	return Symbol(b.String()), n > 0
}

// cleanSymbol folds the white space that spreadsheets and web pages leave.
func cleanSymbol(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u2007', '\u202f', '\t', '\n', '\r':
			return ' '
		case '\u00ad', '\u061c', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff':
			return -1
		case '\u2010', '\u2011', '\u2012', '\u2013':
			return '-'
		}
		return r
	}, s)
	return strings.Trim(strings.Join(strings.Fields(s), " "), " ;,")
}

// ID returns the id under which a resolution is kept: its resolution symbol if
// it was adopted, else its draft symbol, else its meeting, with "/", spaces
// and brackets folded to "-" and the part, if any, behind it.
func ID(resolution, draft Symbol, part string, meeting Symbol) string {
	base := cmp.Or(resolution, draft, meeting)
	if base == "" {
		return ""
	}
	id := string(base)
	if resolution == "" {
		id += " " + part
	}
	return canonicalID(foldID(id))
}

func foldID(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '.':
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), "-")
}

// The longest text that is read as a symbol with its part, in bytes, and the
// longest id, which has a point more for each suffix.
const (
	maxSymbol = 2*MaxKey + len(" ()")
	maxID     = maxSymbol + maxSymbol/4
)

// ParseID reads an id, or a symbol in any spelling, and returns the id: what
// stands in an address after /v1/resolutions/.
func ParseID(s string) (string, error) {
	t := cleanSymbol(s)
	if len(t) > maxID {
		return "", fmt.Errorf("%s is longer than an id can be: %w", Quote(s), ErrInvalid)
	}
	if !reID.MatchString(t) {
		if sym, err := ParseResolution(t, ""); err == nil {
			return ID(sym, "", "", ""), nil
		}
		if d, err := ParseDraft(t); err == nil && d.Symbol != "" {
			return ID("", d.Symbol, d.Part, ""), nil
		}
	}
	if id := canonicalID(foldID(t)); reID.MatchString(id) {
		return id, nil
	}
	return "", fmt.Errorf("%s is not an id or a symbol (S-2024-835, S/RES/2334 (2016)): %w", Quote(s), ErrInvalid)
}

// canonicalID sets the capitals of an id.
func canonicalID(id string) string {
	words := strings.Split(id, "-")
	for i, w := range words {
		switch u := strings.ToUpper(w); {
		case i == 0, i == 1 && (u == "RES" || strings.HasPrefix(u, "PV.")):
			words[i] = u
		case reSuffixWord.MatchString(u):
			words[i] = u[:1] + strings.ToLower(u[1:])
		default:
			words[i] = strings.ToLower(w)
		}
	}
	return strings.Join(words, "-")
}

// URL returns the document's address on undocs.org, the UN's own short links,
// and "" for what has no document of its own.
func (s Symbol) URL() string {
	if !strings.HasPrefix(string(s), "S/") {
		return ""
	}
	return "https://undocs.org/" + strings.ReplaceAll(string(s), " ", "")
}

func (s Symbol) String() string { return string(s) }

// MarshalJSON writes the unknown symbol as null.
func (s Symbol) MarshalJSON() ([]byte, error) { return nullIfEmpty(string(s)) }

// UnmarshalJSON reads a symbol or null, as it stands.
func (s *Symbol) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, (*string)(s)) }
