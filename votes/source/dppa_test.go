package source

import (
	"testing"

	"scvotes/votes"

	"github.com/google/go-cmp/cmp"
)

const dppaHeader = "id,date,draft_res#,record,agenda,short_agenda,#_of_pms,china,russian_federation_ussr,france,united_states,united_kingdom,url_for_res#,last_update\n"

func TestDPPA(t *testing.T) {
	list, report, err := read(t, dppaHeader+
		"321,2024-11-20,S/2024/835,9790.0,\"The situation in the Middle East, including the Palestinian question\",Middle East,1.0,0.0,0.0,0.0,1.0,0.0,https://undocs.org/S/2024/835,2024-11-21\n"+
		"300,26 May 2022,S/2022/431,S/PV.9048,Non-proliferation - Democratic People's Republic of Korea,DPRK,2,1,1,,,,,\n"+
		"256,2020-07-10T00:00:00.000Z,S/2020/667,S/2020/693; S/2020/681,The situation in the Middle East,Syria,2,1,1,0,0,0,,\n"+
		"60,30 October 1956,S/3710  (as amended),749,The Palestine question,Suez,2,0,0,1,0,1,,\n"+
		"4,1946-06-26 00:00:00,S/PV.49,49,The Spanish question,Spain,1,0,1,0,0,0,,\n"+
		"3,1946-06-26,S/PV.49,49,The Spanish question preliminary question,Spain,2,0,1,1,0,0,,\n"+
		"2,1946-06-26,S/PV.49,49,The Spanish question,Spain,1,0,1,0,0,0,,\n", Options{})
	if err != nil || report.Format != "dppa-vetoes" || report.Accounts != 7 {
		t.Fatal(err, report)
	}
	if diff := cmp.Diff(numbered(map[string][]int{"S/PV.49": {8, 6}}, "draft_res#"), sorted(told(list, report))); diff != "" {
		t.Error(diff)
	}
	type vote struct {
		Key, ID, Meeting, Date string
		By                     []votes.Code
	}
	var got []vote
	for _, a := range list {
		got = append(got, vote{a.Key, votes.ID("", a.Draft, a.Part, ""), string(a.Meeting), string(a.Date), a.VetoedBy})
	}
	if diff := cmp.Diff([]vote{
		{"321", "S-2024-835", "S/PV.9790", "2024-11-20", []votes.Code{"USA"}},
		{"300", "S-2022-431", "S/PV.9048", "2022-05-26", []votes.Code{"CHN", "RUS"}},
		{"256", "S-2020-667", "", "2020-07-10", []votes.Code{"CHN", "RUS"}},
		{"60", "S-3710", "S/PV.749", "1956-10-30", []votes.Code{"FRA", "GBR"}},
		{"4", "S-PV.49-proposal-2", "S/PV.49", "1946-06-26", []votes.Code{"SUN"}},
		{"3", "S-PV.49-preliminary-question", "S/PV.49", "1946-06-26", []votes.Code{"SUN", "FRA"}},
		{"2", "S-PV.49-proposal-1", "S/PV.49", "1946-06-26", []votes.Code{"SUN"}},
	}, got); diff != "" {
		t.Error(diff)
	}
	a := list[0]
	switch {
	case a.Stated != votes.StatedVetoed || a.Tally != nil || a.Source.Name != "UN Peace and Security Data Hub" || a.Source.Edition != "":
		t.Errorf("%+v", *a)
	case a.Topic != "Middle East" || a.AgendaItem != "The situation in the Middle East, including the Palestinian question":
		t.Errorf("%q, %q", a.Topic, a.AgendaItem)
	case a.Source.URL != "https://undocs.org/S/2024/835" || a.Printed["last_update"] != "2024-11-21":
		t.Errorf("%q, %v", a.Source.URL, a.Printed)
	}
}

func TestDPPADays(t *testing.T) {
	for printed, want := range map[string]votes.Date{
		"2024-11-20": "2024-11-20", "2024-11-20T00:00": "2024-11-20", "2024-11-20 00:00:00": "2024-11-20",
		"2024-11-20T00:00:00.000Z": "2024-11-20", "2024-11-20T00:00:00-05:00": "2024-11-20", "20 Nov 2024": "2024-11-20", "05 November 2024": "2024-11-05",
		"2024-11-20T05:00:00Z": "", "20/11/2024": "", "05/06/2024": "", "November 2024": "", "3-4 December 1960": "", "2024-02-30": "", "45616": "",
	} {
		list, _, err := read(t, dppaHeader+"1,"+printed+",S/2024/835,9790,,,1,0,0,0,1,0,,\n", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a := list[0]; a.Date != want || (want == "") != a.Refused() {
			t.Errorf("%s read as %q, problems %v", printed, a.Date, a.Problems)
		}
	}
}

func TestDPPAProblems(t *testing.T) {
	named := "id,date,draft_res#,china,russian_federation_ussr,france,united_states,united_kingdom,permanent_members_casting_negative_vote\n"
	tests := []struct {
		name, text string
		want       []string
	}{
		{"the count is off", dppaHeader + "1,2024-11-20,S/2024/835,9790,,,2,0,0,0,1,0,,\n",
			[]string{"noted value: f.csv: line 2, column #_of_pms: counts 2 permanent members, marks 1"}},
		{"the count is none", dppaHeader + "1,2024-11-20,S/2024/835,9790,,,one,0,0,0,1,0,,\n",
			[]string{`refused value: f.csv: line 2, column #_of_pms: "one" is not a number`}},
		{"nobody", dppaHeader + "1,2024-11-20,S/2024/835,9790,,,0,0,0,0,,,,\n",
			[]string{"refused value: f.csv: line 2: no permanent member is marked"}},
		{"marks that are none", dppaHeader + "1,2024-11-20,S/2024/835,9790,,,1,no,2,0,1,0,,\n", []string{
			`refused value: f.csv: line 2, column china: "no" is neither 1 (vetoed) nor 0`,
			`refused value: f.csv: line 2, column russian_federation_ussr: "2" is neither 1 (vetoed) nor 0`}},
		{"a day that can be read in two ways", dppaHeader + "1,05/06/2024,S/2024/835,9790,,,1,0,0,0,1,0,,\n",
			[]string{`refused date: f.csv: line 2, column date: "05/06/2024" is not a day that can be read in one way only (2024-11-20, 20 November 2024)`}},
		{"neither day nor draft", dppaHeader + "1,,,9790,,,1,0,0,0,1,0,,\n", []string{
			"refused date: f.csv: line 2, column date: the day of the vote is missing",
			"refused symbol: f.csv: line 2, column draft_res#: the draft's symbol is missing"}},
		{"one id twice", dppaHeader + "1,2024-11-20,S/2024/835,9790,,,1,0,0,0,1,0,,\n1,2022-05-26,S/2022/431,9048,,,2,1,1,,,,,\n",
			[]string{"refused duplicate: f.csv: line 3: the vote 1 stands on line 2 already"}},
		{"a row copied under another id", dppaHeader + "2,2024-11-20,S/2024/835,9790,,,1,0,0,0,1,0,,\n1,2024-11-20,S/2024/835,9790,,,1,0,0,0,1,0,,\n",
			[]string{"refused duplicate: f.csv: line 2, column draft_res#: the same vote stands on line 3 already"}},
		{"names and marks agree", named + "1,2022-05-26,S/2022/431,1,1,0,0,0,Russian Federation; China\n", nil},
		{"names and marks contradict each other", named + "1,2022-05-26,S/2022/431,1,0,0,0,1,Russian Federation; China\n",
			[]string{"serious conflict: f.csv: line 2, column permanent_members_casting_negative_vote: names 2 (China, Russian Federation), marks 2 (China, United Kingdom)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, report, err := read(t, tt.text, Options{File: "f.csv"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, told(list, report)); diff != "" {
				t.Error(diff)
			}
		})
	}
	// Without an id the key is made of what names the vote.
	if a := one(t, named+",2022-05-26,S/2022/431,1,1,0,0,0,\n"); a.Key != "2022-05-26||S/2022/431|1" || len(a.Problems) > 0 {
		t.Errorf("%+v", *a)
	}
}
