# The frame of view-as.
label = You are viewing as a resident
who = { $staff } is viewing as { $resident }.
why = { $reason }. Read-only, ends in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}.
leave = Leave
reason-bill-question = A question about a bill
reason-usage-question = A question about usage
reason-payment-help = Help with a payment
reason-portal-help = Help with the portal
reason-other = Another reason
none = Nobody so far.
