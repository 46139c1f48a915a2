package main

import (
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	t.Setenv("DATABASE_URL", loaded(t))
	if got := cli(t, "import", write(t, "votes.csv", ownHeader+twice)); got.code != 0 {
		t.Fatal(got.stdout, got.stderr)
	}
	for name, symbol := range map[string]string{
		"vetoed":      "S/2024/835",        // a full roll, sponsors as a group, statements
		"procedural":  "S/RES/2623 (2022)", // adopted over the negative vote of a permanent member
		"failed":      "S/2014/916",        // a permanent member against, and no veto
		"tally-only":  "S/PV.45",           // the counts, and who vetoed
		"preliminary": "S/PV.49 (preliminary question)",
		"disputed":    "S/RES/2602 (2021)", // its only account has Tunisia twice: no position is shown as the record's
	} {
		got := cli(t, "show", symbol)
		if got.code != 0 {
			t.Errorf("%s: exit code %d, %s", symbol, got.code, got.stderr)
			continue
		}
		golden(t, "show/"+name+".txt", got.stdout)
	}
}

func TestShowFindsASymbolInAnySpelling(t *testing.T) {
	t.Setenv("DATABASE_URL", loaded(t))
	for want, spellings := range map[string][]string{
		"S/2024/835": {"S/2024/835", "s/2024/835", "S-2024-835", "S/2024/835 ", "S/2024/835 as orally revised"},
		"S/RES/2623 (2022)": {"S/RES/2623 (2022)", "S/RES/2623(2022)", "2623 (2022)", "S-RES-2623-2022", "Resolution 2623 (2022)",
			"S/RES/2623/2022"},
	} {
		for _, s := range spellings {
			// Unquoted in a shell, a symbol with a space is two arguments.
			for _, args := range [][]string{{s}, strings.Fields(s)} {
				got := cli(t, append([]string{"show"}, args...)...)
				if got.code != 0 || !strings.HasPrefix(got.stdout, want) {
					t.Errorf("show %q: exit code %d, %.80s%s", args, got.code, got.stdout, got.stderr)
				}
			}
		}
	}
}

func TestShowOfWhatTheRecordDoesNotHold(t *testing.T) {
	t.Setenv("DATABASE_URL", loaded(t))
	got := cli(t, "show", "S/1999/1")
	if got.code != exitUnknown || got.stderr != "scvotes: resolution S-1999-1: not found\n" || got.stdout != "" {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}
