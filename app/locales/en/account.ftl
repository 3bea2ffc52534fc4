# Settings, and who viewed the account.
settings-title = Contact, sign-in and mail
saved = Saved.
mail-sent = We sent a link to the new address. Nothing changes until you open it.
contact = Contact
name = Name
email = E-mail address
phone = Telephone
none = None
change-phone = Change telephone number
phone-hint = Such as 650-555-0123. Leave empty to remove it.
save-phone = Save number
change-email = Change e-mail address
new-email = New e-mail address
new-email-hint = We send a link there, and a note to the old address.
send-link = Send link
current-password = Current password
paper = Paper bills
paperless-on = Bills come by e-mail only.
paperless-off = Bills come by mail to { $address }, and by e-mail.
want-paper = Send paper bills too
want-paperless = Stop paper bills
password = Password
change-password = Change password
sessions = Where you are signed in
this-device = This device
browser-on = { $browser } on { $system }
unknown-device = Unknown device
signed-in-since = Signed in since { $day }, { $time }
end-session = Sign out
end-session-on = Sign out { $device }
end-others = Sign out everywhere else
activity-title = Who viewed my account
activity-lead = When you call us, an employee can look at your pages to help. They cannot change anything, and every look is listed here.
activity-empty = Nobody has viewed your account.
employee = Customer service
employee-named = { $name }, customer service
looking-now = Looking now
viewed-at = { $day }, { $time },
viewed-for = { $pages ->
    [one] 1 page
   *[other] { $pages } pages
} in { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}.
stop = Stop this viewing
