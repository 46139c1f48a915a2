package main

import "fmt"

// goal is a figure that the project has set itself, and what was reached.
type goal struct {
	What    string
	Reached spread
	Unit    string
	Least   float64 // what it has to reach; 0 where Most holds
	Most    float64 // what it has to stay under
	Missing bool    // one side of it was not measured
}

func (g goal) met() bool {
	if g.Least > 0 {
		return g.Reached.Median >= g.Least
	}
	return g.Reached.Median < g.Most
}

// Megabytes as programs print them.
const megabyte = 1 << 20

// goals are the targets, each with what this run gave.
func (r report) goals() []goal {
	byName := map[string]result{}
	for _, x := range r.Results {
		byName[x.Name] = x
	}
	var list []goal
	times := func(what, a, b string, least float64) {
		reached, ok := ratio(byName[a], byName[b])
		list = append(list, goal{What: what, Reached: reached, Unit: "x", Least: least, Missing: !ok})
	}
	times("warm single record / Echo serving the same bytes from memory", keyWarm, keyEchoRecord, 0.9)
	times("cold single record / pgbench on the same statement", keyCold, keyBench, 0.5)
	peer, name := keyPeer, "the fastest peer"
	if p, ok := fastestPeer(r.Results); ok {
		peer, name = p.Name, "the fastest peer, "+p.Name[len(keyPeer):]
	}
	times("warm single record / "+name, keyWarm, peer, 25)
	times("cold single record / "+name, keyCold, peer, 5)
	times("cold list of 50 / cold single record", keyColdList, keyCold, 0.5)
	times("the same, any of 160 lists / any of all records", keyColdLists, keyColdAny, 0.5)
	times("warm 304 / warm single record", keyWarmKnown, keyWarm, 1)
	times("cold 304 / cold single record", keyColdKnown, keyCold, 1)
	for _, late := range []struct {
		name string
		most float64
	}{{keyWarm, 6}, {keyWarmList, 6}, {keyWarm + byOneThread, 6}, {keyWarmList + byOneThread, 6}, {keyCold, 10}, {keyColdAny, 10}, {keyColdList, 10}, {keyColdLists, 10}} {
		x := byName[late.name]
		list = append(list, goal{What: "p99, " + late.name, Reached: x.p99(), Unit: " ms", Most: late.most, Missing: !x.sound()})
	}
	for _, u := range r.Memory {
		if u.Server == serverWarm {
			mb := float64(u.Resident) / megabyte
			list = append(list, goal{What: "memory after the run, whole record served", Reached: spread{mb, mb, mb}, Unit: " MB", Most: 100})
		}
	}
	return list
}

func (g goal) target() string {
	if g.Least > 0 {
		return fmt.Sprintf("at least %s", g.number(g.Least))
	}
	return fmt.Sprintf("under %s", g.number(g.Most))
}

// number prints few digits: the machine gives no more.
func (g goal) number(n float64) string {
	if n >= 10 {
		return fmt.Sprintf("%.0f%s", n, g.Unit)
	}
	return fmt.Sprintf("%.2f%s", n, g.Unit)
}

func (g goal) reached() string {
	switch {
	case g.Missing:
		return "not measured"
	case g.Reached.Min == g.Reached.Max:
		return g.number(g.Reached.Median)
	}
	return fmt.Sprintf("%s (%s-%s)", g.number(g.Reached.Median), goal{}.number(g.Reached.Min), goal{}.number(g.Reached.Max))
}

func (g goal) verdict() string {
	switch {
	case g.Missing:
		return ""
	case g.met():
		return "reached"
	}
	return "**missed**"
}
