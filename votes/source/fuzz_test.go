package source

import (
	"errors"
	"testing"

	"scvotes/votes"
)

// FuzzRead holds what is true of any bytes at all: no panic, rows that add up
// (see read), and no error but those that Read names.
func FuzzRead(f *testing.F) {
	f.Add(sheetHeader+sheetRows("1", "S/2024/835", "Yes Algeria", "No United States"), "", false)
	f.Add(sheetHeader+sheetRows("1", "S/2024/835", "Q Atlantis")+"1,\"", "", false)
	f.Add(undlVote("1970-06-24", "RUS,USSR,N", "FRA,FRANCE,X"), "", true)
	f.Add(ownHeader+"S/552 (preliminary question),,S/PV.303,24/05/1948,,maybe,,,,,E10;P5,all,,,,,8-2-1,SUN,,\n", "", false)
	f.Add("draft,resolution,speaker,for,kind,date,text\nS/1,,A,B,reaction,,T\n\n,,,,,,\n", "", true)
	f.Add(outcomesHeader+row57("8-2-1", "S/PV.57 (Ireland) 8-2-1 S/PV.57")+",,,\n"+row57("x", "")+",S/PV.57,S/PV.57,,,,\n", "", false)
	f.Add(vetoListHeader+"3-4 May 1947,1947-05-04,S/PV.49,S/1;S/2,Application for Membership Italy,UK and USA\nx\n", "", true)
	f.Add(dppaHeader+"1,2024-11-20T00:00,S/2024/835,9790.0,,,2,0,1,0,1,,,\n", "", false)
	f.Add("draft,date,tally\rS/1,\xe9\x00,\"\r\n", "latin1", false)
	f.Add("\xff\xfe\x00", "", false)
	f.Fuzz(func(t *testing.T, text, encoding string, gather bool) {
		list, report, err := read(t, text, Options{Encoding: encoding, Gather: gather})
		if err != nil && !errors.Is(err, votes.ErrInvalid) && (gather || !errors.Is(err, ErrScattered)) {
			t.Fatalf("error %v", err)
		}
		for _, p := range report.Problems {
			if p.Message == "" || p.Kind == "" || p.Severity == "" {
				t.Errorf("an empty problem: %+v", p)
			}
		}
		for _, a := range list {
			if a.Line < 2 || a.Rows < 1 {
				t.Errorf("line %d, %d rows", a.Line, a.Rows)
			}
			for _, p := range a.Problems {
				if p.Line < 2 {
					t.Errorf("a problem without its line: %+v", p)
				}
			}
		}
	})
}
