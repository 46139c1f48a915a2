package chart
import ("testing";"os";"fmt";"strings";"html";"scvotes/votes";"time")
func TestPreview(t *testing.T) {
	var b strings.Builder
	add := func(name string, f func(o Options) Picture, o Options) {
		o.IDPrefix = fmt.Sprint("x", b.Len())
		s := time.Now()
		v := f(o)
		svg := v.SVG()
		fmt.Printf("%-40s %4.0fx%4.0f %6d bytes %v\n", name, v.Width, v.Height, len(svg), time.Since(s))
		fmt.Fprintf(&b, "<p>%s</p>%s", html.EscapeString(name), svg)
	}
	hs := func(r votes.Resolution) func(o Options) Picture { return func(o Options) Picture { return Horseshoe(r, o) } }
	gaza := find(t, "S-2024-835")
	part := os.Getenv("PART")
	switch part {
	case "1":
	add("h 640", hs(gaza), Options{Width:640})
	add("h 640 alone", hs(gaza), Options{Width:640, Standalone:true, Theme: Theme(os.Getenv("TH"))})
	add("h 360", hs(gaza), Options{Width:360})
	add("h 280", hs(gaza), Options{Width:280})
	add("h 160", hs(gaza), Options{Width:160})
	case "2":
	add("triple", hs(first(t,"3", func(r votes.Resolution) bool { return len(r.VetoedBy)==3})), Options{Width:480})
	add("tallyonly", hs(first(t,"3", func(r votes.Resolution) bool { return r.RollCall==votes.RollTallyOnly && len(r.VetoedBy)>0})), Options{Width:480})
	add("failed", hs(find(t,"S-2014-916")), Options{Width:480})
	add("unan", hs(first(t,"u", func(r votes.Resolution) bool { return r.AdoptedBy==votes.ByUnanimity})), Options{Width:480})
	c,_ := votes.CouncilOn("1950-06-25")
	add("council", func(o Options) Picture { return Council(c,o)}, Options{Width:480})
	gaza.RollCall=votes.RollDisputed; gaza.Detail=nil
	add("disputed", hs(gaza), Options{Width:320})
	case "3":
	for _, w := range []int{640,320,160} { for _, r := range []votes.Resolution{gaza, find(t,"S-2014-916")} {
	add("tally", func(o Options) Picture { return TallyBar(*r.Tally, r.VetoedBy, o)}, Options{Width:w}) } }
	for _, w := range []int{1000,640,320,160} { add("vetoes", func(o Options) Picture { return Vetoes(vetoSeries(t), o)}, Options{Width:w}) }
	add("vetoes", func(o Options) Picture { return Vetoes(vetoSeries(t), o)}, Options{Width:640, Standalone:true})
	case "4":
	m := memberRecord(t, "USA")
	for _, w := range []int{640,320} { add("pos", func(o Options) Picture { return Positions("United States", m.Years, o)}, Options{Width:w}) }
	m2 := memberRecord(t, "JPN")
	add("pos", func(o Options) Picture { return Positions("Japan", m2.Years, o)}, Options{Width:640})
	for _, w := range []int{640,320} { add("trend", func(o Options) Picture { return Trend("How often they agreed", trend(), o)}, Options{Width:w}) }
	add("terms", func(o Options) Picture { return Terms("Japan", votes.TermsOf("JPN"), "2026-11-23", o)}, Options{Width:640})
	add("terms", func(o Options) Picture { return Terms("Japan", votes.TermsOf("JPN"), "2026-11-23", o)}, Options{Width:320})
	case "5":
	a := agreement(t, "2024-01-01")
	href := func(a, b votes.Code) string { return "/agreement/"+string(a)+"/"+string(b)+"?x=1&y=2" }
	add("heat", func(o Options) Picture { return Heat(a, href, o)}, Options{Width:900})
	add("heat", func(o Options) Picture { return Heat(a, href, o)}, Options{Width:360})
	a2 := votes.NewAgreement(votes.AgreementOptions{Members: mustSet("P5")})
	for _, r := range record(t) { a2.Add(votes.EventOf(&r)) }
	r5 := a2.Result()
	add("heat5", func(o Options) Picture { return Heat(r5, nil, o)}, Options{Width:480, Standalone: true})
	add("heat5", func(o Options) Picture { return Heat(r5, nil, o)}, Options{Width:160})
	case "6":
	add("tl", func(o Options) Picture { return Timeline(votes.Terms(), "2026-11-23", ByRegion, o)}, Options{Width:900})
	case "7":
	add("tl", func(o Options) Picture { return Timeline(votes.Terms(), "2026-11-23", ByName, o)}, Options{Width:360})
	case "8":
	for _, r := range record(t)[len(record(t))-40:] { fmt.Fprintf(&b, "%s %s", r.ID, Small(r).SVG()) }
	for _, r := range record(t)[:20] { fmt.Fprintf(&b, "%s %s", r.ID, Small(r).SVG()) }
	fmt.Println(len(Small(gaza).SVG()))
	case "9":
	add("card", func(o Options) Picture { return ResolutionCard(gaza,o)}, Options{})
	add("card", func(o Options) Picture { return Card(CardText{"Vetoes","Vetoes in the Security Council since 1946","Who cast them, and against what","293","vetoes cast"},o)}, Options{})
	s := time.Now()
	for i := 0; i < 10; i++ { ResolutionCard(gaza,Options{}).PNG(1200) }
	fmt.Println("png ms", time.Since(s)/10)
	for n, p := range map[string]Picture{"card": ResolutionCard(gaza,Options{}), "cardd": Card(CardText{"Vetoes","Vetoes in the Security Council since 1946","Who cast them, and against what","293","vetoes cast"},Options{Theme:Dark}), "vetoes": Vetoes(vetoSeries(t), Options{Width:640, Standalone:true}),"heat":Heat(agreement(t,"2024-01-01"), nil, Options{Width:900,Theme:Dark})} {
		s := time.Now()
		png, err := p.PNG(1200); if err != nil { t.Fatal(err) }
		fmt.Println(n, len(png), time.Since(s))
		os.WriteFile("/tmp/p1_"+n+".png", png, 0o644)
	}
	}
	css, _ := os.ReadFile("../pages/style.css")
	os.WriteFile("/tmp/p1.html", []byte("<!doctype html><meta charset=utf-8><style>"+string(css)+os.Getenv("DARKCSS")+" body{padding:10px} svg{outline:1px dotted #8884;margin:2px;vertical-align:top}</style>"+b.String()), 0o644)
}
func mustSet(s string) votes.MemberSet { m, f := votes.ParseMembers([]string{s}); if len(f) > 0 { panic(f) }; return m }
