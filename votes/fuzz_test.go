package votes

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var wordSeeds = []string{"", "2024-11-20", "0000-01-01", "10000-01-01", " 2024-02-29 ", "14-1-0", "9-1-0-1", "-1-0-0", "999-0-0", "Y", "did not participate",
	"S/RES/2334(2016)", "RES/0001/2016", "S/PV9790.0", "V131", "United States", "Côte d'Ivoire", "Ethipia", "Venezuela (Bolivarian Republic of)", "E10; P5 and President",
	"France, UK,, and  the \u200bUSA", "A, B & C (64)", "_x000D_", "-none-", "Ѕ/2024/835", "\u202eS", "\x1b[2J", "\xff\xfe", "İstanbul ſ ǅ", "''s", "１4-１-0"}

// FuzzWords: what a reader of one word makes of any text is as it is written in
// the record, and is read as the same again.
func FuzzWords(f *testing.F) {
	for _, s := range wordSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDate(s); err == nil {
			again, err := ParseDate(string(d))
			if err != nil || again != d || len(d) != 10 || d.Year() < 1 || d.Year() > 9999 || DateOf(d.Time()) != d {
				t.Errorf("%q is the day %q", s, d)
			}
		}
		if tally, err := ParseTally(s); err == nil {
			if again, err := ParseTally(tally.String()); err != nil || again != tally || min(tally.Yes, tally.No, tally.Abstain, tally.NotVoting) < 0 {
				t.Errorf("%q is the tally %+v", s, tally)
			}
		}
		if p, err := ParsePosition(s); err == nil && !slices.Contains(Positions, p) {
			t.Errorf("%q is the position %q", s, p)
		}
		if r, err := ParseResolution(s, ""); err == nil {
			if again, err := ParseResolution(string(r), ""); err != nil || again != r || r.ResolutionNumber() == 0 {
				t.Errorf("%q is the resolution %q", s, r)
			}
		}
		if m, err := ParseMeeting(s); err == nil {
			if again, err := ParseMeeting(string(m)); err != nil || again != m {
				t.Errorf("%q is the meeting %q", s, m)
			}
		}
		if c, ok := FindState(s); ok {
			if again, ok := FindState(string(c)); !ok || again != c || len(c) != 3 {
				t.Errorf("%q is the state %q", s, c)
			}
		}
		if folded := Fold(s); Fold(folded) != folded || folded != strings.TrimSpace(folded) {
			t.Errorf("%q is folded to %q, and that to %q", s, folded, Fold(folded))
		}
	})
}

// FuzzSponsors: no sponsor is nobody or stands twice, and the states are told by
// their names of the day.
func FuzzSponsors(f *testing.F) {
	for _, s := range wordSeeds {
		f.Add(s, "2024-11-20")
	}
	f.Add("Union of Soviet Socialist Republics; USSR", "1970-01-01")
	f.Fuzz(func(t *testing.T, s, day string) {
		d, err := ParseDate(day)
		if err != nil {
			d = ""
		}
		list, as, problems := ParseSponsors(s, d)
		seen := make(map[Sponsor]bool)
		for _, sponsor := range list {
			if sponsor.Name == "" || seen[sponsor] {
				t.Errorf("%q has the sponsor %+v", s, sponsor)
			}
			seen[sponsor] = true
		}
		if as != strings.TrimSpace(as) {
			t.Errorf("%q is sponsored as %q", s, as)
		}
		for _, p := range problems {
			if p.Severity != Noted || p.Message == "" {
				t.Errorf("%q: %+v", s, p)
			}
		}
	})
}

// FuzzLegible: nothing that moves a cursor, turns or hides text is left, what is
// plain stays as it is, and a message quotes no more than can be read.
func FuzzLegible(f *testing.F) {
	for _, s := range wordSeeds {
		f.Add(s)
	}
	f.Add("a\U000e0041b\u2066c\ufffe\ufffd\x00\x7f\u0085\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, s string) {
		got := Legible(s)
		for _, r := range got {
			if unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r) && r > '\u200f' && r != '\u061c' || r >= 0xe0000 && r < 0xe0080 {
				t.Errorf("%q is written %q", s, got)
			}
		}
		if !utf8.ValidString(got) || got != s && NotPlain(s) == "" && !strings.ContainsAny(s, moves) || NotPlain(got) != "" {
			t.Errorf("%q (%s) is written %q", s, NotPlain(s), got)
		}
		quoted := Quote(s)
		if NotPlain(quoted) != "" || strings.ContainsAny(quoted, "\n\r\t") || utf8.RuneCountInString(quoted) > 12*maxQuoted {
			t.Errorf("%q is quoted %q", s, quoted)
		}
	})
}

// FuzzEdit: an edit that passes its check can be made, whatever it is, and leaves a
// record that can be told.
func FuzzEdit(f *testing.F) {
	for _, e := range [][2]string{{"title", "T"}, {"date", "2024-11-21"}, {"tally", "9-1-0"}, {"tally", "99-1-0"}, {"vetoed_by", "USA;FRA"}, {"position:USA", "yes"}, {"position:", ""},
		{"discrepancy:1a2b3c4d", "explained"}, {"statement", `{"speaker":"A","for":"USA","kind":"reaction","date":"2024-11-20","text":"T\u202e","source":"S"}`}, {"statement", "[[[["},
		{"merge", "S/2024/836"}, {"split", "scvotes#S-2024-835"}, {"undo", "1"}, {"sponsors", "E10;President"}, {"resolution", "2334 (2016)"}, {"draft", "S/1/Rev.1"}, {"note", "\x1b"}, {"\x1b", ""}} {
		f.Add("S/2024/835", e[0], e[1])
	}
	f.Fuzz(func(t *testing.T, id, field, value string) {
		e := Edit{Number: 2, ID: id, Field: field, Value: value, Reason: "R", Reference: "D"}
		faults := e.Check()
		for _, fault := range faults {
			if fault.Message == "" || NotPlain(fault.Parameter) != "" {
				t.Errorf("fault %+v", fault)
			}
		}
		if faults != nil {
			if !errors.Is(faults, ErrInvalid) {
				t.Errorf("%v", faults)
			}
			return
		}
		if NotPlain(value) != "" || len(value) > MaxText {
			t.Errorf("the value %q was taken", value)
		}
		e.ID = "S-2024-835"
		r := theVeto(e)
		told := r.AppendJSON(nil)
		want, err := json.Marshal(&r)
		if err != nil || string(told) != string(want) {
			t.Errorf("%s\nis not\n%s\n%v", told, want, err)
		}
		if decided := Outcomes; !slices.Contains(decided, r.Outcome) {
			t.Errorf("outcome %q", r.Outcome)
		}
	})
}

// theVeto is the record of S/2024/835 with an edit.
func theVeto(e Edit) Resolution {
	a := &Account{Source: Source{Name: "scvotes", Format: "scvotes", Line: 2}, Line: 2, Rows: 1, Key: "S-2024-835", Draft: "S/2024/835", Meeting: "S/PV.9790", Date: "2024-11-20"}
	for _, s := range mustCouncil(a.Date).Seats {
		v := Vote{Code: s.Code, Position: Yes}
		if s.Code == "USA" {
			v.Position = No
		}
		a.Votes = append(a.Votes, v)
	}
	Check(a)
	a.Match = Match{ID: a.ID}
	r, _ := Reconcile([]*Account{a}, []Edit{e})
	return r
}

func mustCouncil(d Date) Council {
	c, _ := CouncilOn(d)
	return c
}

// FuzzEncode: what is written by hand is what the library writes, whatever stands
// in it.
func FuzzEncode(f *testing.F) {
	for _, s := range wordSeeds {
		f.Add(s, "x")
	}
	f.Add("</script>&\u2028\u2029", "\"\\\b\f")
	f.Fuzz(func(t *testing.T, a, b string) {
		account := &Account{Source: Source{Name: a, Edition: b, URL: a, Cites: Text(b)}, Key: a, Part: b, Title: a, Topic: b, Note: a, SponsoredAs: b,
			Sponsors: []Sponsor{{Name: a}}, Statements: []Statement{{Speaker: a, Text: b, Source: a}}, Printed: map[string]string{a: b, b: a},
			Problems: []Problem{{Column: a, Message: b, Suggestion: a}}}
		got := account.AppendJSON(nil)
		if want, err := json.Marshal(account); err != nil || string(got) != string(want) {
			t.Errorf("%s\nis not\n%s\n%v", got, want, err)
		}
		r := Resolution{ID: a, Part: Text(b), Title: Text(a), Note: Text(b), Reason: a, Detail: &Detail{Statements: []Statement{{Speaker: a, Text: b}}}}
		r.Discrepancies = []Discrepancy{{Message: a, Explanation: Text(b), Sides: []Side{{Source: a, Says: b}}}}
		got = r.AppendJSON(nil)
		if want, err := json.Marshal(&r); err != nil || string(got) != string(want) {
			t.Errorf("%s\nis not\n%s\n%v", got, want, err)
		}
	})
}
