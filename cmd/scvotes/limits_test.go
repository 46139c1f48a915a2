package main

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"

	"scvotes/store/pgtest"
)

func TestLimitsAreRead(t *testing.T) {
	t.Setenv("SCVOTES_RATE", "")
	l, connections, err := limitFlags{}.read()
	if err != nil || l.Rate != defaultRate || l.Burst != defaultBurst || len(l.Proxies) > 0 || connections < 1 || connections > defaultConnections {
		t.Errorf("by default %+v, %d connections, %v", l, connections, err)
	}
	t.Setenv("SCVOTES_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1")
	t.Setenv("SCVOTES_RATE", "0.5")
	l, connections, err = limitFlags{burst: "7", connections: "0"}.read()
	var proxies []string
	for _, p := range l.Proxies {
		proxies = append(proxies, p.String())
	}
	if err != nil || l.Rate != 0.5 || l.Burst != 7 || connections != 0 || !slices.Equal(proxies, []string{"10.0.0.0/8", "2001:db8::1/128"}) {
		t.Errorf("%+v, %d connections, %v", l, connections, err)
	}
	for _, f := range []limitFlags{{rate: "many"}, {rate: "-1"}, {rate: "NaN"}, {rate: "Inf"}, {burst: "0"}, {burst: "x"}, {connections: "-1"},
		{proxies: "0.0.0.0/0"}, {proxies: "::/0"}, {proxies: "10.0.0.0/33"}, {proxies: "proxy.example.org"}, {proxies: "fe80::1%eth0"}} {
		if _, _, err := f.read(); exitCode(err) != exitUsage {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

func TestServeAnswersOneClientSoOften(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.New(t))
	address := serveWith(t, "--starter=false", "--rate", "0.001", "--burst", "3")
	var got []int
	for range 4 {
		resp, err := http.Get(address + "/v1/resolutions")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		got = append(got, resp.StatusCode)
	}
	if !slices.Equal(got, []int{200, 200, 200, 429}) {
		t.Errorf("answered with %v", got)
	}
}

// More clients than there may be wait until one goes.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limited(inner, 2)
	defer l.Close()
	served := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(served)
				return
			}
			served <- c
		}
	}()
	var first net.Conn
	for i := range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if at := <-served; i == 0 {
			first = at
		}
	}
	third, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	select {
	case <-served:
		t.Error("a third is served")
	default:
	}
	first.Close()
	if at := <-served; fmt.Sprint(at.RemoteAddr()) != fmt.Sprint(third.LocalAddr()) {
		t.Errorf("%v is served, not the one that waited", at.RemoteAddr())
	}
}
