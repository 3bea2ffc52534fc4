# The demo's outbox.
title = Outbox
lead = This portal is a demonstration. Mail does not leave it; it is shown here, the newest first.
none = No mail yet. Pay a bill or ask for help, and it appears here.
to = To { $address }
when = { $date }, { $time }
again = Look again
