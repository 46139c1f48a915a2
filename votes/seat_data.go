package votes

// An intake is the members that one General Assembly elected to sit for two
// calendar years from 1 January of Year (Charter, Article 23(2)).
//
// From 1966 each elected seat belongs to one of five groups: General Assembly
// resolution 1991 A (XVIII) of 1963 gives five seats to the African and Asian
// states (three and two in practice), two to Latin America, one to Eastern
// Europe, two to Western Europe and others. Even and odd years take turns.
type intake struct {
	Year                            int
	African, AsiaPacific            string
	LatinAmerican, Eastern, Western string
}

// earlyIntakes sat before the groups; the seats followed a gentlemen's
// agreement of 1946 that knew other groups (the Commonwealth, the Middle East).
var earlyIntakes = map[int]string{
	1946: "AUS BRA POL", 1947: "BEL COL SYR", 1948: "ARG CAN UKR", 1949: "CUB EGY NOR",
	1950: "ECU IND YUG", 1951: "BRA NLD TUR", 1952: "CHL GRC PAK", 1953: "COL DNK LBN",
	1954: "BRA NZL TUR", 1955: "BEL IRN PER", 1956: "AUS CUB", 1957: "COL IRQ SWE",
	1958: "CAN JPN PAN", 1959: "ARG ITA TUN", 1960: "ECU LKA", 1961: "CHL EGY",
	1962: "GHA VEN", 1963: "BRA MAR NOR", 1964: "BOL CIV",
}

var intakes = []intake{
	// Year, African, Asia-Pacific, Latin American and Caribbean, Eastern European, Western European and others
	{1965, "", "JOR", "URY", "", "NLD"},
	{1966, "MLI NGA", "JPN", "ARG", "BGR", ""},
	{1967, "ETH", "IND", "BRA", "", "CAN DNK"},
	{1968, "DZA SEN", "PAK", "PRY", "HUN", ""},
	{1969, "ZMB", "NPL", "COL", "", "ESP FIN"},
	{1970, "BDI SLE", "SYR", "NIC", "POL", ""},
	{1971, "SOM", "JPN", "ARG", "", "BEL ITA"},
	{1972, "GIN SDN", "IND", "PAN", "YUG", ""},
	{1973, "KEN", "IDN", "PER", "", "AUS AUT"},
	{1974, "CMR MRT", "IRQ", "CRI", "BLR", ""},
	{1975, "TZA", "JPN", "GUY", "", "ITA SWE"},
	{1976, "BEN LBY", "PAK", "PAN", "ROU", ""},
	{1977, "MUS", "IND", "VEN", "", "CAN DEU"},
	{1978, "GAB NGA", "KWT", "BOL", "CSK", ""},
	{1979, "ZMB", "BGD", "JAM", "", "NOR PRT"},
	{1980, "NER TUN", "PHL", "", "DDR", ""}, // and Mexico, late
	{1981, "UGA", "JPN", "PAN", "", "ESP IRL"},
	{1982, "COD TGO", "JOR", "GUY", "POL", ""},
	{1983, "ZWE", "PAK", "NIC", "", "MLT NLD"},
	{1984, "BFA EGY", "IND", "PER", "UKR", ""},
	{1985, "MDG", "THA", "TTO", "", "AUS DNK"},
	{1986, "COG GHA", "ARE", "VEN", "BGR", ""},
	{1987, "ZMB", "JPN", "ARG", "", "DEU ITA"},
	{1988, "DZA SEN", "NPL", "BRA", "YUG", ""},
	{1989, "ETH", "MYS", "COL", "", "CAN FIN"},
	{1990, "CIV COD", "", "CUB", "ROU", ""}, // and Democratic Yemen, then Yemen
	{1991, "ZWE", "IND", "ECU", "", "AUT BEL"},
	{1992, "CPV MAR", "JPN", "VEN", "HUN", ""},
	{1993, "DJI", "PAK", "BRA", "", "ESP NZL"},
	{1994, "NGA RWA", "OMN", "ARG", "CZE", ""},
	{1995, "BWA", "IDN", "HND", "", "DEU ITA"},
	{1996, "EGY GNB", "KOR", "CHL", "POL", ""},
	{1997, "KEN", "JPN", "CRI", "", "PRT SWE"},
	{1998, "GAB GMB", "BHR", "BRA", "SVN", ""},
	{1999, "NAM", "MYS", "ARG", "", "CAN NLD"},
	{2000, "MLI TUN", "BGD", "JAM", "UKR", ""},
	{2001, "MUS", "SGP", "COL", "", "IRL NOR"},
	{2002, "CMR GIN", "SYR", "MEX", "BGR", ""},
	{2003, "AGO", "PAK", "CHL", "", "DEU ESP"},
	{2004, "BEN DZA", "PHL", "BRA", "ROU", ""},
	{2005, "TZA", "JPN", "ARG", "", "DNK GRC"},
	{2006, "COG GHA", "QAT", "PER", "SVK", ""},
	{2007, "ZAF", "IDN", "PAN", "", "BEL ITA"},
	{2008, "BFA LBY", "VNM", "CRI", "HRV", ""},
	{2009, "UGA", "JPN", "MEX", "", "AUT TUR"},
	{2010, "GAB NGA", "LBN", "BRA", "BIH", ""},
	{2011, "ZAF", "IND", "COL", "", "DEU PRT"},
	{2012, "MAR TGO", "PAK", "GTM", "AZE", ""},
	{2013, "RWA", "KOR", "ARG", "", "AUS LUX"},
	{2014, "NGA TCD", "JOR", "CHL", "LTU", ""},
	{2015, "AGO", "MYS", "VEN", "", "ESP NZL"},
	{2016, "EGY SEN", "JPN", "URY", "UKR", ""},
	{2017, "ETH", "KAZ", "BOL", "", "SWE"}, // and Italy, sharing with the Netherlands
	{2018, "CIV GNQ", "KWT", "PER", "POL", ""},
	{2019, "ZAF", "IDN", "DOM", "", "BEL DEU"},
	{2020, "NER TUN", "VNM", "VCT", "EST", ""},
	{2021, "KEN", "IND", "MEX", "", "IRL NOR"},
	{2022, "GAB GHA", "ARE", "BRA", "ALB", ""},
	{2023, "MOZ", "JPN", "ECU", "", "CHE MLT"},
	{2024, "DZA SLE", "KOR", "GUY", "SVN", ""},
	{2025, "SOM", "PAK", "PAN", "", "DNK GRC"},
	{2026, "COD LBR", "BHR", "COL", "LVA", ""},
}

// irregularTerms are the stays that are not two calendar years.
var irregularTerms = []Term{
	{Code: "EGY", From: firstMeeting, To: "1946-12-31", Note: "one year: three of the first six elected members sat for one year (Charter, Article 23(2))"},
	{Code: "MEX", From: firstMeeting, To: "1946-12-31", Note: "one year: three of the first six elected members sat for one year (Charter, Article 23(2))"},
	{Code: "NLD", From: firstMeeting, To: "1946-12-31", Note: "one year: three of the first six elected members sat for one year (Charter, Article 23(2))"},

	{Code: "YUG", From: "1956-01-01", To: "1956-12-31", Note: "term shared: Yugoslavia 1956, the Philippines 1957"},
	{Code: "PHL", From: "1957-01-01", To: "1957-12-31", Note: "term shared: Yugoslavia 1956, the Philippines 1957"},
	{Code: "POL", From: "1960-01-01", To: "1960-12-31", Note: "term shared: Poland 1960, Turkey 1961"},
	{Code: "TUR", From: "1961-01-01", To: "1961-12-31", Note: "term shared: Poland 1960, Turkey 1961"},
	{Code: "LBR", From: "1961-01-01", To: "1961-12-31", Note: "term shared: Liberia 1961, Ireland 1962"},
	{Code: "IRL", From: "1962-01-01", To: "1962-12-31", Note: "term shared: Liberia 1961, Ireland 1962"},
	{Code: "ROU", From: "1962-01-01", To: "1962-12-31", Note: "term shared: Romania 1962, the Philippines 1963"},
	{Code: "PHL", From: "1963-01-01", To: "1963-12-31", Note: "term shared: Romania 1962, the Philippines 1963"},
	{Code: "CSK", From: "1964-01-01", To: "1964-12-31", Note: "term shared: Czechoslovakia 1964, Malaysia 1965"},
	{Code: "MYS", From: "1965-01-01", To: "1965-12-31", Note: "term shared: Czechoslovakia 1964, Malaysia 1965"},

	{Code: "NZL", From: "1966-01-01", To: "1966-12-31", Group: WesternEuropeanOthers, Note: "one year: two of the four members added in 1966 sat for one year (Charter, Article 23(2))"},
	{Code: "UGA", From: "1966-01-01", To: "1966-12-31", Group: African, Note: "one year: two of the four members added in 1966 sat for one year (Charter, Article 23(2))"},

	// Cuba and Colombia stood against each other for 154 ballots, into the new
	// year: Mexico was elected on 7 January 1980, in time for the votes of that
	// day. The term is that of 1980-81, so the Council has its 15 seats on the
	// six days before too; the note says that nobody sat in this one.
	{Code: "MEX", From: "1980-01-01", To: "1981-12-31", Group: LatinAmericanCaribbean, Note: "elected on 7 January 1980; nobody sat in the seat from 1 January until then"},

	{Code: "YMD", From: "1990-01-01", To: "1990-05-21", Group: AsiaPacific, Note: "merged with Yemen on 22 May 1990, which sat for the rest of the term"},
	{Code: "YEM", From: "1990-05-22", To: "1991-12-31", Group: AsiaPacific, Note: "the term to which Democratic Yemen was elected"},

	{Code: "ITA", From: "2017-01-01", To: "2017-12-31", Group: WesternEuropeanOthers, Note: "term shared: Italy 2017, the Netherlands 2018"},
	{Code: "NLD", From: "2018-01-01", To: "2018-12-31", Group: WesternEuropeanOthers, Note: "term shared: Italy 2017, the Netherlands 2018"},
}

// permanentTerms are in the order in which Article 23(1) names the members.
var permanentTerms = []Term{
	// General Assembly resolution 2758 (XXVI) was adopted on 25 October 1971;
	// the Council did not meet that day, so no vote hangs on the hour.
	{Code: "CHN", Permanent: true, From: firstMeeting, To: "1971-10-24", Note: "represented by the Republic of China"},
	{Code: "CHN", Permanent: true, From: "1971-10-25", Note: "represented by the People's Republic of China"},
	{Code: "FRA", Permanent: true, From: firstMeeting},
	// President Yeltsin's letter that the Russian Federation continued the
	// membership of the USSR is of 24 December 1991, and took effect at once.
	{Code: "SUN", Permanent: true, From: firstMeeting, To: "1991-12-23", Note: "membership continued by the Russian Federation"},
	{Code: "RUS", Permanent: true, From: "1991-12-24", Note: "continues the membership of the USSR"},
	{Code: "GBR", Permanent: true, From: firstMeeting},
	{Code: "USA", Permanent: true, From: firstMeeting},
}
