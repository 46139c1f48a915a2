package votes

import (
	"encoding/json"
	"testing"
	"time"
)

func TestMakeDate(t *testing.T) {
	cases := []struct {
		year, month, day int
		want             Date
	}{
		{1946, 1, 17, "1946-01-17"}, {2024, 2, 29, "2024-02-29"}, {9999, 12, 31, "9999-12-31"},
		{2023, 2, 29, ""}, {2024, 13, 1, ""}, {2024, 0, 1, ""}, {2024, 4, 31, ""}, {2024, 1, 0, ""}, {0, 1, 1, ""}, {10000, 1, 1, ""},
	}
	for _, tt := range cases {
		got, err := MakeDate(tt.year, tt.month, tt.day)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("MakeDate(%d, %d, %d) = %q, %v", tt.year, tt.month, tt.day, got, err)
		}
	}
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]Date{"2024-11-20": "2024-11-20", " 1946-01-17\n": "1946-01-17",
		"": "", "20/11/2024": "", "2024-11-20T15:00:00Z": "", "2024-1-2": "", "2023-02-29": "", "0000-01-01": "", "20241120": ""} {
		if got, err := ParseDate(in); got != want || (err == nil) != (want != "") {
			t.Errorf("ParseDate(%q) = %q, %v", in, got, err)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	if y := Date("2024-11-20").Year(); y != 2024 {
		t.Errorf("year %d", y)
	}
	if y, d, at := Date("").Year(), Date("").AddDays(1), Date("").Time(); y != 0 || d != "" || !at.IsZero() {
		t.Errorf("of no day: year %d, the day after %q, time %v", y, d, at)
	}
	for n, want := range map[int]Date{0: "2024-02-28", 1: "2024-02-29", 2: "2024-03-01", -59: "2023-12-31"} {
		if got := Date("2024-02-28").AddDays(n); got != want {
			t.Errorf("%d days after 28 February 2024: %s, want %s", n, got, want)
		}
	}
	// A meeting in New York in the evening is of the next day in UTC.
	evening := time.Date(2024, 11, 20, 21, 0, 0, 0, time.FixedZone("EST", -5*3600))
	if got := DateOf(evening); got != "2024-11-21" {
		t.Errorf("DateOf(%v) = %s", evening, got)
	}
}

func TestSwapDayMonth(t *testing.T) {
	for in, want := range map[Date]Date{"1995-09-03": "1995-03-09", "2024-12-01": "2024-01-12", "1995-03-20": "", "": ""} {
		if got, ok := in.SwapDayMonth(); got != want || ok != (want != "") {
			t.Errorf("%q swapped: %q, %t", in, got, ok)
		}
	}
	if _, ok := Date("1995-05-05").SwapDayMonth(); ok {
		t.Error("5 May is no other day when it is swapped")
	}
}

func TestDateInJSON(t *testing.T) {
	for d, want := range map[Date]string{"2024-11-20": `"2024-11-20"`, "": "null"} {
		b, err := json.Marshal(d)
		if err != nil || string(b) != want {
			t.Errorf("%q is written %s, %v", d, b, err)
		}
		back := Date("1946-01-17")
		if err := json.Unmarshal(b, &back); err != nil || back != d {
			t.Errorf("%s is read as %q, %v", b, back, err)
		}
	}
	for _, bad := range []string{`"20/11/2024"`, `"2023-02-29"`, `20241120`} {
		d := Date("1946-01-17")
		if err := json.Unmarshal([]byte(bad), &d); err == nil || d != "" {
			t.Errorf("%s is read as %q, %v", bad, d, err)
		}
	}
}

func TestDateInADatabase(t *testing.T) {
	for _, d := range []Date{"2024-11-20", ""} {
		v, err := d.Value()
		back := Date("1946-01-17")
		if err != nil || back.Scan(v) != nil || back != d {
			t.Errorf("%q goes in as %v, %v and comes out as %q", d, v, err, back)
		}
	}
	d := Date("1946-01-17")
	if err := d.Scan("2024-11-20"); err != nil || d != "2024-11-20" {
		t.Errorf("from text: %q, %v", d, err)
	}
	for _, bad := range []any{"tomorrow", 20241120} {
		if err := d.Scan(bad); err == nil {
			t.Errorf("%v is read as %q", bad, d)
		}
	}
}
