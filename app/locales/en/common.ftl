# Words used on every page.
days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
skip-to-content = Skip to content
nav-home = Home
nav-usage = Usage
nav-bills = Bills
nav-help = Help
nav-account = Your account
sign-out = Sign out
service-electricity = Electricity
service-gas = Gas
service-water = Water
service-wastewater = Wastewater
service-refuse = Refuse
service-storm = Storm drain
site-description = See your electricity, gas and water use, pay your bill and ask for service at { $utility }.
nav-label = Sections
nav-settings = Contact, sign-in and mail
nav-activity = Who viewed my account
account-number = Account { $number }
switch-to = Switch to { $street }
footer = Questions? Call { $phone }, Monday to Friday, 8 am to 5 pm.
as-table = The numbers as a table
