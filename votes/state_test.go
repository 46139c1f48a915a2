package votes

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindState(t *testing.T) {
	cases := map[Code][]string{
		"CIV": {"Côte d'Ivoire", "Côte d’Ivoire", "Cote d`Ivoire", "CÔTE D'IVOIRE", "Co\u0302te d'Ivoire", "Ivory Coast", "CIV"},
		"TUR": {"Turkey", "Türkiye", "TÜRKİYE", "TURKIYE", "Republic of Türkiye", "tur"},
		"GBR": {"United Kingdom", "United  Kingdom", "United\u00a0Kingdom", " the United\nKingdom of Great Britain and Northern Ireland", "UK"},
		"USA": {"United States", "United States of America", "the United States of America", "U.S.A."},
		"KOR": {"Republic of Korea", "the Republic of Korea", "Korea, Republic of", "Korea (Republic of)", "South Korea"},
		"PRK": {"Democratic People’s Republic of Korea", "Korea, Democratic People's Republic of", "DPRK"},
		"IRN": {"Iran", "Iran (Islamic Republic of)", "Iran, Islamic Republic of", "Islamic Republic of Iran"},
		"FSM": {"Micronesia", "Micronesia (Federated States of)", "the Federated States of Micronesia"},
		"COD": {"Zaire", "ZAR", "Congo (Leopoldville)", "Congo, The Democratic Republic of the", "Democratic Republic of the Congo"},
		"COG": {"Congo", "the Congo", "Republic of the Congo", "Congo (Brazzaville)"},
		"BFA": {"Upper Volta", "HVO", "Burkina Faso"},
		"BLR": {"Byelorussian SSR", "Byelorussian Soviet Socialist Republic", "BYS", "Belarus"},
		"MMR": {"Burma", "BUR", "Myanmar"},
		"BEN": {"Dahomey", "DHY", "Benin"},
		"TLS": {"Timor-Leste", "Timor Leste", "TMP", "East Timor"},
		"EGY": {"Egypt", "United Arab Republic", "UAR"},
		"CHN": {"China", "Republic of China", "TWN", "People's Republic of China"},
		"SUN": {"USSR", "U.S.S.R.", "Union of Soviet Socialist Republics", "Soviet Union", "SUN"},
		"VCT": {"Saint Vincent and the Grenadines", "St. Vincent & the Grenadines"},
		"GNB": {"Guinea-Bissau", "Guinea Bissau"},
		"MKD": {"Former Yugoslav Republic of Macedonia", "the former Yugoslav Republic of Macedonia", "North Macedonia"},
		"GMB": {"Gambia", "the Gambia", "Gambia, The", "The Gambia"},
		"DEU": {"Germany", "Federal Republic of Germany", "Germany, Federal Republic of"},
		"YMD": {"Democratic Yemen", "Yemen, Democratic", "Southern Yemen", "YMD"},
		"ARE": {"UAE", "United Arab Emirates"},
		"CSK": {"Czechoslovakia"}, "YUG": {"Yugoslavia"}, "DDR": {"German Democratic Republic"}, "SCG": {"Serbia and Montenegro"},
	}
	for want, printed := range cases {
		for _, p := range printed {
			if got, ok := FindState(p); !ok || got != want {
				t.Errorf("FindState(%q) = %q, %v, want %s", p, got, ok, want)
			}
		}
	}
	for _, p := range []string{"", " ", "the", "Ethipia", "Korea", "United", "States", "President", "E10", "XXX", "Palestinian", "Россия"} {
		if got, ok := FindState(p); ok {
			t.Errorf("FindState(%q) = %q, want none", p, got)
		}
	}
}

func TestFindStateOn(t *testing.T) {
	cases := []struct {
		printed string
		day     Date
		want    Code
	}{
		{"Russian Federation", "1970-01-01", "SUN"}, {"RUS", "1991-12-23", "SUN"}, {"RUS", "1991-12-24", "RUS"},
		{"USSR", "1993-01-01", "RUS"}, {"USSR", "1991-12-23", "SUN"}, {"USSR", "", "SUN"}, {"RUS", "", "RUS"},
		{"Yemen", "1990-01-10", "YMD"}, {"YEM", "1990-05-21", "YMD"}, {"Yemen", "1990-05-22", "YEM"},
		{"Yemen", "1989-12-31", "YEM"}, // the other Yemen; Democratic Yemen had no seat yet
		{"Yemen", "1945-12-31", "YEM"}, // no Council sat yet
		{"Democratic Yemen", "1990-03-01", "YMD"}, {"Democratic Yemen", "1991-03-01", "YEM"},
		{"TWN", "1960-01-01", "CHN"}, {"Republic of China", "1950-01-12", "CHN"},
		{"Yugoslavia", "1950-01-12", "YUG"}, {"Yugoslavia", "2005-01-01", "SCG"}, {"SRB", "1972-01-01", "YUG"},
		{"Serbia", "2005-01-01", "SCG"}, {"Serbia and Montenegro", "2010-01-01", "SRB"},
		{"Germany", "1980-06-01", "DEU"}, // not the German Democratic Republic, which sat
		{"German Democratic Republic", "1995-01-01", "DDR"}, {"Czechoslovakia", "1994-01-01", "CSK"},
		{"United Arab Republic", "1961-01-01", "EGY"},
	}
	for _, c := range cases {
		if got, ok := FindStateOn(c.printed, c.day); !ok || got != c.want {
			t.Errorf("FindStateOn(%q, %s) = %q, %v, want %s", c.printed, c.day, got, ok, c.want)
		}
	}
	if got, ok := FindStateOn("Ethipia", "1970-01-01"); ok {
		t.Errorf("a misspelt name was found: %q", got)
	}
}

func TestNameOn(t *testing.T) {
	cases := []struct {
		code Code
		day  Date
		want string
	}{
		{"BFA", "1984-08-03", "Upper Volta"}, {"BFA", "1984-08-04", "Burkina Faso"},
		{"TUR", "2022-05-31", "Turkey"}, {"TUR", "2022-06-01", "Türkiye"},
		{"EGY", "1958-02-21", "Egypt"}, {"EGY", "1958-02-22", "United Arab Republic"},
		{"EGY", "1971-09-01", "United Arab Republic"}, {"EGY", "1971-09-02", "Egypt"},
		{"COD", "1982-06-01", "Zaire"}, {"COD", "2026-06-01", "Democratic Republic of the Congo"},
		{"LKA", "1961-06-01", "Ceylon"}, {"BLR", "1974-06-01", "Byelorussian SSR"}, {"UKR", "1985-06-01", "Ukrainian SSR"},
		{"CPV", "1992-06-01", "Cape Verde"}, {"CIV", "1965-06-01", "Ivory Coast"}, {"CIV", "1990-06-01", "Côte d'Ivoire"},
		{"DEU", "1977-06-01", "Federal Republic of Germany"}, {"DEU", "1995-06-01", "Germany"},
		{"CZE", "1994-06-01", "Czech Republic"}, {"CZE", "2024-06-01", "Czechia"}, {"SUN", "2020-01-01", "USSR"},
		{"BFA", "", "Burkina Faso"}, {"CAF", "1978-01-01", "Central African Empire"}, {"CAF", "", "Central African Republic"},
		{"USA", "2024-11-20", "United States"}, {"KOR", "2024-11-20", "Republic of Korea"}, {"XXX", "2024-11-20", "XXX"},
	}
	for _, c := range cases {
		if got := c.code.NameOn(c.day); got != c.want {
			t.Errorf("%s.NameOn(%s) = %q, want %q", c.code, c.day, got, c.want)
		}
	}
}

func TestSuggestState(t *testing.T) {
	for printed, want := range map[string]string{
		"Ethipia": "Ethiopia", "United Kindgom": "United Kingdom", "Untied States": "United States",
		"Russian Federtion": "Russian Federation", "Solomon": "Solomon Islands", "Zairre": "Zaire",
		"Equitorial Guinea": "Equatorial Guinea", "Viet Namm": "Viet Nam", "Guinnea": "Guinea",
		"Irak": "", "Austrlia": "", "South": "", "Foo": "", "": "", // two states as near, or none near
		"Republic of Iran": "", // one letter from the Republic of Iraq
		"President":        "", "States": "",
	} {
		if got := SuggestState(printed); got != want {
			t.Errorf("SuggestState(%q) = %q, want %q", printed, got, want)
		}
	}
}

// No name may lead to two states: the second would be lost without a word.
func TestNamesAreUnambiguous(t *testing.T) {
	owner := map[string]Code{}
	claim := func(c Code, name string) {
		if o, taken := owner[fold(name)]; taken && o != c {
			t.Errorf("%q is a name of %s and of %s", name, o, c)
		}
		owner[fold(name)] = c
	}
	members := 0
	for _, s := range States() {
		if len(s.Code) != 3 || strings.ToUpper(string(s.Code)) != string(s.Code) {
			t.Errorf("%q is not a code", s.Code)
		}
		if _, known := StateByCode(s.Successor); s.Successor != "" && !known {
			t.Errorf("%s is succeeded by %s, which is no state", s.Code, s.Successor)
		}
		claim(s.Code, string(s.Code))
		for i, n := range s.Names {
			claim(s.Code, n.Name)
			if i > 0 && s.Names[i-1].To.AddDays(1) != n.From {
				t.Errorf("%s: %s ends on %s and %s begins on %s", s.Code, s.Names[i-1].Name, s.Names[i-1].To, n.Name, n.From)
			}
		}
		for _, a := range s.Aliases {
			claim(s.Code, a)
		}
		if s.lastDay() == "9999-12-31" {
			members++
		}
	}
	if members != 195 { // 193 members and two observers
		t.Errorf("%d states of today, want 195", members)
	}
	if got := len(States()); got != 201 { // and SUN, CSK, YUG, SCG, DDR, YMD
		t.Errorf("%d states, want 201", got)
	}
	if !slices.IsSortedFunc(States(), func(a, b State) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
		t.Error("the states are not in the order of their codes")
	}
}

func TestStatesIsACopy(t *testing.T) {
	States()[0] = State{Code: "XXX"}
	if c := States()[0].Code; c != "AFG" {
		t.Errorf("the first state became %s", c)
	}
}

func TestCodeJSON(t *testing.T) {
	got, err := json.Marshal([]Code{"USA", ""})
	if err != nil || string(got) != `["USA",null]` {
		t.Errorf("got %s, %v", got, err)
	}
	var back []Code
	if err := json.Unmarshal(got, &back); err != nil || !slices.Equal(back, []Code{"USA", ""}) {
		t.Errorf("read back %v, %v", back, err)
	}
}

// Every member named in the draft-level sheet is known but for one misspelling.
func TestStatesOfTheDraftSheet(t *testing.T) {
	var unknown []string
	for _, row := range sharedRows(t, "sc_draft_votes_1994_2025.csv") {
		name := row["Member State"]
		if _, ok := FindState(name); !ok && !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	if diff := cmp.Diff([]string{"Ethipia"}, unknown); diff != "" {
		t.Errorf("unknown members (-want +got):\n%s", diff)
	}
}

func TestStatesOfTheDigitalLibrary(t *testing.T) {
	for _, row := range sharedRows(t, "undl_format_sample.csv") {
		byName, ok := FindState(row["ms_name"])
		if byCode, ok2 := FindState(row["ms_code"]); !ok || !ok2 || byName != byCode {
			t.Errorf("%s %s: found as %q and %q", row["ms_code"], row["ms_name"], byCode, byName)
		}
	}
}

// sharedRows reads one of the real files, which lie beside the repository and
// are no part of it.
func sharedRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skipf("the real file %s is not here", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(all)-1)
	for _, rec := range all[1:] {
		row := map[string]string{}
		for i, field := range rec {
			row[all[0][i]] = field
		}
		rows = append(rows, row)
	}
	return rows
}

func BenchmarkFindState(b *testing.B) {
	for name, printed := range map[string]string{"asPrinted": "UNITED STATES", "folded": "the Republic of Korea", "unknown": "Ethipia"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				FindState(printed)
			}
		})
	}
}

// One letter off is a slip of the hand; two may be another country.
func TestMisspeltState(t *testing.T) {
	for printed, want := range map[string]Code{"Ethipia": "ETH", "Mozambiqe": "MOZ", "Frnace": "FRA", "Holland": "", "Atlantis": "", "": ""} {
		code, ok := MisspeltState(printed)
		if ok != (want != "") || ok && code != want {
			t.Errorf("%q: %s %t, want %q", printed, code, ok, want)
		}
	}
}
