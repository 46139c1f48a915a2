package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"

	"scvotes/api"
)

const (
	defaultRate        = 50.0
	defaultBurst       = 200
	defaultConnections = 16384
	// ownFiles are kept for the database, and for all else that is no client.
	ownFiles = 256
)

// limitFlags are the settings of what one client, and all together, may ask for.
type limitFlags struct{ rate, burst, proxies, connections string }

func (f *limitFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.rate, "rate", "", fmt.Sprintf("requests a second that one client is answered, 0 for any number (SCVOTES_RATE, %v)", defaultRate))
	c.Flags().StringVar(&f.burst, "burst", "", fmt.Sprintf("requests at once that one client is answered (SCVOTES_BURST, %d)", defaultBurst))
	c.Flags().StringVar(&f.proxies, "trusted-proxies", "", "networks of the proxies in front, apart by commas: X-Forwarded-For counts through these alone (SCVOTES_TRUSTED_PROXIES)")
	c.Flags().StringVar(&f.connections, "max-connections", "", fmt.Sprintf("connections of clients at a time, 0 for any number (SCVOTES_MAX_CONNECTIONS, %d or what the system allows)", defaultConnections))
}

// read reads them, from the environment where there is no flag.
func (f limitFlags) read() (l api.Limits, connections int, err error) {
	var faults []error
	rate := orEnv(f.rate, "SCVOTES_RATE", fmt.Sprint(defaultRate))
	if l.Rate, err = strconv.ParseFloat(rate, 64); err != nil || !(l.Rate >= 0 && l.Rate <= 1e6) {
		faults = append(faults, fmt.Errorf("--rate %q: not a number of requests a second, as 50 or 0.5", rate))
	}
	burst := orEnv(f.burst, "SCVOTES_BURST", fmt.Sprint(defaultBurst))
	if l.Burst, err = strconv.Atoi(burst); err != nil || l.Burst < 1 {
		faults = append(faults, fmt.Errorf("--burst %q: not a number of requests, at least 1", burst))
	}
	for _, text := range strings.FieldsFunc(orEnv(f.proxies, "SCVOTES_TRUSTED_PROXIES", ""), func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := readNetwork(text)
		if err != nil {
			faults = append(faults, err)
		}
		l.Proxies = append(l.Proxies, network)
	}
	most := orEnv(f.connections, "SCVOTES_MAX_CONNECTIONS", fmt.Sprint(min(defaultConnections, max(filesAllowed()-ownFiles, 1))))
	if connections, err = strconv.Atoi(most); err != nil || connections < 0 {
		faults = append(faults, fmt.Errorf("--max-connections %q: not a number of connections", most))
	}
	if len(faults) > 0 {
		return l, 0, usageError{errors.Join(faults...)}
	}
	return l, connections, nil
}

// readNetwork reads 10.0.0.0/8, or one address.
func readNetwork(text string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil || network.Bits() == 0 {
		return netip.Prefix{}, fmt.Errorf("--trusted-proxies %q: not a network, as 10.0.0.0/8 or 192.0.2.1", text)
	}
	return network, nil
}

// limited lets no more clients in at a time: the others wait until one goes.
func limited(l net.Listener, connections int) net.Listener {
	if connections == 0 {
		return l
	}
	return netutil.LimitListener(l, connections)
}
