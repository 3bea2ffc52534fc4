# The frame of view-as.
label = You are viewing as a resident
who = { $staff } is viewing as { $resident }.
why = { $reason }. Read-only; ends by itself in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}.
leave = Leave
