# The usage page: sentences, chart, table, controls, download.

# What a chart is about.
chart-title = { $service }, { $range }
chart-title-dollars = Cost of { $service }, { $range }
service-electricity = electricity
service-gas = gas
service-water = water

# One sentence first.
used = You used { $amount }.
used-so-far = You used { $amount } so far.
used-less = { $days ->
    [one] You used { $amount }, { $percent } % less than the same day last year.
   *[other] You used { $amount }, { $percent } % less than the same days last year.
}
used-more = { $days ->
    [one] You used { $amount }, { $percent } % more than the same day last year.
   *[other] You used { $amount }, { $percent } % more than the same days last year.
}
used-same = { $days ->
    [one] You used { $amount }, about the same as the same day last year.
   *[other] You used { $amount }, about the same as the same days last year.
}
used-so-far-less = { $days ->
    [one] You used { $amount } so far, { $percent } % less than the same day last year.
   *[other] You used { $amount } so far, { $percent } % less than the same days last year.
}
used-so-far-more = { $days ->
    [one] You used { $amount } so far, { $percent } % more than the same day last year.
   *[other] You used { $amount } so far, { $percent } % more than the same days last year.
}
used-so-far-same = { $days ->
    [one] You used { $amount } so far, about the same as the same day last year.
   *[other] You used { $amount } so far, about the same as the same days last year.
}
used-and-sent = You took { $amount } from the grid and sent { $received } back.
used-and-sent-so-far = You took { $amount } from the grid so far and sent { $received } back.
cost = { $service } cost you { $cost }.
cost-so-far = { $service } cost you { $cost } so far.
cost-parts = That is { $energy } for what you used and { $fixed } in fixed charges, tax included.
cost-some-unknown = The cost of some of it is not known yet.
cost-unknown = The cost of this is not known yet.
most = The most was { $when }: { $amount }.
# "The most was …": by kind of bar.
most-day = on { $day }
most-time = at { $time }
most-month = in { $month }
most-bill = in the bill of { $range }
weather-between = Outside it was { $least } to { $most } on average.
nothing = There are no readings for these days.
missing-intervals = { $n ->
    [one] One reading is missing and not counted as zero.
   *[other] { $n } readings are missing and not counted as zero.
}

# In the chart.
no-data = no readings
axis-per = { $unit } per { $per }
per-15min = quarter-hour
per-hour = hour
per-day = day
per-bill = bill
per-month = month
per-days = { $n } days
per-quarter-hours = { $n } quarter-hours
per-hours = { $n } hours
axis-dollars = $ per { $per }
note-hour = “9 am” means 9 to 10 am.
note-15min = “9 am” marks the quarter-hour from 9:00 to 9:15.
note-bill = Each bar is one bill, named by its last day.
note-month = Each bar is a calendar month. Bills cover other days.
note-day = Each bar is one day, midnight to midnight.
again = { $time } (again)

# The table.
table-caption = Every bar as a number
table-when = When
table-used = Used
table-sent = Sent back
table-cost-energy = Cost of use
table-cost-fixed = Fixed charges
table-how = How we know
table-last-year = A year before
table-weather = Temperature
table-none = –
table-rounded = Costs are rounded so that each column adds up to what was charged in all; one row can be off by a cent.
span-times = { $from } – { $to }
span-day-times = { $day }, { $from } – { $to }
so-far-suffix = { $amount } so far
how-metered = Metered
how-estimated = Estimated
how-some-estimated = { $n } of { $of } readings estimated
how-edited = Corrected
how-some-missing = { $n } of { $of } readings missing
how-missing = No readings
how-not-installed = No meter then
how-questionable = Metered, being checked
how-open = Still going on
how-not-in-yet = Not in yet

# The legend.
key-used = Used
key-sent = Sent back
key-fixed = Fixed charges
key-energy = What you used
key-estimated = Estimated
key-missing = No readings
key-partly = Some readings missing
key-missing-or-partly = No readings, or some missing
key-open = Still going on
key-so-far = Not billed yet
key-last-year = A year before
key-weather = Temperature outside

# Two data sets beside each other.
compare-title = { $first } and { $second }
compare-more = { $first } used { $percent } % more than { $second }.
compare-less = { $first } used { $percent } % less than { $second }.
compare-same = { $first } and { $second } used about the same.
compare-none = There is nothing to compare yet.
strip-day = { $day }: { $amount }
strip-title = The last { $n } days

# The page.
services-label = Service
spans-label = Period
span-day = Day
span-bill = Bill
span-month = Month
span-year = 12 months
previous = Earlier
next = Later
steps-label = In steps of
step-15min = 15 minutes
step-hour = Hours
step-day = Days
step-bill = Bills
step-month = Months
measure-label = What is counted
measure-dollars = Dollars
beside-label = Show beside it
beside-last-year = Last year
beside-weather = Temperature
card-last-year = { $amount } a year before
card-weather = { $degrees } outside
own-range = Choose your own dates
own-from = First day
own-to = Last day
own-show = Show these days
problem-line = “{ $field }”: { $problem }
by-dial-alone = Meter { $meter } sends us no readings: a person reads its dial about once a month. What it counts is on your bill, not in this chart.
gaps-title = What is missing, and why
gaps-line = { $when }: { $why }
gaps-more = { $n ->
    [one] One more gap is in the table.
   *[other] { $n } more gaps are in the table.
}
why-due = The readings are on their way, due by { $day }.
why-not-sent = The meter did not send these readings.
why-looked-into = The meter did not send these readings. We are looking into it.
why-ordered = The meter did not send these readings. Someone will come to look at it.
why-exchange = The meter was being exchanged.
why-no-meter = There was no meter of yours here then.
why-arrived = Some of these readings came late, on { $day }.
marked = Marked: { $what }
marks = Your own marks
marks-add = Mark a day on which something changed
periods = Compare two periods
more-title = Look closer
download-title = Download
download = Download these readings (CSV)
download-green-button = Download these readings (Green Button)
download-everything = Download everything, all services (Green Button)
compare-own = Compare with another home
patterns = See when you use it: hours, weekdays, weather
clamped = Your dates reach beyond our readings, so this shows the part that we have.
problem-title = We could not show those dates
problem-title-words = We could not read all of this address
problem-instead = Here is { $range } instead. We have readings from { $first } to { $last }.
through-time = Readings through { $day }, { $time }.
through-day = Readings through the end of { $day }.
estimated-quarter-hours = { $n ->
    [one] One quarter-hour is estimated.
   *[other] { $n } quarter-hours are estimated.
}
estimated-hours = { $n ->
    [one] One hour is estimated.
   *[other] { $n } hours are estimated.
}
missing-quarter-hours = { $n ->
    [one] One quarter-hour has no reading.
   *[other] { $n } quarter-hours have no reading.
}
missing-hours = { $n ->
    [one] One hour has no reading.
   *[other] { $n } hours have no reading.
}
late = Nothing new has come from this meter since then. We are on it; there is nothing you need to do.
empty-title = No readings yet
empty-body = Your meter sends its readings once a day. Yours will appear here the day after your service starts. If you expected to see some, call { $phone }.
chart-label = Bars of the chart. Move with the arrow keys, open with Enter.
chart-kind = chart
card-cost = { $cost } with fixed charges

# Names in a Green Button file.
feed-title = Usage at { $utility }
feed-used = { $service } used
feed-sent-back = { $service } sent back
feed-net = { $service }, used less sent back
feed-bill = Bill of { $date }
feed-line = { $what } at ${ $dollars } per { $unit }
