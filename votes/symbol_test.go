package votes

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseResolution(t *testing.T) {
	cases := map[Symbol][]string{
		"S/RES/2334 (2016)": {"S/RES/2334 (2016)", "S/RES/2334(2016)", "2334 (2016)", "2334(2016)", "s/res/2334 (2016)", "S/RES/ 2334 ( 2016 )",
			"RES/2334 (2016)", "2334\u00a0(2016)", "\u00a0S/RES/2334 (2016)", "S/RES/2334\u202f(2016) ", "S/RES/2334 (2016);", "\ufeff2334 (2016)"},
		"S/RES/2623 (2022)": {"Resolution 2623 (2022)", "resolution 2623 (2022)", "RESOLUTION  2623 (2022)"},
		"S/RES/2776 (2025)": {"S/RES/2776/2025", "s/res/2776/2025", "Resolution 2776/2025"},
		"S/RES/2541 (2020)": {"2541 (2020", "2541 (2020 "},
		"S/RES/1 (1946)":    {"S/RES/1 (1946)", "1 (1946)", "S/RES/0001 (1946)"},
		"S/RES/1588 (2055)": {"1588 (2055)"}, // a wrong year is Check's to mend
	}
	for want, printed := range cases {
		for _, p := range printed {
			if got, err := ParseResolution(p, ""); err != nil || got != want {
				t.Errorf("ParseResolution(%q) = %q, %v, want %s", p, got, err, want)
			}
		}
	}
	if got, err := ParseResolution("S/RES/2334", "2016-12-23"); err != nil || got != "S/RES/2334 (2016)" {
		t.Errorf("without its year: %q, %v", got, err)
	}
	for _, p := range []string{"", "S/RES/2334", "Missing", "S/2024/835", "2024/1356", "S/RES/ (2016)", "S/RES/0 (2016)", "S/RES/2334 (16)",
		"S/RES/2334 (2016) as adopted", "S/RES/-1 (2016)", "9790", "S/PV.9790", "\u0662\u0663 (2016)"} {
		if got, err := ParseResolution(p, ""); err == nil || got != "" || !strings.Contains(err.Error(), "is not a resolution's symbol") {
			t.Errorf("ParseResolution(%q) = %q, %v, want an error", p, got, err)
		}
	}
}

func TestParseMeeting(t *testing.T) {
	cases := map[Symbol][]string{
		"S/PV.9790": {"S/PV.9790", "S/PV9790", "PV.9790", "9790", "9790.0", " 9790\u00a0", "s/pv.9790", "S/PV 9790", "S / PV. 9790"},
		"S/PV.1":    {"S/PV.1", "1"},
		"S/PV.3245": {"S/PV.3245 (Resumption 1)", "S/PV.3245 (Part I)"},
		"V131":      {"V131", "v 131"}, // a vote in writing
	}
	for want, printed := range cases {
		for _, p := range printed {
			if got, err := ParseMeeting(p); err != nil || got != want {
				t.Errorf("ParseMeeting(%q) = %q, %v, want %s", p, got, err, want)
			}
		}
	}
	for _, p := range []string{"", "0", "S/PV.", "S/PV.0", "9790.5", "S/9790", "S/2020/870; S/2020/865", "S/RES/2334 (2016)", "V1311", "-1"} {
		if got, err := ParseMeeting(p); err == nil || got != "" {
			t.Errorf("ParseMeeting(%q) = %q, want an error", p, got)
		}
	}
}

func TestParseDraft(t *testing.T) {
	cases := []struct {
		printed string
		want    Draft
	}{
		{"S/2024/835", Draft{Symbol: "S/2024/835"}},
		{"s/2004/25", Draft{Symbol: "S/2004/25"}},
		{"\u00a0S/2024/383\u00a0", Draft{Symbol: "S/2024/383"}},
		{"S/2005-554", Draft{Symbol: "S/2005/554"}},
		{"S / 2022 / 720", Draft{Symbol: "S/2022/720"}},
		{"S/12345", Draft{Symbol: "S/12345"}},
		{"S/17769/Rev.1", Draft{Symbol: "S/17769/Rev.1"}},
		{"s/17769/REV. 1", Draft{Symbol: "S/17769/Rev.1"}},
		{"S/3188/Corr.1", Draft{Symbol: "S/3188/Corr.1"}},
		{"S/471/Add.1/Rev.2", Draft{Symbol: "S/471/Add.1/Rev.2"}},
		{"S/PV.23", Draft{Symbol: "S/PV.23"}},

		{"S/2007/14 as orally revised", Draft{Symbol: "S/2007/14", Note: "as orally revised"}},
		{"S/1996/293 with technical correction", Draft{Symbol: "S/1996/293", Note: "with technical correction"}},
		{"S/1995/395,  orally revised in its provisional form", Draft{Symbol: "S/1995/395", Note: "orally revised in its provisional form"}},
		{"S/1995/465 (an oral revision was made to the text", Draft{Symbol: "S/1995/465", Note: "an oral revision was made to the text"}},
		{"S/2003/578 as orally amended", Draft{Symbol: "S/2003/578", Note: "as orally amended"}},
		// A paragraph named only because it was revised is not what was voted on.
		{"S/2005/727 as orally revised, particularly preambular para. 20",
			Draft{Symbol: "S/2005/727", Note: "as orally revised, particularly preambular para. 20"}},

		{"S/552 (preliminary question)", Draft{Symbol: "S/552", Part: "preliminary question"}},
		{"S/PV.57 (Ireland)", Draft{Symbol: "S/PV.57", Part: "Ireland"}},
		{"S/1994/1356, para. 4", Draft{Symbol: "S/1994/1356", Part: "paragraph 4"}},
		{"para 4 of S/2002/825", Draft{Symbol: "S/2002/825", Part: "paragraph 4"}},
		{"S/2024/323 (amendment)", Draft{Symbol: "S/2024/323", Part: "amendment"}},
		{"S/2020/24 amendment", Draft{Symbol: "S/2020/24", Part: "amendment"}},
		{"Oral amendment 1", Draft{Part: "oral amendment 1"}},
		{"para. 4 of report of Committee on Admission of New Members", Draft{Part: "para. 4 of report of committee on admission of new members"}},

		{"S/471 and S/471/Add.1", Draft{Symbol: "S/471", Others: []Symbol{"S/471/Add.1"}}},
		{"S/2019/467; S/2019/521", Draft{Symbol: "S/2019/467", Others: []Symbol{"S/2019/521"}}},
		{"S/9696 and Corr.1 & 2", Draft{Symbol: "S/9696", Note: "and Corr.1 & 2"}},
		{"S/2004/325 and Add. 1", Draft{Symbol: "S/2004/325", Note: "and Add. 1"}},
	}
	for _, tt := range cases {
		got, err := ParseDraft(tt.printed)
		if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("ParseDraft(%q): %v (-want +got):\n%s", tt.printed, err, diff)
		}
	}
	for _, p := range []string{"", " ", "-none-", "Missing", "S/RES/2334 (2016)", "S/0", "S/", "2024/835", "A/RES/377", "S/PV.0"} {
		if got, err := ParseDraft(p); err == nil || !cmp.Equal(got, Draft{}) {
			t.Errorf("ParseDraft(%q) = %+v, want an error", p, got)
		}
	}
}

func TestSymbolSays(t *testing.T) {
	cases := []struct {
		symbol                    Symbol
		meeting, resolution, year int
		url                       string
	}{
		{"S/RES/2334 (2016)", 0, 2334, 2016, "https://undocs.org/S/RES/2334(2016)"},
		{"S/2024/835", 0, 0, 2024, "https://undocs.org/S/2024/835"},
		{"S/17769/Rev.1", 0, 0, 0, "https://undocs.org/S/17769/Rev.1"},
		{"S/PV.9790", 9790, 0, 0, "https://undocs.org/S/PV.9790"},
		{"V131", 0, 0, 0, ""},
		{"", 0, 0, 0, ""},
	}
	for _, tt := range cases {
		s := tt.symbol
		if s.MeetingNumber() != tt.meeting || s.ResolutionNumber() != tt.resolution || s.Year() != tt.year || s.URL() != tt.url || s.String() != string(s) {
			t.Errorf("%s: meeting %d, resolution %d, year %d, %s", s, s.MeetingNumber(), s.ResolutionNumber(), s.Year(), s.URL())
		}
	}
}

func TestSymbolInJSON(t *testing.T) {
	in := map[string]Symbol{"draft": "S/2024/835", "resolution": ""}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"draft":"S/2024/835","resolution":null}` {
		t.Errorf("written as %s, %v", b, err)
	}
	var out map[string]Symbol
	if err := json.Unmarshal(b, &out); err != nil || !cmp.Equal(in, out) {
		t.Errorf("read back as %v, %v", out, err)
	}
}

func TestID(t *testing.T) {
	cases := []struct {
		resolution, draft Symbol
		part              string
		meeting           Symbol
		want              string
	}{
		{"S/RES/2334 (2016)", "S/2016/1100", "", "S/PV.7853", "S-RES-2334-2016"},
		{"", "S/2024/835", "", "S/PV.9790", "S-2024-835"},
		{"", "S/17769/Rev.1", "", "", "S-17769-Rev.1"},
		{"", "S/552", "preliminary question", "", "S-552-preliminary-question"},
		{"", "S/PV.57", "Ireland", "S/PV.57", "S-PV.57-ireland"},
		{"", "", "oral amendment 1", "S/PV.9527", "S-PV.9527-oral-amendment-1"},
		{"S/RES/963 (1994)", "S/1994/1356", "paragraph 4", "", "S-RES-963-1994"},
		{"", "", "", "S/PV.4164", "S-PV.4164"},
		{"", "", "Oral amendment", "V131", "V131-oral-amendment"},
		{"", "S/2024/835", "?!", "", "S-2024-835"},
		{"", "", "paragraph 4", "", ""},
	}
	for _, tt := range cases {
		if got := ID(tt.resolution, tt.draft, tt.part, tt.meeting); got != tt.want {
			t.Errorf("ID(%s, %s, %s, %s) = %q, want %q", tt.resolution, tt.draft, tt.part, tt.meeting, got, tt.want)
		}
	}
}

func TestParseID(t *testing.T) {
	cases := map[string][]string{
		"S-2024-835":                 {"S-2024-835", "s-2024-835", "S/2024/835", " S/2024/835 ", "S/2024/835 as orally revised"},
		"S-RES-2334-2016":            {"S-RES-2334-2016", "s-res-2334-2016", "S/RES/2334 (2016)", "2334 (2016)", "Resolution 2334 (2016)", "S/RES/2334/2016"},
		"S-17769-Rev.1":              {"S-17769-Rev.1", "s-17769-rev.1", "S/17769/Rev.1"},
		"S-71-Amend.1":               {"S-71-Amend.1", "s-71-AMEND.1"},
		"S-71-Rev.1-amendment":       {"S-71-Rev.1-amendment", "s-71-REV.1-Amendment"},
		"S-PV.9790":                  {"S-PV.9790", "S/PV.9790", "S/PV9790"},
		"S-552-preliminary-question": {"S-552-preliminary-question", "S/552 (preliminary question)", "S-552-Preliminary-Question"},
		"S-PV.57-ireland":            {"S-PV.57-ireland", "S/PV.57 (Ireland)", "s-pv.57-Ireland"},
		"S-PV.9527-oral-amendment-1": {"S-PV.9527-oral-amendment-1", "s-pv.9527-Oral-amendment-1"},
		"V131-oral-amendment":        {"V131-oral-amendment", "v131-oral-amendment"},
	}
	for want, printed := range cases {
		for _, p := range printed {
			if got, err := ParseID(p); err != nil || got != want {
				t.Errorf("ParseID(%q) = %q, %v, want %s", p, got, err, want)
			}
		}
	}
	for _, p := range []string{"", " ", "hello", "2024-835", "9790", "A/RES/377", "2024/1356", "../../etc/passwd", "S", "%00"} {
		if got, err := ParseID(p); !errors.Is(err, ErrInvalid) || got != "" {
			t.Errorf("ParseID(%q) = %q, %v, want ErrInvalid", p, got, err)
		}
	}
}

var symbolSeeds = []string{"S/2024/835", "S/RES/2334 (2016)", "2541 (2020", "S/PV.57 (Ireland)", "S/17769/Rev.1", "S/2007/14 as orally revised",
	"S/471 and S/471/Add.1", "S/1994/1356, para. 4", "Oral amendment 1", "S-552-preliminary-question", "S/71 (a)", "V131", "S/2024/1234567",
	"para 4", "S-1/Rev.1-x", "\u00a0s/2004/25\u2013", "S/PV.1 (Part", "S/RES/2776/2025", ""}

// An id stays the id that it is, whatever it was read from.
func FuzzParseID(f *testing.F) {
	for _, s := range symbolSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			if id != "" || !errors.Is(err, ErrInvalid) {
				t.Errorf("ParseID(%q) = %q, %v", s, id, err)
			}
			return
		}
		if again, err := ParseID(id); err != nil || again != id {
			t.Errorf("ParseID(%q) = %q, of which it makes %q, %v", s, id, again, err)
		}
	})
}

// A draft's symbol reads as itself, and its id leads back to it.
func FuzzParseDraft(f *testing.F) {
	for _, s := range symbolSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDraft(s)
		if err != nil || d.Symbol == "" {
			return
		}
		for _, sym := range append(d.Others, d.Symbol) {
			if again, err := ParseDraft(string(sym)); err != nil || !cmp.Equal(again, Draft{Symbol: sym}, cmpopts.EquateEmpty()) {
				t.Errorf("%q has the symbol %q, which reads as %+v, %v", s, sym, again, err)
			}
		}
		id := ID("", d.Symbol, d.Part, "")
		if again, err := ParseID(id); err != nil || again != id {
			t.Errorf("%q has the id %q, which reads as %q, %v", s, id, again, err)
		}
	})
}
