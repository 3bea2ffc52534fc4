# Staff pages.
page-title = { $title } · staff · { $utility }
brand = { $utility }, staff
nav = Staff pages
requests = Service requests
sign-in = Staff sign-in
search = Search
search-label = Name, address, account or meter number
find = Find an account
search-lead = Search by name, address, account number or meter number. Press / to get to the search box, j and k to move through a list.
results = Accounts found
found = { $n ->
    [one] 1 account
   *[other] { $n } accounts
}
first-found = The first 50 accounts. Type more to narrow it down.
nothing-found = No account matches “{ $text }”.
account = Account
account-title = { $name }, account { $number }
name = Name
address = Address
meter = Meter
meters = Meters
service = Service
closed = Closed { $day }
recent = Your last viewings
pages = { $n ->
    [one] 1 page
   *[other] { $n } pages
}
people = People
holder = Holder
guest = Guest
signs-in = Signs in
no-sign-in = No sign-in yet
bill = Bill
issued = Issued
due = Due
charges = Charges
owes = { $amount } owed
in-credit = { $amount } in credit
viewings = Viewings
view-as = See it as the resident does
view-as-lead = Read-only, for at most 30 minutes, 5 without a click. The resident sees that you looked, when and why.
reason = Reason
note = Note
note-hint = Case number, how you checked who is calling. Needed for another reason.
open = View as this resident (new tab)
opening = Opening the resident’s pages
opening-lead = You are being taken to the resident’s pages.
opening-button = Go on
ended = The viewing has ended
ended-lead = You left, it was stopped, or its time was over. The resident’s pages are closed.
back = Find another account
paper = On paper
duplicate = Duplicate
duplicate-of = Duplicate of bill { $bill }, as PDF
printed = Printed { $day }, batch { $batch }
