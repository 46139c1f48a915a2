package votes

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day written YYYY-MM-DD, the day the meeting was held.
// The empty Date means that no day is known. Dates compare with < and ==,
// which is why the type is text: the order of the letters is the order of days.
type Date string

const isoDay = "2006-01-02"

// MakeDate returns the day of year, month and day, or an error if there is no such day.
func MakeDate(year, month, day int) (Date, error) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || year < 1 || year > 9999 {
		return "", fmt.Errorf("there is no day %04d-%02d-%02d", year, month, day)
	}
	return Date(t.Format(isoDay)), nil
}

// ParseDate reads YYYY-MM-DD and nothing else: a reader of a source that
// prints its dates in another order turns them with MakeDate, knowingly.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(isoDay, strings.TrimSpace(s))
	if err != nil || t.Year() < 1 {
		return "", fmt.Errorf("%s is not a date (YYYY-MM-DD)", Quote(s))
	}
	return Date(t.Format(isoDay)), nil
}

// DateOf returns the day of t in UTC.
func DateOf(t time.Time) Date { return Date(t.UTC().Format(isoDay)) }

// Time returns midnight UTC of d; the zero time for the empty Date.
func (d Date) Time() time.Time {
	t, err := time.Parse(isoDay, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Year returns the calendar year of d, 0 for the empty Date.
func (d Date) Year() int { return d.Time().Year() * boolToInt(d != "") }

// AddDays returns the day n days after d (before it when n is negative).
func (d Date) AddDays(n int) Date {
	if d == "" {
		return ""
	}
	return DateOf(d.Time().AddDate(0, 0, n))
}

// SwapDayMonth returns the day that d would be if its day and month had been
// printed in each other's place, and false when there is no other such day.
func (d Date) SwapDayMonth() (Date, bool) {
	if d == "" {
		return "", false
	}
	t := d.Time()
	s, err := MakeDate(t.Year(), t.Day(), int(t.Month()))
	return s, err == nil && s != d
}

func (d Date) String() string { return string(d) }

// MarshalJSON writes the unknown day as null.
func (d Date) MarshalJSON() ([]byte, error) { return nullIfEmpty(string(d)) }

// UnmarshalJSON reads a day or null.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil || s == "" {
		*d = ""
		return err
	}
	v, err := ParseDate(s)
	*d = v
	return err
}

// Value lets a database driver store the day as a date, the unknown day as null.
func (d Date) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil
	}
	return d.Time(), nil
}

// Scan reads the day from a database driver.
func (d *Date) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*d = ""
	case time.Time:
		*d = DateOf(v)
	case string:
		p, err := ParseDate(v)
		if err != nil {
			return err
		}
		*d = p
	default:
		return fmt.Errorf("cannot read a date from %T", v)
	}
	return nil
}

func nullIfEmpty(s string) ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	if plain(s) { // nearly all are, and there are thirty to a resolution
		return appendText(nil, s), nil
	}
	return json.Marshal(s)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
