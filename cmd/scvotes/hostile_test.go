package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// hostileFiles are refused, each with its place.
var hostileFiles = []struct{ name, content, says string }{
	{"a field of two megabytes", ownHeader + vetoed + "S/2024/836,,,2024-11-20," + strings.Repeat("a", 2<<20) + "\n", "line 3: a row longer than 1048576 bytes"},
	{"a quote that is never closed", ownHeader + vetoed + "\"" + strings.Repeat("S/2024/836,\n", 1<<17), `line 3, column draft: a row longer than 1048576 bytes: is a quote (") opened here and never closed?`},
	{"empty lines", ownHeader + vetoed + strings.Repeat("\n", 2<<20), "line 3: more than 1048576 bytes of empty lines"},
	{"columns", "draft,date" + strings.Repeat(",a", 2000) + "\n", "line 1: the header has 2002 columns, and no layout has more than 1000"},
	{"NUL", ownHeader + "S/2024/836,,,2024-11-20,\x00,,,,\n", "line 2, column yes: a NUL byte, which is no text"},
	{"the cursor moved", ownHeader + "S/2024/836,,,2024-11-20,\x1b[2J\x1b[H,,,,\n", "line 2, column yes: the control character U+001B, which is no text"},
	{"text turned round", ownHeader + "S/\u202e538/4202,,,2024-11-20,,,,14-1-0,USA\n",
		"line 2, column draft: the invisible character U+202E, which turns the order in which text is read"},
	{"a column that moves the cursor", "draft,date,\x1b]0;owned\x07\n", "line 1: the name of column 3: the control character U+001B, which is no text"},
	{"another alphabet", ownHeader + "Ѕ/2024/836,,,2024-11-20,,,,14-1-0,USA\n", `line 2, column draft: "\u0405/2024/836" is not a draft's symbol (S/2024/835)`},
	{"UTF-16", "\xff\xfed\x00r\x00a\x00", "the file is UTF-16: save it as CSV (UTF-8)"},
	{"a spreadsheet's day", ownHeader + "S/2024/836,,,45616,,,,14-1-0,USA\n",
		`line 2, column date: "45616" is not a date (YYYY-MM-DD); a spreadsheet's day 45616 is mostly 2024-11-20`},
	{"year 0", ownHeader + "S/2024/836,,,0000-01-01,,,,14-1-0,USA\n", `line 2, column date: "0000-01-01" is not a date (YYYY-MM-DD)`},
	{"a title too long", "draft,date,tally,vetoed_by,title\nS/2024/836,2024-11-20,14-1-0,USA," + strings.Repeat("x", 2001) + "\n",
		"line 2, column title: 2001 bytes, and no more than 2000 can be kept"},
}

// reControl is what no terminal is to be given.
var reControl = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069]")

// Files that mean ill end with exit code 3 and their place, change nothing, and
// reach the terminal as letters.
func TestHostileFiles(t *testing.T) {
	db := pgtest.New(t)
	if got := cli(t, "import", "--database-url", db, write(t, "good.csv", ownHeader+vetoed)); got.code != 0 {
		t.Fatal(got.stdout, got.stderr)
	}
	before := cli(t, "export", "--database-url", db).stdout
	for i, tt := range hostileFiles {
		t.Run(tt.name, func(t *testing.T) {
			got := cli(t, "import", "--database-url", db, write(t, fmt.Sprintf("\x1b[31m%d.csv", i), tt.content))
			if got.code != exitRefused || !strings.Contains(got.stdout, "    "+tt.says+"\n") || !strings.Contains(got.stdout, "  nothing landed") {
				t.Errorf("exit code %d\n%.2000s", got.code, got.stdout)
			}
			if found := reControl.FindString(got.stdout + got.stderr); found != "" {
				t.Errorf("%q reaches the terminal", found)
			}
		})
	}
	if after := cli(t, "export", "--database-url", db).stdout; after != before {
		t.Errorf("the record is another:\n%s", after)
	}
}

// The longest texts that are taken fit into the database, and come back.
func TestLongestTexts(t *testing.T) {
	db := pgtest.New(t)
	word := longText()
	record := "draft,meeting,date,title,agenda_item,topic,region,sponsors,tally,vetoed_by,note\n" +
		fmt.Sprintf("S/2024/835%s (%s),9790,2024-11-20,%s,%s,%s,%s,%s,14-1-0,USA,%s\n", strings.Repeat("/Rev.1", 65), word(votes.MaxKey, ""),
			word(votes.MaxLine, ""), word(votes.MaxLine, ""), word(votes.MaxLine, ""), word(votes.MaxLine, ""), word(1900, ""), word(votes.MaxText, " "))
	said := "draft,speaker,for,kind,date,text,source\n" +
		fmt.Sprintf("S/2024/835,%s,USA,reaction,2024-11-20,%s,%s\n", word(8000, ""), word(votes.MaxText, ""), word(8000, " "))
	statements := ownHeader + vetoed
	for i, content := range []string{record, statements, said} {
		got := cli(t, "import", "--database-url", db, write(t, fmt.Sprintf("%d.csv", i), content))
		if got.code != 0 {
			t.Fatalf("exit code %d\n%.3000s%.1000s", got.code, got.stdout, got.stderr)
		}
	}
	if got := cli(t, "verify", "--database-url", db); got.code != 0 {
		t.Errorf("%.3000s%.1000s", got.stdout, got.stderr)
	}
	first := cli(t, "export", "--database-url", db).stdout
	again := pgtest.New(t)
	if got := cli(t, "import", "--database-url", again, write(t, "export.csv", first)); got.code != 0 {
		t.Fatalf("%.3000s%.1000s", got.stdout, got.stderr)
	}
	if second := cli(t, "export", "--database-url", again).stdout; second != first {
		t.Error("what was exported comes back as something else")
	}
}

// longText makes texts of so many bytes that nothing makes shorter, of words that
// are as long as can be unless something stands between them.
func longText() func(most int, between string) string {
	r := rand.New(rand.NewPCG(1, 1))
	return func(most int, between string) string {
		var b strings.Builder
		for b.Len()+3+len(between) <= most {
			if b.WriteRune(rune(0x4e00 + r.IntN(20_000))); r.IntN(4) == 0 {
				b.WriteString(between)
			}
		}
		return strings.TrimSpace(b.String())
	}
}
