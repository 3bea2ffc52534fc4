# When something is used: the page behind “Patterns” on the usage page.
title = When you use { $service }
back = Usage
nothing = No readings yet. Patterns show after the first days.
nothing-range = There are no readings for these days.

# Hours by days.
hours-title = By day and hour
hours-sentence = You use most between { $from } and { $to }, least between { $least-from } and { $least-to }.
hours-even = You use about the same at all hours.
hours-unknown = Not enough hours are known to say when you use most.
hours-note-day = Each column is a day, midnight at the top.
hours-note-week = Each column is a week, midnight at the top: the mean of its days.
hours-table = Each hour as a number
table-day = Day
table-week = Week from
key-under = under { $amount }
key-over = { $amount } or more
key-between = { $from } – { $to }
key-none = No readings

# Weekdays.
week-title = A usual week
week-more = On a day of the weekend you use { $percent } % more than on a weekday.
week-less = On a day of the weekend you use { $percent } % less than on a weekday.
week-same = Weekends and weekdays are about the same.
week-unknown = These days hold no whole weekend to compare with weekdays.
week-note = The mean of each hour on each day of the week.
week-table = The mean hours of each weekday as numbers
table-weekday = Weekday
monday = Mon
tuesday = Tue
wednesday = Wed
thursday = Thu
friday = Fri
saturday = Sat
sunday = Sun

# Running total.
total-title = Running total
total-sentence = After { $n ->
    [one] one day
   *[other] { $n } days
} you have used { $amount }.
total-before-more = That is { $percent } % more than on as many days from { $range }.
total-before-less = That is { $percent } % less than on as many days from { $range }.
total-before-same = That is about the same as on as many days from { $range }.
total-year-more = A year earlier it was less: you use { $percent } % more now.
total-year-less = A year earlier it was more: you use { $percent } % less now.
total-year-same = A year earlier it was about the same.
total-note = Each line adds up day after day. A line ends where readings end.
total-table = The running totals as numbers
key-this = { $range }
key-before = Before: { $range }
key-year = A year earlier: { $range }

# Weather.
weather-title = With the weather
weather-sentence = On the coldest days you used { $cold } a day, on the warmest { $warm }.
weather-note = The bars are what you used each day, the line is the mean temperature outside.
weather-table = Use and temperature by day
table-temperature = Mean outside
degrees = { $degrees } °F
key-used = Used
key-temperature = Temperature outside

# Load.
load-title = How much at once
load-peak = The most at once was { $power }, on { $day } at { $time }.
load-base = Nine tenths of the time it is { $power } or more. What runs day and night like that comes to about { $amount } in 30 days.
load-note = From the highest quarter-hour on the left to the lowest on the right: how much of the time the load is at least so high.
load-note-hour = From the highest hour on the left to the lowest on the right: how much of the time the load is at least so high.
load-table = The load by share of the time
load-axis = kW
table-share = Share of the time
table-load = At least
percent = { $percent } %
peaks-title = The highest on different days
peak-line = { $day }, { $time }: { $power }

# Nights.
nights-title = Nights
nights-still = Every day the water stood still for an hour or more. Nothing points to a leak.
nights-flow = { $n ->
    [one] On one day water ran in every hour of the day and night.
   *[other] On { $n } days water ran in every hour of the day and night.
} That is what a running toilet or a dripping pipe does.
nights-unknown = Not enough hours are known to say whether the water ever stood still.
nights-note = The least that ran in any hour between midnight and 5 am. Nothing at all is a good night.
nights-table = The least of each night
table-least = Least in an hour
