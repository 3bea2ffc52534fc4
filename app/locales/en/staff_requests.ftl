# Service requests, for staff.
title = Service requests
narrow = Whose turn it is
open = Waiting for us ({ $count })
answered = Answered ({ $count })
closed = Closed ({ $count })
all = All
kind = About
any-kind = Anything
show = Show
none = Nothing here. What residents ask appears in this list, the longest waiting first.
number = Number
about = About
account = Account
waits = Last change
status = Status
hours = { $n ->
    [0] less than an hour ago
    [one] 1 hour ago
   *[other] { $n } hours ago
}
days = { $n ->
    [one] 1 day ago
   *[other] { $n } days ago
}
request-title = { $kind }, { $number }
asked-by = Asked by { $name }
of-account = Account { $account }, { $holder }
answer = Your answer
answer-hint = The resident gets a mail with a link to it. They see your given name and the first letter of your family name.
send = Send answer
close = Close the request
