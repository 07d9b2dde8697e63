import email.policy
from email.message import EmailMessage

# Python encodes a long header to fold it, and no mail program finds a link in that.
POLICY = email.policy.SMTP.clone(max_line_length=998)


def newsletter(address: str, link: str, text: str) -> EmailMessage:
    """Give one reader's message; `address` and `link` are a row of the CSV export."""
    message = EmailMessage(policy=POLICY)
    message["From"] = "Example Events <news@example.com>"
    message["To"] = address
    message["Subject"] = "What is on in May"
    message["List-Unsubscribe"] = f"<{link}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(f"{text}\n\nUnsubscribe: {link}\n")
    return message
