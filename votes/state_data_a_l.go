package votes

// The tables below hold facts from the UN's list of member states and from the
// historical notes of its Treaty Collection, which say on what day each change
// of name took effect. Short names are those of the UN's voting records, but
// for "United Kingdom" and "United States", "USSR" and the two Soviet
// republics with "SSR", and "Netherlands", which sources and readers use.
// A spelling is an alias where it is right in its way; misspellings are not,
// so that they are reported.

// named builds the names of a state: a name, the first day of the next name,
// that name, and so on.
func named(first string, changes ...string) []Named {
	names := []Named{{Name: first}}
	for i := 0; i+1 < len(changes); i += 2 {
		day := Date(changes[i])
		names[len(names)-1].To = day.AddDays(-1)
		names = append(names, Named{Name: changes[i+1], From: day})
	}
	return names
}

var statesAToL = []State{
	{"AFG", named("Afghanistan"), []string{"Islamic Republic of Afghanistan", "Islamic Emirate of Afghanistan"}, ""},
	{"AGO", named("Angola"), []string{"Republic of Angola", "People's Republic of Angola"}, ""},
	{"ALB", named("Albania"), []string{"Republic of Albania", "People's Socialist Republic of Albania"}, ""},
	{"AND", named("Andorra"), []string{"Principality of Andorra"}, ""},
	{"ARE", named("United Arab Emirates"), []string{"UAE", "Emirates"}, ""},
	{"ARG", named("Argentina"), []string{"Argentine Republic"}, ""},
	{"ARM", named("Armenia"), []string{"Republic of Armenia"}, ""},
	{"ATG", named("Antigua and Barbuda"), nil, ""},
	{"AUS", named("Australia"), []string{"Commonwealth of Australia"}, ""},
	{"AUT", named("Austria"), []string{"Republic of Austria"}, ""},
	{"AZE", named("Azerbaijan"), []string{"Republic of Azerbaijan", "Azerbaijani Republic"}, ""},
	{"BDI", named("Burundi"), []string{"Republic of Burundi"}, ""},
	{"BEL", named("Belgium"), []string{"Kingdom of Belgium"}, ""},
	{"BEN", named("Dahomey", "1975-12-02", "Benin"), []string{"Republic of Benin", "People's Republic of Benin", "DHY"}, ""},
	{"BFA", named("Upper Volta", "1984-08-04", "Burkina Faso"), []string{"Republic of Upper Volta", "Burkina", "HVO"}, ""},
	{"BGD", named("Bangladesh"), []string{"People's Republic of Bangladesh"}, ""},
	{"BGR", named("Bulgaria"), []string{"Republic of Bulgaria", "People's Republic of Bulgaria"}, ""},
	{"BHR", named("Bahrain"), []string{"Kingdom of Bahrain", "State of Bahrain"}, ""},
	{"BHS", named("Bahamas"), []string{"Commonwealth of the Bahamas"}, ""},
	{"BIH", named("Bosnia and Herzegovina"), []string{"Bosnia-Herzegovina", "Republic of Bosnia and Herzegovina"}, ""},
	{"BLR", named("Byelorussian SSR", "1991-09-19", "Belarus"), []string{"Republic of Belarus", "Byelorussian Soviet Socialist Republic", "Byelorussia", "BYS"}, ""},
	{"BLZ", named("Belize"), nil, ""},
	{"BOL", named("Bolivia", "2009-04-09", "Bolivia (Plurinational State of)"), []string{"Plurinational State of Bolivia", "Republic of Bolivia"}, ""},
	{"BRA", named("Brazil"), []string{"Federative Republic of Brazil", "United States of Brazil"}, ""},
	{"BRB", named("Barbados"), nil, ""},
	{"BRN", named("Brunei Darussalam"), []string{"Brunei"}, ""},
	{"BTN", named("Bhutan"), []string{"Kingdom of Bhutan"}, ""},
	{"BWA", named("Botswana"), []string{"Republic of Botswana"}, ""},
	{"CAF", named("Central African Republic", "1976-12-20", "Central African Empire", "1979-09-20", "Central African Republic"), nil, ""},
	{"CAN", named("Canada"), nil, ""},
	{"CHE", named("Switzerland"), []string{"Swiss Confederation"}, ""},
	{"CHL", named("Chile"), []string{"Republic of Chile"}, ""},
	// One seat and one member throughout, whoever represented it: the UN's own
	// files code the votes of the Republic of China CHN too.
	{"CHN", named("China"), []string{"People's Republic of China", "PRC", "Republic of China", "Republic of China (Taiwan)", "TWN"}, ""},
	{"CIV", named("Ivory Coast", "1986-01-01", "Côte d'Ivoire"), []string{"Republic of Côte d'Ivoire", "Republic of the Ivory Coast"}, ""},
	{"CMR", named("Cameroon", "1975-03-10", "United Republic of Cameroon", "1984-02-04", "Cameroon"), []string{"Republic of Cameroon", "Cameroun"}, ""},
	{"COD", named("Congo (Leopoldville)", "1964-08-01", "Democratic Republic of the Congo", "1971-10-27", "Zaire", "1997-05-17", "Democratic Republic of the Congo"),
		[]string{"Democratic Republic of Congo", "DR Congo", "DRC", "Republic of Zaire", "Congo (Kinshasa)", "ZAR"}, ""},
	{"COG", named("Congo (Brazzaville)", "1971-11-15", "Congo"), []string{"Republic of the Congo", "People's Republic of the Congo"}, ""},
	{"COL", named("Colombia"), []string{"Republic of Colombia"}, ""},
	{"COM", named("Comoros"), []string{"Union of the Comoros", "Islamic Federal Republic of the Comoros"}, ""},
	{"CPV", named("Cape Verde", "2013-10-25", "Cabo Verde"), []string{"Republic of Cabo Verde", "Republic of Cape Verde"}, ""},
	{"CRI", named("Costa Rica"), []string{"Republic of Costa Rica"}, ""},
	// Dissolved into two new members; neither continued its membership.
	{"CSK", []Named{{"Czechoslovakia", "", "1992-12-31"}}, []string{"Czech and Slovak Federal Republic", "Czechoslovak Socialist Republic", "Czech and Slovak Federative Republic"}, ""},
	{"CUB", named("Cuba"), []string{"Republic of Cuba"}, ""},
	{"CYP", named("Cyprus"), []string{"Republic of Cyprus"}, ""},
	{"CZE", []Named{{"Czech Republic", "1993-01-01", "2016-05-16"}, {"Czechia", "2016-05-17", ""}}, nil, ""},
	// Acceded to the Federal Republic of Germany: its membership ended.
	{"DDR", []Named{{"German Democratic Republic", "1973-09-18", "1990-10-02"}}, []string{"GDR", "East Germany"}, ""},
	{"DEU", named("Federal Republic of Germany", "1990-10-03", "Germany"), []string{"FRG", "West Germany"}, ""},
	{"DJI", named("Djibouti"), []string{"Republic of Djibouti", "AFI"}, ""},
	{"DMA", named("Dominica"), []string{"Commonwealth of Dominica"}, ""},
	{"DNK", named("Denmark"), []string{"Kingdom of Denmark"}, ""},
	{"DOM", named("Dominican Republic"), nil, ""},
	{"DZA", named("Algeria"), []string{"People's Democratic Republic of Algeria"}, ""},
	{"ECU", named("Ecuador"), []string{"Republic of Ecuador"}, ""},
	// Egypt's membership went on as the United Arab Republic, with Syria until
	// 1961, and under that name for ten years after.
	{"EGY", named("Egypt", "1958-02-22", "United Arab Republic", "1971-09-02", "Egypt"), []string{"Arab Republic of Egypt", "UAR", "Kingdom of Egypt"}, ""},
	{"ERI", named("Eritrea"), []string{"State of Eritrea"}, ""},
	{"ESP", named("Spain"), []string{"Kingdom of Spain"}, ""},
	{"EST", named("Estonia"), []string{"Republic of Estonia"}, ""},
	{"ETH", named("Ethiopia"), []string{"Federal Democratic Republic of Ethiopia"}, ""},
	{"FIN", named("Finland"), []string{"Republic of Finland"}, ""},
	{"FJI", named("Fiji"), []string{"Republic of Fiji"}, ""},
	{"FRA", named("France"), []string{"French Republic"}, ""},
	{"FSM", named("Micronesia (Federated States of)"), []string{"Federated States of Micronesia", "Micronesia"}, ""},
	{"GAB", named("Gabon"), []string{"Gabonese Republic"}, ""},
	{"GBR", named("United Kingdom"), []string{"United Kingdom of Great Britain and Northern Ireland", "UK", "Great Britain", "Britain"}, ""},
	{"GEO", named("Georgia"), []string{"Republic of Georgia"}, ""},
	{"GHA", named("Ghana"), []string{"Republic of Ghana"}, ""},
	{"GIN", named("Guinea"), []string{"Republic of Guinea"}, ""},
	{"GMB", named("Gambia"), []string{"Republic of the Gambia"}, ""},
	{"GNB", named("Guinea-Bissau"), []string{"Republic of Guinea-Bissau"}, ""},
	{"GNQ", named("Equatorial Guinea"), []string{"Republic of Equatorial Guinea"}, ""},
	{"GRC", named("Greece"), []string{"Hellenic Republic", "Kingdom of Greece"}, ""},
	{"GRD", named("Grenada"), nil, ""},
	{"GTM", named("Guatemala"), []string{"Republic of Guatemala"}, ""},
	{"GUY", named("Guyana"), []string{"Co-operative Republic of Guyana", "Cooperative Republic of Guyana"}, ""},
	{"HND", named("Honduras"), []string{"Republic of Honduras"}, ""},
	{"HRV", named("Croatia"), []string{"Republic of Croatia"}, ""},
	{"HTI", named("Haiti"), []string{"Republic of Haiti"}, ""},
	{"HUN", named("Hungary"), []string{"Republic of Hungary", "Hungarian People's Republic"}, ""},
	{"IDN", named("Indonesia"), []string{"Republic of Indonesia"}, ""},
	{"IND", named("India"), []string{"Republic of India"}, ""},
	{"IRL", named("Ireland"), []string{"Republic of Ireland"}, ""},
	{"IRN", named("Iran", "1982-11-04", "Iran (Islamic Republic of)"), []string{"Islamic Republic of Iran"}, ""},
	{"IRQ", named("Iraq"), []string{"Republic of Iraq"}, ""},
	{"ISL", named("Iceland"), []string{"Republic of Iceland"}, ""},
	{"ISR", named("Israel"), []string{"State of Israel"}, ""},
	{"ITA", named("Italy"), []string{"Italian Republic", "Republic of Italy"}, ""},
	{"JAM", named("Jamaica"), nil, ""},
	{"JOR", named("Jordan"), []string{"Hashemite Kingdom of Jordan", "Transjordan"}, ""},
	{"JPN", named("Japan"), nil, ""},
	{"KAZ", named("Kazakhstan"), []string{"Republic of Kazakhstan", "Kazakstan"}, ""},
	{"KEN", named("Kenya"), []string{"Republic of Kenya"}, ""},
	{"KGZ", named("Kyrgyzstan"), []string{"Kyrgyz Republic"}, ""},
	{"KHM", named("Cambodia", "1970-12-28", "Khmer Republic", "1975-04-30", "Cambodia", "1976-04-06", "Democratic Kampuchea", "1990-02-03", "Cambodia"),
		[]string{"Kingdom of Cambodia", "Kampuchea"}, ""},
	{"KIR", named("Kiribati"), []string{"Republic of Kiribati", "GEL"}, ""},
	{"KNA", named("Saint Christopher and Nevis", "1986-12-28", "Saint Kitts and Nevis"), nil, ""},
	{"KOR", named("Republic of Korea"), []string{"South Korea", "ROK"}, ""},
	{"KWT", named("Kuwait"), []string{"State of Kuwait"}, ""},
	{"LAO", named("Laos", "1975-12-22", "Lao People's Democratic Republic"), []string{"Lao PDR"}, ""},
	{"LBN", named("Lebanon"), []string{"Lebanese Republic"}, ""},
	{"LBR", named("Liberia"), []string{"Republic of Liberia"}, ""},
	{"LBY", named("Libya", "1971-01-06", "Libyan Arab Republic", "1977-04-18", "Libyan Arab Jamahiriya", "2011-09-16", "Libya"),
		[]string{"State of Libya", "Socialist People's Libyan Arab Jamahiriya"}, ""},
	{"LCA", named("Saint Lucia"), nil, ""},
	{"LIE", named("Liechtenstein"), []string{"Principality of Liechtenstein"}, ""},
	{"LKA", named("Ceylon", "1972-08-29", "Sri Lanka"), []string{"Democratic Socialist Republic of Sri Lanka"}, ""},
	{"LSO", named("Lesotho"), []string{"Kingdom of Lesotho"}, ""},
	{"LTU", named("Lithuania"), []string{"Republic of Lithuania"}, ""},
	{"LUX", named("Luxembourg"), []string{"Grand Duchy of Luxembourg"}, ""},
	{"LVA", named("Latvia"), []string{"Republic of Latvia"}, ""},
}
