"""Campaigns: mail to everybody in a segment, once each, and what became of each.

Import `saving.save` and `control.send`; `jobs` is the work that sends. What is stored is
`campaign.Campaign`, `audience.Shard` and `mails.MailRecord`.
"""
