# Mails about signing in. Links stand alone on their lines.
claim-subject = Confirm your account at { $utility }
claim-body = Hello,

    Someone, we hope it was you, asked to see account { $number } online. Open this link within 24 hours to choose a password:

    { $address }

    If it was not you, do nothing: without the link nothing happens. Questions? Call { $phone }.

    { $utility }
claimed-subject = Someone asked for access to your account at { $utility }
claimed-body = Hello,

    Someone asked for a sign-in to account { $number }, which you sign in to already. Nothing was changed, and they were told nothing.

    If it was you and you forgot your password, set a new one here:

    { $recover }

    If it was not you, you need not do anything. Questions? Call { $phone }.

    { $utility }
recover-subject = Set a new password for { $utility }
recover-body = Hello { $name },

    Open this link within 30 minutes to set a new password:

    { $address }

    If you did not ask for it, do nothing: your password stays as it is. Questions? Call { $phone }.

    { $utility }
password-changed-subject = Your password for { $utility } was changed
password-changed-body = Hello { $name },

    Your password was changed just now, and every other device was signed out. If it was not you, call { $phone } at once.

    { $utility }
new-email-subject = Confirm your new e-mail address for { $utility }
new-email-body = Hello { $name },

    Open this link within 24 hours to use this address from now on:

    { $address }

    If you did not ask for it, do nothing. Questions? Call { $phone }.

    { $utility }
old-email-subject = Your e-mail address for { $utility } is being changed
old-email-body = Hello { $name },

    Someone signed in as you asked us to use { $new } instead of this address. It happens once they open the link that we sent there. If it was not you, call { $phone } at once.

    { $utility }
