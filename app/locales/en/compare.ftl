# Own usage files: an old home beside this one.
title = Compare with another home
lead = Do you have readings of an old home, or of an account with another utility? Bring the file along, and see the two homes side by side. Only you and people on your account see it.
yours = Your files
none = Nothing here yet. Most utilities have a “Green Button” or “Download my data” on their usage page.
added = { $file }, added { $date }
new = Add a file
file = Usage file
file-hint = Green Button (XML), CSV, CMEP or NEM12, also gzipped, up to { $megabytes } MB.
label = What shall we call it?
label-hint = Such as “Oak Street” or “Old apartment”.
read = Read the file
full = You have as many files as we keep. Remove one to add another.
view-as-no = Only the resident can add or remove files, on their own device.
removed = The file was removed.
kept = Kept. Here is how it compares.
renamed = The name was changed.

# The preview.
preview-none-title = We cannot use this file
preview-none-lead = We have read { $file }, and there is nothing in it that we can chart. Nothing was kept. Green Button (XML) files say everything that we need.
another-file = Choose another file
preview-title = Is this right?
preview-back = All files
preview-lead = We have read { $file }. Please look at the first reading: that is how one sees whether the clock is right.
first = First reading
first-same-day = { $amount } on { $day }, from { $from } to { $to }
first-day = { $amount } on { $day }, the whole day
first-long = { $amount } from { $first }, { $from } to { $last }, { $to }
first-days = { $amount } from { $first } to { $last }
meter = Meter
meter-unnamed = Not named
period = Days
readings = Readings
readings-of = { $count }, mostly of { $length }
total = In all
oddities = Noticed
odd-repeated = { $n ->
    [one] One reading comes twice; it counts once.
   *[other] { $n } readings come twice; they count once.
}
odd-missing = { $n ->
    [one] One reading is missing in between.
   *[other] { $n } readings are missing in between.
}
odd-estimated = { $n ->
    [one] One reading is an estimate of the other utility.
   *[other] { $n } readings are estimates of the other utility.
}
odd-refused = { $n ->
    [one] There was something in the file that we could not read or that looked odd.
   *[other] There were { $n } things in the file that we could not read or that looked odd.
}
odd-unit = It is counted in “{ $unit }”, which we cannot chart. It is left out.
odd-no-unit = The file does not say what it is counted in, so we cannot chart it.
odd-backwards = { $n ->
    [one] The meter’s reading is lower than the one before it once, by { $amount }. The total is the last reading less the first; the chart leaves that step out.
   *[other] The meter’s reading is lower than the one before it { $n } times, by { $amount } in all. The total is the last reading less the first; the chart leaves those steps out.
}
odd-nothing = It holds no use. It is left out.
keep-this = Keep this
service-which = What is it?
sent-back = sent back to the grid
net = taken less sent back
wrong = The time is not right
wrong-body = Files sometimes count in another zone, or write the time on the wall as if it were world time. Change it and look again.
zone = Where was that home?
times = What do its times mean?
times-utc = World time (UTC), as the standard says
times-local = The time on the wall
look-again = Show it like this
confirm = Yes, keep it
other-file = No, choose another file
length-minutes = { $n } minutes
length-hour = one hour
length-hours = { $n } hours
length-day = one day
length-days = { $n } days

zone-eastern = Eastern time (New York)
zone-central = Central time (Chicago)
zone-mountain = Mountain time (Denver)
zone-arizona = Arizona (Phoenix)
zone-pacific = Pacific time (Los Angeles)
zone-alaska = Alaska (Anchorage)
zone-hawaii = Hawaii (Honolulu)
zone-atlantic = Atlantic time (Halifax)
zone-london = United Kingdom (London)
zone-berlin = Central Europe (Berlin)
zone-brisbane = Queensland, and NEM12 files (Brisbane)
zone-sydney = New South Wales (Sydney)
zone-utc = World time (UTC)

# One data set.
here = This home
siblings = This also came in the file:
side-by-side = Side by side
months-title = An average day, month by month
months-note = Each pair is the same month of the year, here and there, so the years may differ. Incomplete months count by the days that are known.
hours-title = Through an average day
hours-peak = This home uses the most from { $from } to { $here_to }, { $label } from { $there } to { $there_to }.
hours-note = Use in each hour, over the months that both homes know. “9 am” means 9 to 10 am.
nothing-here = This home has no { $service } readings to compare with.
other-units = The two homes count { $service } in units that do not convert, so they cannot stand side by side.
other-direction = This home sends nothing back to the grid, so there is nothing to compare with.
own-title = What { $label } used
table-months = Average day by month
table-hours = Average use by hour
month-of = { $month } { $year }
rename-title = Rename or remove
rename = Save name
remove = Remove this file
remove-note = The file and its readings are deleted at once and for good.
