# Two periods beside each other.
title = Compare two periods
link = Compare two periods
back = Usage
nothing = No readings yet. There is something to compare after the first days.
choose = Which two
choose-label = Pairs that people ask for
first-from = First day
first-to = Last day
second-from = First day
second-to = Last day
first-group = These days
second-group = Compared with
show = Compare these days
problem-line = { $group }, “{ $field }”: { $problem }
problem-instead = The nearest days that we can compare are shown instead. We have readings from { $first } to { $last }.
bill-before = This bill and the one before
bill-year = This bill and the same days last year
month-before = This month and the one before
month-year = This month and the same one last year
year-before = These 12 months and those before
day-before = This day and the one before

# The sentence.
more = You used { $mean } a day from { $first }, { $percent } % more than from { $second }.
less = You used { $mean } a day from { $first }, { $percent } % less than from { $second }.
same = You used { $mean } a day from { $first }, about as much as from { $second }.
only-first = You used { $mean } a day from { $first }. Of the other days too little is known to compare.
unknown = Too little is known of these days to compare them.
weather-colder = It was { $degrees } °F colder on average.
weather-warmer = It was { $degrees } °F warmer on average.
weather-alike = It was about as warm.
weather-asked-more = By how this home follows the weather, that alone makes { $percent } % more.
weather-asked-less = By how this home follows the weather, that alone makes { $percent } % less.
weather-asked-same = By how this home follows the weather, that makes no difference.
own-more = Apart from the weather you used { $percent } % more.
own-less = Apart from the weather you used { $percent } % less.
own-same = Apart from the weather you used about the same.
cost-more = A day cost you { $cost }, { $change } more.
cost-less = A day cost you { $cost }, { $change } less.
cost-same = A day cost you { $cost }, as before.

# Figures.
figures = Side by side
figures-what = What
row-days = Days with all readings
days-of = { $whole } of { $days }
row-total = Used
row-mean = Used a day
row-sent = Sent back
row-cost = Cost, fixed charges and tax included
row-cost-day = Cost a day
row-temperature = Mean temperature outside
none = –

# Charts.
steps-title = Over time
steps-note-days = The first day beside the first, the second beside the second. A day that lacks readings is left out.
steps-note-weeks = Seven days at a time from the first day on: the mean of the days with all readings.
steps-note-months = A month at a time from the first day on: the mean of the days with all readings.
steps-table = Both periods over time
steps-when = Days
total-title = Running total
total-note = Each line adds up day after day. A line ends where its days or readings end.
total-table = The running totals, day by day
total-day = Day
total-sentence = After { $n ->
    [one] one day
   *[other] { $n } days
} you had used { $first }, and { $second } in the other period.
hours-title = The usual day
hours-sentence = You used most between { $from } and { $to }, and between { $from2 } and { $to2 } in the other period.
hours-sentence-same = You used most between { $from } and { $to }, and the same in the other period.
hours-note = The mean of each hour. “9 am” means 9 to 10 am.
hours-table = The mean hours of both
