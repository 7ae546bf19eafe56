"""Mail domains at which anybody gets an address."""

# Addresses at these tell nothing of where somebody works or studies.
OPEN_TO_ANYBODY = frozenset(
    [
        "126.com",
        "163.com",
        "aol.com",
        "foxmail.com",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "outlook.com",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "sina.com",
        "sohu.com",
        "web.de",
        "yahoo.com",
        "yandex.com",
        "yeah.net",
    ]
)
