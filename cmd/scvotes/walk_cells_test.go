package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// cellOf is what a column of a CSV has to hold of a row of the JSON. It is
// written anew here: the server's own tables are what it checks.
func cellOf(row, around map[string]any, column string) (string, bool) {
	if of, ok := otherwise[column]; ok {
		if cell, ok := of(row); ok {
			return cell, true
		}
	}
	for _, from := range []any{row, row["tally"], row["positions"], row["votes"], around} {
		object, _ := from.(map[string]any)
		if v, ok := object[column]; ok {
			return cellText(v, func(item any) string { return fmt.Sprint(item) })
		}
	}
	// Of a tally that is not known every column is empty.
	tally, ok := row["tally"]
	return "", ok && tally == nil
}

// otherwise are the columns that the JSON has in another shape.
var otherwise = map[string]func(row map[string]any) (string, bool){
	"id": func(row map[string]any) (string, bool) {
		v, ok := row["resolution"].(string)
		return v, ok && row["id"] == nil
	},
	"tally":    tallyCell,
	"margin":   marginCell,
	"sponsors": listCell("sponsors", func(s map[string]any) string { return orName(s["code"], s["name"]) }),
	"votes":    listCell("votes", func(v map[string]any) string { return fmt.Sprint(v["code"], ":", v["position"]) }),
	"discrepancies": func(row map[string]any) (string, bool) {
		return countIn(row, func(map[string]any) bool { return true })
	},
	"serious_open":   func(row map[string]any) (string, bool) { return countIn(row, isSeriousOpen) },
	"draft_url":      linkCell("draft"),
	"resolution_url": linkCell("resolution"),
	"meeting_url":    linkCell("meeting"),
	"terms":          listCell("terms", daysOf),
	"names":          listCell("names", func(n map[string]any) string { return fmt.Sprintf("%s (%s)", n["name"], daysOf(n)) }),
	"sides":          listCell("sides", sideText),
}

func tallyCell(row map[string]any) (string, bool) {
	tally, ok := row["tally"].(map[string]any)
	if !ok {
		return "", row["tally"] == nil
	}
	text := fmt.Sprintf("%s-%s-%s", tally["yes"], tally["no"], tally["abstain"])
	if out := tally["not_voting"].(json.Number); out != "0" {
		text += "-" + string(out)
	}
	return text, true
}

func marginCell(row map[string]any) (string, bool) {
	tally, ok := row["tally"].(map[string]any)
	if !ok {
		return "", row["tally"] == nil
	}
	yes, _ := tally["yes"].(json.Number).Int64()
	required, _ := tally["required"].(json.Number).Int64()
	return strconv.FormatInt(yes-required, 10), true
}

// listCell joins what the objects of a list are in a cell.
func listCell(field string, text func(map[string]any) string) func(row map[string]any) (string, bool) {
	return func(row map[string]any) (string, bool) {
		if _, ok := row[field].([]any); !ok {
			return "", false
		}
		return cellText(row[field], func(item any) string { return text(item.(map[string]any)) })
	}
}

func cellText(v any, item func(any) string) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case []any:
		items := make([]string, len(v))
		for i := range v {
			items[i] = strings.ReplaceAll(item(v[i]), ";", ",")
		}
		return strings.Join(items, ";"), true
	case map[string]any:
		return "", false
	}
	return fmt.Sprint(v), true
}

func orName(code, name any) string {
	if s, _ := code.(string); s != "" {
		return s
	}
	return fmt.Sprint(name)
}

func countIn(row map[string]any, counts func(map[string]any) bool) (string, bool) {
	list, ok := row["discrepancies"].([]any)
	n := 0
	for _, d := range list {
		if counts(d.(map[string]any)) {
			n++
		}
	}
	return strconv.Itoa(n), ok
}

func isSeriousOpen(d map[string]any) bool { return d["severity"] == "serious" && d["state"] == "open" }

func linkCell(name string) func(row map[string]any) (string, bool) {
	return func(row map[string]any) (string, bool) {
		links, ok := row["links"].(map[string]any)
		address, _ := links[name].(string)
		return address, ok
	}
}

func daysOf(span map[string]any) string {
	day := func(v any) string {
		if v == nil {
			return ".."
		}
		return fmt.Sprint(v)
	}
	return day(span["from"]) + "/" + day(span["to"])
}

func sideText(s map[string]any) string {
	text := fmt.Sprint(s["source"])
	if s["edition"] != "" {
		text += fmt.Sprintf(" (%s)", s["edition"])
	}
	if s["line"] != json.Number("0") {
		text += fmt.Sprintf(", line %s", s["line"])
	}
	return text + ": " + fmt.Sprint(s["says"])
}
